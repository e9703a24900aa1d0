//! Tests of calendar queries: their filters, and the data that they request.

use super::*;
use ical::{TimeRange, query::*, time::Window};

fn ask(inner: &str) -> Result<CalendarQuery, RequestError> {
    match report(&body(&format!("<C:calendar-query>{inner}</C:calendar-query>")), &limits())? {
        Report::CalendarQuery(query) => Ok(query),
        other => panic!("{other:?}"),
    }
}

/// Parses `inner` as the content of the filter for `VCALENDAR`.
fn filtered(inner: &str) -> Result<CompFilter, RequestError> {
    let filter = format!("<C:filter><C:comp-filter name='VCALENDAR'>{inner}</C:comp-filter></C:filter>");
    ask(&filter).map(|query| query.filter.component)
}

fn component(name: &str) -> CompFilter {
    CompFilter {
        name: name.into(),
        is_not_defined: false,
        time_range: None,
        prop_filters: Vec::new(),
        comp_filters: Vec::new(),
    }
}

fn property(name: &str) -> PropFilter {
    PropFilter {
        name: name.into(),
        is_not_defined: false,
        time_range: None,
        text_match: None,
        param_filters: Vec::new(),
    }
}

#[test]
fn a_filter_is_read_whole() {
    let inner = "<C:comp-filter name='vevent'><C:time-range start='19700101T000000Z'/>\
        <C:prop-filter name='ATTENDEE'><C:text-match collation='i;octet' negate-condition='yes'> a </C:text-match>\
        <C:param-filter name='PARTSTAT'><C:text-match>X</C:text-match></C:param-filter>\
        <C:param-filter name='CN'><C:is-not-defined/></C:param-filter></C:prop-filter>\
        <C:prop-filter name='DTSTAMP'><C:time-range end='19700101T000001Z'/></C:prop-filter>\
        <C:prop-filter name='RRULE'><C:is-not-defined/></C:prop-filter>\
        <C:comp-filter name='VALARM'><C:is-not-defined/></C:comp-filter></C:comp-filter>";
    let text = |text: &str, collation, negate| {
        Some(TextMatch { text: text.into(), match_type: MatchType::Contains, collation, negate })
    };
    let attendee = PropFilter {
        text_match: text(" a ", Collation::Octet, true),
        param_filters: vec![
            ParamFilter {
                name: "PARTSTAT".into(),
                is_not_defined: false,
                text_match: text("X", Collation::AsciiCasemap, false),
            },
            ParamFilter { name: "CN".into(), is_not_defined: true, text_match: None },
        ],
        ..property("ATTENDEE")
    };
    let event = CompFilter {
        time_range: Some(TimeRange { start: Some(0), end: None }),
        prop_filters: vec![
            attendee,
            PropFilter { time_range: Some(TimeRange { start: None, end: Some(1) }), ..property("DTSTAMP") },
            PropFilter { is_not_defined: true, ..property("RRULE") },
        ],
        comp_filters: vec![CompFilter { is_not_defined: true, ..component("VALARM") }],
        ..component("VEVENT")
    };
    assert_eq!(filtered(inner), Ok(CompFilter { comp_filters: vec![event], ..component("VCALENDAR") }));
}

#[test]
fn a_text_may_be_matched_at_its_ends_too() {
    let none = [("", MatchType::Contains)].into_iter();
    for (name, expected) in none.chain(MatchType::ALL.map(|match_type| (match_type.name(), match_type))) {
        let attribute = if name.is_empty() { String::new() } else { format!("match-type='{name}'") };
        let inner = format!("<C:prop-filter name='X'><C:text-match {attribute}/></C:prop-filter>");
        let filter = filtered(&inner).expect(name);
        let found = filter.prop_filters[0].text_match.as_ref().map(|text| text.match_type);
        assert_eq!(found, Some(expected), "{name}");
    }
}

#[test]
fn collations_have_their_registered_names() {
    for (attribute, expected) in [
        ("", Collation::AsciiCasemap),
        ("collation='default'", Collation::AsciiCasemap),
        ("collation='i;ascii-casemap'", Collation::AsciiCasemap),
        ("collation='i;octet'", Collation::Octet),
        ("collation='i;unicode-casemap'", Collation::UnicodeCasemap),
    ] {
        let inner = format!("<C:prop-filter name='X'><C:text-match {attribute}/></C:prop-filter>");
        let filter = filtered(&inner).expect(attribute);
        let found = filter.prop_filters[0].text_match.as_ref().map(|text| text.collation);
        assert_eq!(found, Some(expected), "{attribute}");
    }
}

#[test]
fn filters_that_mean_nothing_are_refused() {
    use Condition::{SupportedCollation, SupportedFilter, ValidFilter};
    let property = |inner: &str| format!("<C:prop-filter name='DTSTART'>{inner}</C:prop-filter>");
    let range = "<C:time-range start='19700101T000000Z'/>";
    for (inner, condition, why) in [
        ("<C:comp-filter/>".to_owned(), ValidFilter, "needs the attribute `name`"),
        (range.to_owned(), ValidFilter, "a time range cannot be applied to `VCALENDAR`"),
        (format!("<C:comp-filter name='VEVENT'>{range}{range}</C:comp-filter>"), ValidFilter, "only once"),
        (format!("<C:comp-filter name='VTIMEZONE'>{range}</C:comp-filter>"), ValidFilter, "cannot be applied to"),
        (format!("<C:prop-filter name='SUMMARY'>{range}</C:prop-filter>"), ValidFilter, "cannot be applied to"),
        (property(&format!("{range}<C:text-match>x</C:text-match>")), ValidFilter, "cannot contain both"),
        (property(&format!("<C:is-not-defined/>{range}")), ValidFilter, "cannot be combined"),
        (property("<C:text-match negate-condition='maybe'/>"), ValidFilter, "`yes` or `no`"),
        (property("<C:text-match collation='i;x'/>"), SupportedCollation, "does not support this collation"),
        (property("<C:text-match match-type='like'/>"), SupportedFilter, "`match-type` must be"),
        (property("<C:text-match><C:x/></C:text-match>"), SupportedFilter, "`C:x`"),
        (property("<x:y/>"), SupportedFilter, "{urn:x}y"),
        ("<x:y/>".into(), SupportedFilter, "{urn:x}y"),
        (
            format!("{}{}", "<C:comp-filter name='A'>".repeat(4), "</C:comp-filter>".repeat(4)),
            ValidFilter,
            "4 levels deep",
        ),
        ("<C:prop-filter name='X'/>".repeat(200), ValidFilter, "more than 200"),
    ] {
        let error = filtered(&inner).expect_err(&inner);
        assert_eq!((error.condition(), error.status()), (Some(condition), Status::FORBIDDEN), "{inner}: {error}");
        assert!(error.to_string().contains(why), "{inner}: {error}");
    }
    let neither = filtered("<C:comp-filter name='VEVENT'><C:time-range/></C:comp-filter>").expect_err("no range");
    assert_eq!((neither.condition(), neither.status()), (None, Status::BAD_REQUEST), "RFC 4791 §9.9");
    for filter in [
        "<C:filter/>",
        "<C:filter><C:comp-filter name='VEVENT'/></C:filter>",
        "<C:filter><C:comp-filter name='VCALENDAR'/><C:comp-filter name='VCALENDAR'/></C:filter>",
        "<C:filter><C:prop-filter name='VCALENDAR'/></C:filter>",
    ] {
        assert_eq!(ask(filter).expect_err(filter).condition(), Some(ValidFilter), "{filter}");
    }
    assert_eq!(ask("").expect_err("no filter").status(), Status::BAD_REQUEST);
}

#[test]
fn a_query_may_bring_its_zone() {
    let filter = "<C:filter><C:comp-filter name='VCALENDAR'/></C:filter>";
    for (inner, expected) in [
        ("", None),
        ("<C:timezone>BEGIN:VCALENDAR</C:timezone>", Some(QueryZone::Object("BEGIN:VCALENDAR".into()))),
        ("<C:timezone-id> Europe/Berlin </C:timezone-id>", Some(QueryZone::Id("Europe/Berlin".into()))),
    ] {
        let query = ask(&format!("{filter}{inner}")).expect(inner);
        assert_eq!((query.zone, query.wanted), (expected, Wanted::Prop(Props::default())));
    }
    assert!(ask(&format!("{filter}<C:timezone/><C:timezone-id/>")).is_err());
}

/// Parses the calendar data that a multiget requests.
fn data(element: &str) -> Result<CalendarData, RequestError> {
    let xml = format!("<C:calendar-multiget><D:prop>{element}</D:prop><D:href>/a</D:href></C:calendar-multiget>");
    match report(&body(&xml), &limits())? {
        Report::CalendarMultiget(CalendarMultiget { wanted: Wanted::Prop(props), .. }) => {
            assert_eq!(props.names, std::slice::from_ref(&CALENDAR_DATA));
            Ok(props.calendar_data.expect("the data is asked for"))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn parts_of_the_data_are_asked_for() {
    let day = Window { start: 0, end: 86_400 };
    let ends = "start='19700101T000000Z' end='19700102T000000Z'";
    let selected = "<C:calendar-data content-type='text/calendar' version='2.0'><C:comp name='VCALENDAR'><C:allprop/>\
        <C:comp name='VEVENT'><C:prop name='uid'/><C:prop name='SUMMARY' novalue='yes'/><C:allcomp/></C:comp></C:comp>\
        </C:calendar-data>";
    let property = |name: &str, no_value| SelectedProperty { name: name.into(), no_value };
    let selection = Selection {
        component: "VCALENDAR".into(),
        properties: Properties::All,
        components: Components::These(vec![Selection {
            component: "VEVENT".into(),
            properties: Properties::These(vec![property("UID", false), property("SUMMARY", true)]),
            components: Components::All,
        }]),
    };
    for (element, expected) in [
        ("<C:calendar-data/>".to_owned(), CalendarData::default()),
        (selected.to_owned(), CalendarData { selection: Some(selection), ..CalendarData::default() }),
        (
            format!("<C:calendar-data><C:expand {ends}/></C:calendar-data>"),
            CalendarData { recurrence: Some(Recurrence::Expand(day)), ..CalendarData::default() },
        ),
        (
            format!(
                "<C:calendar-data><C:limit-recurrence-set {ends}/><C:limit-freebusy-set {ends}/></C:calendar-data>"
            ),
            CalendarData { selection: None, recurrence: Some(Recurrence::Limit(day)), limit_freebusy_set: Some(day) },
        ),
    ] {
        assert_eq!(data(&element), Ok(expected), "{element}");
    }
}

#[test]
fn data_nobody_can_give_is_refused() {
    use Condition::SupportedCalendarData;
    let ends = "start='19700101T000000Z' end='19700102T000000Z'";
    for (element, condition) in [
        ("<C:calendar-data content-type='application/calendar+json'/>".to_owned(), Some(SupportedCalendarData)),
        ("<C:calendar-data version='1.0'/>".to_owned(), Some(SupportedCalendarData)),
        ("<C:calendar-data><C:expand start='19700101T000000Z'/></C:calendar-data>".to_owned(), None),
        ("<C:calendar-data><C:expand/></C:calendar-data>".to_owned(), None),
        (format!("<C:calendar-data><C:expand {ends}/><C:limit-recurrence-set {ends}/></C:calendar-data>"), None),
        ("<C:calendar-data><C:comp/></C:calendar-data>".to_owned(), None),
        (
            "<C:calendar-data><C:comp name='A'><C:prop name='B' novalue='x'/></C:comp></C:calendar-data>".to_owned(),
            None,
        ),
        (
            format!("<C:calendar-data>{}{}</C:calendar-data>", "<C:comp name='A'>".repeat(5), "</C:comp>".repeat(5)),
            None,
        ),
    ] {
        assert_eq!(data(&element).expect_err(&element).condition(), condition, "{element}");
    }
}
