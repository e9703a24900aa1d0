use super::{ComponentKind, Invalid, ObjectInfo, Precondition, calendar_object, scheduling_message};
use crate::Document;
use crate::text::limits::{MAX_LINE_BYTES, MAX_PARAMS};

fn parsed(text: &str) -> Document {
    Document::parse(text).expect("the text is well-formed")
}

fn calendar(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{lines}\nEND:VCALENDAR\n")
}

/// Returns a calendar with one component that has the properties which every component needs.
fn component(name: &str, lines: &str) -> String {
    calendar(&format!("BEGIN:{name}\nUID:1\nDTSTAMP:20260105T120000Z\n{lines}\nEND:{name}"))
}

/// Returns a calendar with one event, with DTSTART as well.
fn event(lines: &str) -> String {
    component("VEVENT", &format!("DTSTART:20260105T120000Z\n{lines}"))
}

fn alarm(lines: &str) -> String {
    event(&format!("BEGIN:VALARM\n{lines}\nEND:VALARM"))
}

/// Returns a VTIMEZONE with a constant offset.
fn zone(tzid: &str, offset: &str) -> String {
    let observance = format!("DTSTART:19700101T000000\nTZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}");
    format!("BEGIN:VTIMEZONE\nTZID:{tzid}\nBEGIN:STANDARD\n{observance}\nEND:STANDARD\nEND:VTIMEZONE")
}

fn with(zones: &str, tzid: &str) -> String {
    let event = component("VEVENT", &format!("DTSTART;TZID={tzid}:20260105T120000"));
    event.replace("BEGIN:VEVENT", &format!("{zones}\nBEGIN:VEVENT"))
}

fn refusal(text: &str) -> Option<(&'static str, usize, Option<String>)> {
    calendar_object(&parsed(text)).err().map(|invalid| (invalid.rule, invalid.line, invalid.property))
}

#[test]
fn a_valid_object_yields_its_uid_and_component() {
    let override_1 = "BEGIN:VEVENT\nUID:1\nDTSTAMP:20260105T120000Z\nDTSTART:20260106T130000Z\nRECURRENCE-ID:20260106T120000Z\nEND:VEVENT";
    let rows = [
        ("an event", event(""), "VEVENT"),
        ("an all-day event", component("VEVENT", "DTSTART;VALUE=DATE:20260105"), "VEVENT"),
        ("a task without any time", component("VTODO", ""), "VTODO"),
        ("a task with a due time", component("VTODO", "DUE:20260105T120000Z\nRRULE:FREQ=DAILY"), "VTODO"),
        ("a journal", component("VJOURNAL", "DESCRIPTION:a\nDESCRIPTION:b"), "VJOURNAL"),
        ("busy time", component("VFREEBUSY", "FREEBUSY:20260105T120000Z/PT1H"), "VFREEBUSY"),
        (
            "availability",
            component(
                "VAVAILABILITY",
                "BEGIN:AVAILABLE\nUID:2\nDTSTAMP:20260105T120000Z\nDTSTART:20260105T090000Z\nRRULE:FREQ=DAILY\nEND:AVAILABLE",
            ),
            "VAVAILABILITY",
        ),
        ("lower case", event("").to_lowercase(), "VEVENT"),
        ("a zone it brings along", with(&zone("Somewhere", "+0100"), "Somewhere"), "VEVENT"),
        ("a zone twice in the same words", with(&[zone("A", "+0100"), zone("A", "+0100")].join("\n"), "A"), "VEVENT"),
        (
            "a known zone in other words",
            with(&[zone("UTC", "+0100"), zone("UTC", "+0200")].join("\n"), "UTC"),
            "VEVENT",
        ),
        (
            "a place instead of offsets",
            with("BEGIN:VTIMEZONE\nTZID:A\nX-LIC-LOCATION:Europe/Rome\nEND:VTIMEZONE", "A"),
            "VEVENT",
        ),
        ("a known zone", component("VEVENT", "DTSTART;TZID=europe/berlin:20260105T120000"), "VEVENT"),
        (
            "a vendor's name for it",
            component("VEVENT", "DTSTART;TZID=/v.org/2026_1/America/Indiana/Knox:20260105T120000"),
            "VEVENT",
        ),
        (
            "a name of Windows",
            component("VEVENT", "DTSTART;TZID=\"W. Europe Standard Time\":20260105T120000"),
            "VEVENT",
        ),
        (
            "an override",
            event("RRULE:FREQ=DAILY").replace("END:VCALENDAR", &format!("{override_1}\nEND:VCALENDAR")),
            "VEVENT",
        ),
        (
            "an override before its master",
            event("RRULE:FREQ=DAILY").replace("BEGIN:VEVENT", &format!("{override_1}\nBEGIN:VEVENT")),
            "VEVENT",
        ),
        ("an override alone", calendar(override_1), "VEVENT"),
        (
            "a component of no standard beside",
            event("").replace("BEGIN:VEVENT", "BEGIN:X-A\nEND:X-A\nBEGIN:VEVENT"),
            "VEVENT",
        ),
    ];
    for (title, text, kind) in rows {
        let summary = ObjectInfo { uid: "1".to_owned(), component: kind.to_owned(), method: None };
        assert_eq!(calendar_object(&parsed(&text)), Ok(summary), "{title}");
    }
}

#[test]
fn every_spelling_of_a_uid_gives_the_same_uid() {
    // The value of UID is a TEXT (RFC 5545 §3.8.4.7).
    for (spelling, uid) in [("team\\,lunch", "team,lunch"), ("team,lunch", "team,lunch"), (" a\\;b ", "a;b")] {
        let document = parsed(&event("").replace("UID:1", &format!("UID:{spelling}")));
        assert_eq!(calendar_object(&document).map(|info| info.uid).as_deref(), Ok(uid), "{spelling}");
        assert_eq!(document.uid().as_deref(), Some(uid), "{spelling}");
    }
}

#[test]
fn unambiguous_errors_of_clients_are_tolerated() {
    let rows = [
        ("DURATION:PT0S beside DTEND", event("DTEND:20260105T130000Z\nDURATION:PT0S")),
        ("an end at the start", event("DTEND:20260105T120000Z")),
        ("an end in another zone, earlier by the clock", event("DTEND;TZID=America/New_York:20260105T080000")),
        ("a date without VALUE", component("VEVENT", "DTSTART:20260105")),
        ("EXDATE as a date", event("RRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20260106")),
        ("periods", event("RDATE;VALUE=PERIOD:20260106T120000Z/PT1H")),
        ("an organizer without address", event("ORGANIZER:\nATTENDEE:mailto:iCloud")),
        ("a description twice alike", event("DESCRIPTION:a\nDESCRIPTION:a")),
        ("a free token", event("ATTENDEE;PARTSTAT=X-MAYBE;ROLE=X-R:mailto:a@x\nCLASS:X-C")),
        ("alarms", alarm("ACTION:AUDIO\nTRIGGER;VALUE=DATE-TIME:20260105T110000Z")),
        ("numbers", event("SEQUENCE:3\nPRIORITY:9\nGEO:37.386013;-122.082932")),
        ("a long line", event(&format!("X-A:{}", "a".repeat(MAX_LINE_BYTES - 4)))),
        ("many parameters", event(&format!("X-A{}:a", ";B=c".repeat(MAX_PARAMS)))),
        ("the year 0, as Google writes it", event("CREATED:00001231T000000Z")),
    ];
    for (title, text) in rows {
        assert_eq!(refusal(&text), None, "{title}");
    }
}

/// Returns a calendar with two events that have these lines.
fn two(first: &str, second: &str) -> String {
    let event = |lines: &str| {
        format!("BEGIN:VEVENT\nDTSTAMP:20260105T120000Z\nDTSTART:20260105T120000Z\n{lines}\nEND:VEVENT\n")
    };
    calendar(&format!("{}{}", event(first), event(second)))
}

/// Checks that objects are refused. A row has a title, the object, the violated rule, the line and
/// the property.
fn refused<const N: usize>(rows: [(&str, String, &'static str, usize, &str); N]) {
    for (title, text, rule, line, property) in rows {
        let property = Some(property.to_owned()).filter(|name| !name.is_empty());
        assert_eq!(refusal(&text), Some((rule, line, property)), "{title}");
    }
}

#[test]
fn an_object_with_unfit_components_is_refused() {
    refused([
        ("no version", event("").replace("VERSION:2.0\n", ""), "required", 1, ""),
        ("METHOD", event("").replace("VERSION:2.0", "VERSION:2.0\nMETHOD:REQUEST"), "no-method", 3, "METHOD"),
        ("nothing in it", calendar("X-A:1"), "no-component", 1, ""),
        ("only a zone", calendar("BEGIN:VTIMEZONE\nTZID:A\nEND:VTIMEZONE"), "no-component", 1, ""),
        (
            "event and task",
            event("").replace("END:VCALENDAR", "BEGIN:VTODO\nEND:VTODO\nEND:VCALENDAR"),
            "one-component-type",
            9,
            "",
        ),
        ("no UID", event("").replace("UID:1\n", ""), "uid", 3, ""),
        ("empty UID", event("").replace("UID:1", "UID: "), "uid", 4, "UID"),
        ("two UIDs", two("UID:1", "UID:2"), "one-uid", 11, "UID"),
        ("two masters", two("UID:1", "UID:1"), "one-master", 8, ""),
        (
            "an instance twice",
            two("UID:1\nRECURRENCE-ID:20260106T120000Z", "UID:1\nRECURRENCE-ID:20260106T120000Z"),
            "one-override",
            13,
            "RECURRENCE-ID",
        ),
        (
            "an instance twice, in two spellings",
            two("UID:1\nRECURRENCE-ID:20260106T120000Z", "UID:1\nRECURRENCE-ID;TZID=Europe/Berlin:20260106T130000"),
            "one-override",
            13,
            "RECURRENCE-ID",
        ),
        ("no DTSTAMP", event("").replace("DTSTAMP:20260105T120000Z\n", ""), "required", 3, ""),
        ("no such zone", component("VEVENT", "DTSTART;TZID=Nowhere:20260105T120000"), "known-zone", 6, "DTSTART"),
        ("a zone that tells nothing", with("BEGIN:VTIMEZONE\nTZID:A\nEND:VTIMEZONE", "A"), "known-zone", 9, "DTSTART"),
        (
            "two zones of one name",
            with(&[zone("A", "+0100"), zone("A", "+0200")].join("\n"), "A"),
            "one-zone",
            12,
            "TZID",
        ),
        (
            "no such vendor's zone",
            component("VEVENT", "DTSTART;TZID=/v/Nowhere:20260105T120000"),
            "known-zone",
            6,
            "DTSTART",
        ),
        ("an alarm without action", alarm("TRIGGER:-PT15M"), "required", 7, ""),
        ("an alarm without trigger", alarm("ACTION:AUDIO"), "required", 7, ""),
        (
            "an alarm in the calendar",
            event("").replace("BEGIN:VEVENT", "BEGIN:VALARM\nEND:VALARM\nBEGIN:VEVENT"),
            "component-place",
            3,
            "",
        ),
        ("an event in an event", event("BEGIN:VEVENT\nEND:VEVENT"), "component-place", 7, ""),
        (
            "a zone without name",
            event("").replace("BEGIN:VEVENT", "BEGIN:VTIMEZONE\nEND:VTIMEZONE\nBEGIN:VEVENT"),
            "required",
            3,
            "",
        ),
    ]);
}

#[test]
fn a_component_whose_times_contradict_each_other_is_refused() {
    refused([
        ("no DTSTART", component("VEVENT", "SUMMARY:a"), "dtstart", 3, ""),
        ("DTEND and DURATION", event("DTEND:20260105T130000Z\nDURATION:PT1H"), "end-xor-duration", 8, "DURATION"),
        (
            "DUE and DURATION",
            component("VTODO", "DTSTART:20260105T120000Z\nDUE:20260105T130000Z\nDURATION:PT1H"),
            "end-xor-duration",
            8,
            "DURATION",
        ),
        ("DURATION from nowhere", component("VTODO", "DURATION:PT1H"), "duration-start", 6, "DURATION"),
        ("a negative DURATION", event("DURATION:-PT1H"), "duration-negative", 7, "DURATION"),
        ("an end before the start", event("DTEND:20260105T115959Z"), "end-before-start", 7, "DTEND"),
        (
            "an end years before, in another zone",
            event("DTEND;TZID=America/New_York:20060105T080000"),
            "end-before-start",
            7,
            "DTEND",
        ),
        (
            "due before the start",
            component("VTODO", "DTSTART:20260105T120000Z\nDUE:20260105T110000Z"),
            "end-before-start",
            7,
            "DUE",
        ),
        ("until a date from a time", event("DTEND;VALUE=DATE:20260106"), "end-type", 7, "DTEND"),
        (
            "until a time from a date",
            component("VTODO", "DTSTART;VALUE=DATE:20260105\nDUE:20260106T120000Z"),
            "end-type",
            7,
            "DUE",
        ),
        ("recurring from nowhere", component("VTODO", "RRULE:FREQ=DAILY"), "recurrence-start", 6, "RRULE"),
        ("dates from nowhere", component("VJOURNAL", "RDATE:20260105T120000Z"), "recurrence-start", 6, "RDATE"),
    ]);
}

#[test]
fn a_value_not_of_its_type_is_refused() {
    refused([
        ("vCalendar 1.0", event("").replace("VERSION:2.0", "VERSION:1.0"), "value-word", 2, "VERSION"),
        ("another calendar scale", event("").replace("VERSION:2.0", "VERSION:2.0\nCALSCALE:CHINESE"), "value-word", 3, "CALSCALE"),
        ("no such day", component("VEVENT", "DTSTART;VALUE=DATE:20260231"), "value-type", 6, "DTSTART"),
        ("no such hour", component("VEVENT", "DTSTART:20260105T240000Z"), "value-type", 6, "DTSTART"),
        ("a time with VALUE=DATE", component("VEVENT", "DTSTART;VALUE=DATE:20260105T120000"), "value-type", 6, "DTSTART"),
        ("a date with VALUE=DATE-TIME", component("VEVENT", "DTSTART;VALUE=DATE-TIME:20260105"), "value-type", 6, "DTSTART"),
        ("two starts", event("DTSTART:20260106T120000Z"), "at-most-once", 7, "DTSTART"),
        ("no DURATION", event("DURATION:1H"), "value-type", 7, "DURATION"),
        ("no rule", event("RRULE:DAILY"), "recurrence-rule", 7, "RRULE"),
        ("a broken list of dates", event("EXDATE:20260105T120000Z,tomorrow"), "value-type", 7, "EXDATE"),
        ("a broken period", event("RDATE;VALUE=PERIOD:20260105T120000Z"), "value-type", 7, "RDATE"),
        ("broken busy time", component("VFREEBUSY", "FREEBUSY:20260105T120000Z"), "value-type", 6, "FREEBUSY"),
        ("a broken trigger", alarm("ACTION:AUDIO\nTRIGGER:soon"), "value-type", 9, "TRIGGER"),
        ("a broken offset", event("").replace("BEGIN:VEVENT", "BEGIN:VTIMEZONE\nTZID:A\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETTO:1h\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT"), "value-type", 7, "TZOFFSETTO"),
        ("a status of tasks", event("STATUS:COMPLETED"), "value-word", 7, "STATUS"),
        ("an unknown transparency", event("TRANSP:FREE"), "value-word", 7, "TRANSP"),
        ("no sequence number", event("SEQUENCE:a"), "value-type", 7, "SEQUENCE"),
        ("a negative sequence number", event("SEQUENCE:-1"), "value-range", 7, "SEQUENCE"),
        ("too much done", component("VTODO", "PERCENT-COMPLETE:101"), "value-range", 6, "PERCENT-COMPLETE"),
        ("priority 10", event("PRIORITY:10"), "value-range", 7, "PRIORITY"),
        ("a place off the globe", event("GEO:91;0"), "value-type", 7, "GEO"),
        ("half a place", event("GEO:48"), "value-type", 7, "GEO"),
        ("too long a line", event(&format!("X-A:{}", "a".repeat(MAX_LINE_BYTES))), "line-length", 7, "X-A"),
        ("too many parameters", event(&format!("X-A{}:a", ";B=c".repeat(MAX_PARAMS + 1))), "params", 7, "X-A"),
        ("two summaries", event("SUMMARY:a\nSUMMARY:b"), "at-most-once", 8, "SUMMARY"),

    ]);
}

#[test]
fn a_recurrence_rule_is_well_formed_or_refused() {
    let good = [
        "FREQ=DAILY",
        "FREQ=DAILY;",
        "freq=weekly;byday=mo,-1fr",
        "FREQ=YEARLY;BYDAY=-53MO;BYMONTH=1,12;WKST=SU",
        "FREQ=DAILY;COUNT=10",
        "FREQ=DAILY;UNTIL=20260105",
        "FREQ=DAILY;UNTIL=20260105T120000Z;INTERVAL=2",
        "FREQ=MONTHLY;BYMONTHDAY=-31,31;BYSETPOS=-1",
        "FREQ=SECONDLY;BYSECOND=60;BYMINUTE=0;BYHOUR=23",
        "FREQ=YEARLY;BYYEARDAY=-366;BYWEEKNO=53",
        "FREQ=DAILY;X-A=1",
        "RSCALE=gregorian;FREQ=YEARLY;SKIP=FORWARD",
    ];
    for rule in good {
        assert_eq!(refusal(&event(&format!("RRULE:{rule}"))), None, "{rule}");
    }
    let bad = [
        "",
        "DAILY",
        "FREQ",
        "FREQ=FORTNIGHTLY",
        "COUNT=1",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY;COUNT=1;UNTIL=20260105",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;UNTIL=tomorrow",
        "FREQ=DAILY;BYDAY=",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;BYDAY=0MO",
        "FREQ=DAILY;BYDAY=54MO",
        "FREQ=DAILY;BYDAY=äM",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYMONTH=-1",
        "FREQ=DAILY;BYMONTHDAY=0",
        "FREQ=DAILY;BYMONTHDAY=32",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;WKST=1",
        "FREQ=DAILY;BYSETPOS=-2147483648",
    ];
    for rule in bad {
        let expected = Some(("recurrence-rule", 7, Some("RRULE".to_owned())));
        assert_eq!(refusal(&event(&format!("RRULE:{rule}"))), expected, "{rule}");
    }
}

#[test]
fn a_rule_of_another_calendar_cannot_be_stored() {
    let hebrew = "RRULE:RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD"; // RFC 7529 §4.3.3
    let refused = calendar_object(&parsed(&event(hebrew))).expect_err("it cannot be expanded");
    assert_eq!((refused.rule, refused.precondition, refused.line), ("rscale", Precondition::SupportedRscale, 7));
    let invitation = event(hebrew).replace("VERSION:2.0", "VERSION:2.0\nMETHOD:REQUEST");
    assert!(scheduling_message(&parsed(&invitation)).is_ok());
}

#[test]
fn a_message_has_a_method_and_need_not_have_a_start_or_a_zone_we_know() {
    let cancel = |lines: &str| component("VEVENT", lines).replace("VERSION:2.0", "VERSION:2.0\nMETHOD:cancel");
    let expected =
        ObjectInfo { uid: "1".to_owned(), component: "VEVENT".to_owned(), method: Some("CANCEL".to_owned()) };
    assert_eq!(scheduling_message(&parsed(&cancel("SEQUENCE:1"))), Ok(expected.clone()));
    assert_eq!(scheduling_message(&parsed(&cancel("DTSTART;TZID=Nowhere:20260105T120000"))), Ok(expected));
    let rule = |text: &str| scheduling_message(&parsed(text)).err().map(|invalid| invalid.rule);
    assert_eq!(rule(&event("")), Some("method"));
    assert_eq!(rule(&cancel("DTSTART:soon")), Some("value-type"));
}

#[test]
fn an_error_names_its_precondition_and_reason() {
    let invalid = |text: &str| -> Invalid { calendar_object(&parsed(text)).expect_err("the object should be refused") };
    let data = invalid(&event("DTEND:20260105T110000Z"));
    assert_eq!(data.precondition, Precondition::ValidCalendarData);
    assert_eq!(
        data.to_string(),
        "line 7, VCALENDAR/VEVENT, DTEND: 20260105T110000Z is before DTSTART, 20260105T120000Z (end-before-start)"
    );
    let resource = invalid(&calendar("X-A:1"));
    assert_eq!(resource.precondition, Precondition::ValidCalendarObjectResource);
    assert_eq!(
        resource.to_string(),
        "line 1, VCALENDAR: the object has no component such as VEVENT or VTODO (no-component)"
    );
}

#[test]
fn component_types_are_known_by_name() {
    for kind in ComponentKind::ALL {
        assert_eq!(ComponentKind::of(&kind.to_string().to_lowercase()), Some(kind));
    }
    assert_eq!(ComponentKind::of("VPOLL"), None);
}
