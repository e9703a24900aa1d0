use super::*;
use crate::query::{Collation, ParamFilter, PropFilter, TextMatch};

/// 2026-01-07T12:00:00Z
const NOON: i64 = 1_767_787_200;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

fn calendar(component: &str) -> Document {
    let text = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{component}END:VCALENDAR\n");
    Document::parse(text).expect("well-formed")
}

fn event(lines: &str) -> Document {
    calendar(&format!("BEGIN:VEVENT\nUID:1\n{lines}END:VEVENT\n"))
}

fn comp(name: &str) -> CompFilter {
    CompFilter {
        name: name.to_owned(),
        is_not_defined: false,
        time_range: None,
        prop_filters: vec![],
        comp_filters: vec![],
    }
}

fn prop(name: &str) -> PropFilter {
    PropFilter {
        name: name.to_owned(),
        is_not_defined: false,
        time_range: None,
        text_match: None,
        param_filters: vec![],
    }
}

fn text(text: &str, collation: Collation, negate: bool) -> TextMatch {
    TextMatch { text: text.to_owned(), collation, negate }
}

fn within(name: &str, start: Option<i64>, end: Option<i64>) -> CompFilter {
    CompFilter { time_range: Some(TimeRange { start, end }), ..comp(name) }
}

fn asks(object: &Document, filter: CompFilter) -> bool {
    let component = CompFilter { comp_filters: vec![filter], ..comp("VCALENDAR") };
    matches(object, &Filter { component }, &Zone::Utc)
}

#[test]
fn a_range_takes_in_what_happens_in_it() {
    let single = "DTSTART:20260107T120000Z\nDTEND:20260107T130000Z\n";
    let weekly = "DTSTART:20200101T120000Z\nDTEND:20200101T130000Z\nRRULE:FREQ=WEEKLY\n";
    let rows = [
        ("during", single, NOON, NOON + HOUR, true),
        ("just before", single, NOON - HOUR, NOON, false),
        ("just behind", single, NOON + HOUR, NOON + 2 * HOUR, false),
        ("overlapping its end", single, NOON + 1, NOON + 2 * HOUR, true),
        ("no duration, at its start", "DTSTART:20260107T120000Z\n", NOON, NOON + 1, true),
        ("no duration, behind", "DTSTART:20260107T120000Z\n", NOON + 1, NOON + 2, false),
        ("a day", "DTSTART;VALUE=DATE:20260107\n", NOON, NOON + HOUR, true),
        ("the day before", "DTSTART;VALUE=DATE:20260106\n", NOON, NOON + HOUR, false),
        ("an old series", weekly, NOON, NOON + HOUR, true),
        ("an old series, between", weekly, NOON + DAY, NOON + 2 * DAY, false),
    ];
    for (title, lines, start, end, expected) in rows {
        assert_eq!(asks(&event(lines), within("VEVENT", Some(start), Some(end))), expected, "{title}");
    }
    assert!(asks(&event(weekly), within("VEVENT", Some(NOON), None)), "open to the future");
    assert!(!asks(&event(single), within("VEVENT", Some(NOON + DAY), None)), "open to the future, past");
    assert!(asks(&event(single), within("VEVENT", None, Some(NOON + DAY))), "open to the past");
}

#[test]
fn an_override_counts_where_it_was_moved_to() {
    let series = "BEGIN:VEVENT\nUID:1\nDTSTART:20260107T120000Z\nDTEND:20260107T130000Z\nRRULE:FREQ=WEEKLY;COUNT=2\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260114T120000Z\nDTSTART:20260115T120000Z\nDTEND:20260115T130000Z\nEND:VEVENT\n";
    let ask =
        |day: i64| asks(&calendar(series), within("VEVENT", Some(NOON + day * DAY), Some(NOON + day * DAY + HOUR)));
    assert_eq!([ask(0), ask(7), ask(8), ask(14)], [true, false, true, false]);
}

/// RFC 4791 §9.9, the table for VTODO, row by row.
#[test]
fn tasks_are_judged_by_what_they_say() {
    let rows = [
        ("start and duration, touching its end", "DTSTART:20260107T110000Z\nDURATION:PT1H\n", true),
        ("start and due, ending as the range begins", "DTSTART:20260107T110000Z\nDUE:20260107T120000Z\n", false),
        ("start and due, over the range", "DTSTART:20260107T110000Z\nDUE:20260107T150000Z\n", true),
        ("start at the beginning", "DTSTART:20260107T120000Z\n", true),
        ("start at the end", "DTSTART:20260107T130000Z\n", false),
        ("due at the beginning", "DUE:20260107T120000Z\n", false),
        ("due at the end", "DUE:20260107T130000Z\n", true),
        ("completed and created around it", "COMPLETED:20260108T120000Z\nCREATED:20260106T120000Z\n", true),
        ("completed before", "COMPLETED:20260106T120000Z\n", false),
        ("created before", "CREATED:20260106T120000Z\n", true),
        ("created behind", "CREATED:20260108T120000Z\n", false),
        ("nothing", "SUMMARY:Some day\n", true),
        ("a rule", "DTSTART:20260101T120000Z\nDUE:20260101T130000Z\nRRULE:FREQ=DAILY\n", true),
    ];
    for (title, lines, expected) in rows {
        let task = calendar(&format!("BEGIN:VTODO\nUID:1\n{lines}END:VTODO\n"));
        assert_eq!(asks(&task, within("VTODO", Some(NOON), Some(NOON + HOUR))), expected, "{title}");
    }
}

#[test]
fn alarms_ring_before_each_instance_and_again() {
    let rows = [
        ("before the start", "TRIGGER:-PT30M\n", true),
        ("at the start", "TRIGGER:PT0S\n", false),
        ("after the end", "TRIGGER;RELATED=END:-PT90M\n", true),
        ("at a time", "TRIGGER;VALUE=DATE-TIME:20260107T114000Z\n", true),
        ("repeated into the range", "TRIGGER:-PT90M\nREPEAT:2\nDURATION:PT30M\n", true),
        ("repeated, not far enough", "TRIGGER:-PT120M\nREPEAT:1\nDURATION:PT30M\n", false),
    ];
    for (title, lines, expected) in rows {
        let alarm = format!("BEGIN:VALARM\nACTION:AUDIO\n{lines}END:VALARM\n");
        let weekly = "DTSTART:20251231T120000Z\nDTEND:20251231T130000Z\nRRULE:FREQ=WEEKLY\n";
        let alarms = within("VALARM", Some(NOON - HOUR), Some(NOON));
        let filter = CompFilter { comp_filters: vec![alarms], ..comp("VEVENT") };
        assert_eq!(asks(&event(&format!("{weekly}{alarm}")), filter), expected, "{title}");
    }
}

#[test]
fn properties_and_parameters_are_matched_by_collation() {
    let object = event(
        "DTSTART:20260107T120000Z\nSUMMARY:Grüße an Anna\nATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org\n\
        ATTENDEE:mailto:eve@example.org\n",
    );
    let with = |filter: PropFilter| asks(&object, CompFilter { prop_filters: vec![filter], ..comp("VEVENT") });
    let summary = |wanted| PropFilter { text_match: Some(wanted), ..prop("SUMMARY") };
    let partstat =
        |wanted| ParamFilter { name: "PARTSTAT".to_owned(), is_not_defined: false, text_match: Some(wanted) };
    let attendee = |filter| PropFilter { param_filters: vec![filter], ..prop("ATTENDEE") };
    let absent = |name: &str| PropFilter { is_not_defined: true, ..prop(name) };
    let no_value_of_role = ParamFilter {
        name: "ROLE".to_owned(),
        is_not_defined: false,
        text_match: Some(text("x", Collation::Octet, true)),
    };
    let accepted = || vec![partstat(text("ACCEPTED", Collation::Octet, false))];
    let named = |name| Some(text(name, Collation::AsciiCasemap, false));
    let both = PropFilter { text_match: named("BOB"), param_filters: accepted(), ..prop("ATTENDEE") };
    let split = PropFilter { text_match: named("EVE"), param_filters: accepted(), ..prop("ATTENDEE") };
    let no_role = ParamFilter { name: "ROLE".to_owned(), is_not_defined: true, text_match: None };
    let rows = [
        ("defined", prop("SUMMARY"), true),
        ("not there", prop("LOCATION"), false),
        ("not defined, and so it is", absent("LOCATION"), true),
        ("not defined, but it is", absent("SUMMARY"), false),
        ("ASCII case", summary(text("ANNA", Collation::AsciiCasemap, false)), true),
        ("ASCII case leaves other letters", summary(text("GRÜSSE", Collation::AsciiCasemap, false)), false),
        ("Unicode case", summary(text("GRÜ", Collation::UnicodeCasemap, false)), true),
        ("Unicode case makes more letters", summary(text("GRÜSSE", Collation::UnicodeCasemap, false)), true),
        ("Unicode, composed otherwise", summary(text("gru\u{308}ße", Collation::UnicodeCasemap, false)), true),
        ("octets", summary(text("anna", Collation::Octet, false)), false),
        ("negated", summary(text("anna", Collation::Octet, true)), true),
        ("a parameter", attendee(partstat(text("accepted", Collation::AsciiCasemap, false))), true),
        ("another value", attendee(partstat(text("declined", Collation::AsciiCasemap, false))), false),
        ("not another value", attendee(partstat(text("declined", Collation::AsciiCasemap, true))), true),
        ("not this value", attendee(partstat(text("accepted", Collation::AsciiCasemap, true))), false),
        ("a parameter that is not there", attendee(no_role), true),
        ("a value no parameter has", attendee(no_value_of_role), false),
        ("text of a parameter and of its property", both, true),
        ("the same of two properties", split, false),
        (
            "a time of a property",
            PropFilter { time_range: Some(TimeRange { start: Some(NOON), end: None }), ..prop("DTSTART") },
            true,
        ),
    ];
    for (title, filter, expected) in rows {
        assert_eq!(with(filter), expected, "{title}");
    }
}

#[test]
fn components_may_be_asked_not_to_be_there() {
    let absent = |name: &str| CompFilter { is_not_defined: true, ..comp(name) };
    let object = event("DTSTART:20260107T120000Z\n");
    assert!(asks(&object, absent("VTODO")));
    assert!(!asks(&object, absent("VEVENT")));
    let without_alarm = CompFilter { comp_filters: vec![absent("VALARM")], ..comp("VEVENT") };
    assert!(asks(&object, without_alarm));
    assert!(!asks(&object, comp("VJOURNAL")));
}

#[test]
fn starts_and_ends_of_every_instance_are_times_of_properties() {
    let weekly = "DTSTART:20251231T120000Z\nDTEND:20251231T130000Z\nRRULE:FREQ=WEEKLY\n";
    let lasting = "DTSTART:20251231T120000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\n";
    let task = "DTSTART:20251231T120000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\n";
    let rows = [
        ("the start of an instance", "VEVENT", weekly, "DTSTART", NOON, true),
        ("not its end", "VEVENT", weekly, "DTSTART", NOON + HOUR, false),
        ("the end of an instance", "VEVENT", weekly, "DTEND", NOON + HOUR, true),
        ("an end by a duration", "VEVENT", lasting, "DTEND", NOON + HOUR, true),
        ("events are not due", "VEVENT", lasting, "DUE", NOON + HOUR, false),
        ("an end nobody says", "VEVENT", "DTSTART:20260107T120000Z\n", "DTEND", NOON, false),
        ("due after a duration", "VTODO", task, "DUE", NOON + HOUR, true),
        ("due without a start", "VTODO", "DUE:20260107T120000Z\n", "DUE", NOON, true),
        ("no start", "VTODO", "DUE:20260107T120000Z\n", "DTSTART", NOON, false),
        ("a stamp", "VEVENT", "DTSTAMP:20260107T120000Z\n", "DTSTAMP", NOON, true),
        ("another stamp", "VEVENT", "DTSTAMP:20260107T115959Z\n", "DTSTAMP", NOON, false),
    ];
    for (title, name, lines, property, at, expected) in rows {
        let object = calendar(&format!("BEGIN:{name}\nUID:1\n{lines}END:{name}\n"));
        let time_range = Some(TimeRange { start: Some(at), end: Some(at + 1) });
        let filter = CompFilter { prop_filters: vec![PropFilter { time_range, ..prop(property) }], ..comp(name) };
        assert_eq!(asks(&object, filter), expected, "{title}");
    }
}

#[test]
fn all_that_is_asked_of_a_component_must_hold_for_the_same_one() {
    let series = calendar(
        "BEGIN:VEVENT\nUID:1\nDTSTART:20260107T120000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:Lunch\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260108T120000Z\nDTSTART:20260108T120000Z\nDURATION:PT1H\n\
        SUMMARY:Brunch\nEND:VEVENT\n",
    );
    let ask = |summary: &str, day: i64| {
        let wanted = PropFilter { text_match: Some(text(summary, Collation::Octet, false)), ..prop("SUMMARY") };
        let times = within("VEVENT", Some(NOON + day * DAY), Some(NOON + day * DAY + HOUR));
        asks(&series, CompFilter { prop_filters: vec![wanted], ..times })
    };
    assert_eq!([ask("Lunch", 0), ask("Lunch", 1), ask("Lunch", 2)], [true, false, true]);
    assert_eq!([ask("Brunch", 0), ask("Brunch", 1), ask("Brunch", 2)], [false, true, false]);
}

#[test]
fn journals_and_published_busy_times_have_their_own_tables() {
    let rows = [
        ("an entry at its time", "VJOURNAL", "DTSTART:20260107T120000Z\n", true),
        ("an entry before", "VJOURNAL", "DTSTART:20260107T115959Z\n", false),
        ("an entry of the day", "VJOURNAL", "DTSTART;VALUE=DATE:20260107\n", true),
        ("an entry of no day", "VJOURNAL", "SUMMARY:x\n", false),
        (
            "busy time that ends as the range begins",
            "VFREEBUSY",
            "DTSTART:20260107T110000Z\nDTEND:20260107T120000Z\n",
            true,
        ),
        ("busy time that begins as it ends", "VFREEBUSY", "DTSTART:20260107T130000Z\nDTEND:20260107T140000Z\n", false),
        ("a period within", "VFREEBUSY", "FREEBUSY:20260106T120000Z/PT1H,20260107T123000Z/PT1H\n", true),
        ("a period that ends as the range begins", "VFREEBUSY", "FREEBUSY:20260107T110000Z/PT1H\n", false),
        ("available for ever", "VAVAILABILITY", "SUMMARY:x\n", true),
        ("available from then on", "VAVAILABILITY", "DTSTART:20260107T125959Z\n", true),
        ("available from later on", "VAVAILABILITY", "DTSTART:20260107T130000Z\n", false),
        ("available until then", "VAVAILABILITY", "DTEND:20260107T120000Z\n", false),
        ("available until later", "VAVAILABILITY", "DTEND:20260107T120001Z\n", true),
        ("available for an hour", "VAVAILABILITY", "DTSTART:20260107T110000Z\nDURATION:PT1H\n", false),
        ("nothing said", "VFREEBUSY", "SUMMARY:x\n", false),
    ];
    for (title, name, lines, expected) in rows {
        let object = calendar(&format!("BEGIN:{name}\nUID:1\n{lines}END:{name}\n"));
        assert_eq!(asks(&object, within(name, Some(NOON), Some(NOON + HOUR))), expected, "{title}");
    }
}

#[test]
fn an_alarm_days_before_rings_at_the_same_time_of_day() {
    // Clocks went forward in between: a day of 23 hours.
    let object =
        event("DTSTART;TZID=Europe/Berlin:20260329T120000\nBEGIN:VALARM\nTRIGGER:-P1D\nACTION:AUDIO\nEND:VALARM\n");
    let noon_before = 1_774_695_600;
    let ask = |at: i64| {
        let alarms = within("VALARM", Some(at), Some(at + 1));
        asks(&object, CompFilter { comp_filters: vec![alarms], ..comp("VEVENT") })
    };
    assert_eq!([ask(noon_before), ask(noon_before - HOUR), ask(noon_before + HOUR)], [true, false, false]);
}

#[test]
fn an_alarm_that_repeats_without_end_costs_no_more() {
    let repeats = "BEGIN:VALARM\nTRIGGER:PT0S\nREPEAT:2147483647\nDURATION:PT1S\nACTION:AUDIO\nEND:VALARM\n";
    let object = event(&format!("DTSTART:20200101T120000Z\n{repeats}"));
    let alarms = within("VALARM", Some(NOON), Some(NOON + 1));
    assert!(asks(&object, CompFilter { comp_filters: vec![alarms], ..comp("VEVENT") }));
}

#[test]
fn what_floats_is_where_the_reader_is() {
    let object = event("DTSTART:20260107T120000\nDURATION:PT1H\n");
    let tokyo = Zone::named("Asia/Tokyo").expect("it is known");
    let noon = within("VEVENT", Some(NOON), Some(NOON + HOUR));
    let filter = Filter { component: CompFilter { comp_filters: vec![noon], ..comp("VCALENDAR") } };
    assert!(matches(&object, &filter, &Zone::Utc));
    assert!(!matches(&object, &filter, &tokyo));
}

#[test]
fn a_filter_for_no_calendar_matches_none() {
    let object = event("DTSTART:20260107T120000Z\n");
    let ask = |component: CompFilter| matches(&object, &Filter { component }, &Zone::Utc);
    assert!(ask(comp("VCALENDAR")));
    assert!(!ask(comp("VCARD")));
    assert!(!ask(CompFilter { is_not_defined: true, ..comp("VCALENDAR") }));
}
