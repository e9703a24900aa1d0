//! Tests of the repairs in tables: the sent text, the stored text, and the names of the repairs.

use super::{RepairKind, calendar_object, scheduling_message, utf8};
use crate::{Document, validate};

const NOW: i64 = 1_767_787_200;

/// Returns a calendar object with these components, whose UID is 1.
fn calendar(components: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{components}END:VCALENDAR\n")
}

fn event(lines: &str) -> String {
    calendar(&format!("BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nDTSTART:20260107T120000Z\n{lines}END:VEVENT\n"))
}

/// Returns an event that starts in a time zone.
fn zoned(lines: &str) -> String {
    event(lines).replace("DTSTART:20260107T120000Z", "DTSTART;TZID=Europe/Vienna:20260107T120000")
}

/// Returns a series with an override for each line in `overrides`; the override has that line.
fn series_with(overrides: &[&str]) -> String {
    let one = |line: &&str| {
        format!("BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\n{line}\nDTSTART:20260108T130000Z\nEND:VEVENT\n")
    };
    let overrides = overrides.iter().map(one).collect::<Vec<_>>().concat();
    event("RRULE:FREQ=DAILY;COUNT=9\n").replace("END:VCALENDAR\n", &format!("{overrides}END:VCALENDAR\n"))
}

fn task(lines: &str) -> String {
    calendar(&format!("BEGIN:VTODO\nUID:1\nDTSTAMP:20260101T000000Z\n{lines}END:VTODO\n"))
}

/// Returns the repaired text and the names of the repairs.
fn repaired(text: &str) -> (String, Vec<&'static str>) {
    let repaired = calendar_object(text.to_owned(), NOW).expect("the text is well-formed");
    let words = repaired.repairs.iter().map(|repair| repair.kind.as_str()).collect();
    (repaired.document.into_string(), words)
}

#[test]
fn a_dtstamp_of_zeros_is_replaced() {
    let sent = event("").replace("20260101T000000Z", "00000000T000000Z");
    let stored = event("DTSTAMP:20260107T120000Z\n").replace("DTSTAMP:20260101T000000Z\n", "");
    assert_eq!(repaired(&sent), (stored, vec!["empty-property", "missing-dtstamp"]));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of all repairs")]
fn an_error_with_one_meaning_is_repaired_and_the_result_is_valid() {
    let rows = [
        (
            "no DTSTAMP",
            calendar("BEGIN:VEVENT\nUID:1\nDTSTART:20260107T120000Z\nEND:VEVENT\n"),
            calendar("BEGIN:VEVENT\nUID:1\nDTSTART:20260107T120000Z\nDTSTAMP:20260107T120000Z\nEND:VEVENT\n"),
            "missing-dtstamp",
        ),
        (
            "no DTSTAMP, but LAST-MODIFIED",
            calendar("BEGIN:VEVENT\nUID:1\nDTSTART:20260107T120000Z\nLAST-MODIFIED:20250101T000000Z\nEND:VEVENT\n"),
            calendar(
                "BEGIN:VEVENT\nUID:1\nDTSTART:20260107T120000Z\nLAST-MODIFIED:20250101T000000Z\nDTSTAMP:20250101T000000Z\nEND:VEVENT\n",
            ),
            "missing-dtstamp",
        ),
        (
            "no VERSION",
            event("").replace("VERSION:2.0\n", ""),
            event("").replace("VERSION:2.0\n", "").replace("BEGIN:VCALENDAR\n", "BEGIN:VCALENDAR\nVERSION:2.0\n"),
            "missing-version",
        ),
        (
            "UNTIL in the extended format",
            event("RRULE:FREQ=DAILY;UNTIL=2026-03-12T10:00:00Z\n"),
            event("RRULE:FREQ=DAILY;UNTIL=20260312T100000Z\n"),
            "date-time-format",
        ),
        (
            "UNTIL with an offset",
            event("RRULE:FREQ=DAILY;UNTIL=2026-03-12T10:00:00+01:00\n"),
            event("RRULE:FREQ=DAILY;UNTIL=20260312T090000Z\n"),
            "date-time-format",
        ),
        (
            "an offset makes an instant",
            event("RDATE:2026-03-12T10:00:00+01:00\n"),
            event("RDATE:20260312T090000Z\n"),
            "date-time-format",
        ),
        (
            "a comma at the end",
            event("RRULE:FREQ=DAILY;COUNT=9\nEXDATE:20260108T120000Z,\n"),
            event("RRULE:FREQ=DAILY;COUNT=9\nEXDATE:20260108T120000Z\n"),
            "date-time-format",
        ),
        (
            "midnight as a day",
            event("").replace("DTSTART:20260107T120000Z", "DTSTART;VALUE=DATE:20260107T000000"),
            event("").replace("DTSTART:20260107T120000Z", "DTSTART;VALUE=DATE:20260107"),
            "date-time-format",
        ),
        (
            "an override twice",
            series_with(&["RECURRENCE-ID:20260108T120000Z"; 2]),
            series_with(&["RECURRENCE-ID:20260108T120000Z"]),
            "repeated-override",
        ),
        ("METHOD", event("").replace("VERSION:2.0\n", "VERSION:2.0\nMETHOD:REQUEST\n"), event(""), "method"),
        ("a vertical tab", event("SUMMARY:a\u{b}b\n"), event("SUMMARY:a\\nb\n"), "control-character"),
        (
            "a vertical tab in a parameter",
            event("COMMENT;X-A=a\u{b}b:c\u{c}d\n"),
            event("COMMENT;X-A=a^nb:c\\nd\n"),
            "control-character",
        ),
        ("other control characters", event("SUMMARY:a\u{8}b\u{7f}\u{0}\n"), event("SUMMARY:ab\n"), "control-character"),
        ("a CR twice", event("SUMMARY:a\r\r\n"), event("SUMMARY:a\r\n"), "control-character"),
        ("blank lines at the end", format!("{}\n  \n\t\n", event("")), event(""), "blank-lines-at-end"),
        (
            "two LAST-MODIFIED",
            event("LAST-MODIFIED:20260101T000000Z\nLAST-MODIFIED:20260103T000000Z\nLAST-MODIFIED:20260102T000000Z\n"),
            event("LAST-MODIFIED:20260103T000000Z\n"),
            "repeated-property",
        ),
        (
            "two CREATED",
            event("CREATED:20260103T000000Z\nCREATED:20260101T000000Z\n"),
            event("CREATED:20260101T000000Z\n"),
            "repeated-property",
        ),
        ("two SEQUENCE", event("SEQUENCE:9\nSEQUENCE:10\n"), event("SEQUENCE:10\n"), "repeated-property"),
        (
            "two DTSTAMP",
            event("").replace("DTSTAMP", "DTSTAMP:20251231T000000Z\nDTSTAMP"),
            event(""),
            "repeated-property",
        ),
        (
            "an empty DESCRIPTION beside another",
            event("DESCRIPTION:\nDESCRIPTION:a\n"),
            event("DESCRIPTION:a\n"),
            "repeated-property",
        ),
        (
            "a percentage with decimals",
            task("PERCENT-COMPLETE:100.0\n"),
            task("PERCENT-COMPLETE:100\n"),
            "integer-format",
        ),
        ("a priority with decimals", event("PRIORITY:5.00\n"), event("PRIORITY:5\n"), "integer-format"),
        ("an empty STATUS", event("STATUS:\n"), event(""), "empty-property"),
        ("an empty GEO", event("GEO:\n"), event(""), "empty-property"),
        ("a GEO without coordinates", event("GEO:;\n"), event(""), "empty-property"),
        (
            "an empty TZID",
            event("").replace("DTSTART:20260107T120000Z", "DTSTART;TZID=\"\":20260107T120000"),
            event("").replace("DTSTART:20260107T120000Z", "DTSTART:20260107T120000"),
            "empty-time-zone",
        ),
        ("an empty CREATED", event("CREATED: \n"), event(""), "empty-property"),
        ("an empty DTEND", event("DTEND:\n"), event(""), "empty-property"),
        ("an empty RRULE", event("RRULE:\n"), event(""), "empty-property"),
        ("GEO with a comma", event("GEO:52.5,13.4\n"), event("GEO:52.5;13.4\n"), "geo-format"),
        ("GEO with an escape", event("GEO:52.5\\;13.4\n"), event("GEO:52.5;13.4\n"), "geo-format"),
        ("TRANSP as programs show it", event("TRANSP:FREE\n"), event("TRANSP:TRANSPARENT\n"), "spelling"),
        ("TRANSP in lower case", event("TRANSP:busy\n"), event("TRANSP:OPAQUE\n"), "spelling"),
        ("a negative SEQUENCE", event("SEQUENCE:-1\n"), event("SEQUENCE:0\n"), "integer-format"),
        ("a change at no time", event("LAST-MODIFIED:00000000T000000Z\n"), event(""), "empty-property"),
        (
            "a nickname in quotation marks",
            event("ATTENDEE;CN=\"Ann \"Annie\" Lee\":mailto:a@x\n"),
            event("ATTENDEE;CN=\"Ann ^'Annie^' Lee\":mailto:a@x\n"),
            "misplaced-quote",
        ),
        ("STATUS with one L", event("STATUS:CANCELED\n"), event("STATUS:CANCELLED\n"), "spelling"),
        (
            "a rule with an empty part",
            event("RRULE:FREQ=DAILY;COUNT=3;BYDAY=\n"),
            event("RRULE:FREQ=DAILY;COUNT=3\n"),
            "empty-rule-part",
        ),
        (
            "the extended format",
            event("DTEND:2026-01-07T13:00:00.000Z\n"),
            event("DTEND:20260107T130000Z\n"),
            "date-time-format",
        ),
        (
            "a list in the extended format",
            event("EXDATE:2026-01-08T12:00:00Z,2026-01-09T12:00Z\n"),
            event("EXDATE:20260108T120000Z,20260109T120000Z\n"),
            "date-time-format",
        ),
        (
            "a time without seconds",
            event("DTEND:20260107T1300Z\n"),
            event("DTEND:20260107T130000Z\n"),
            "date-time-format",
        ),
        (
            "a name with a colon",
            event("ATTENDEE;CN=Bob, Jr: the builder:mailto:bob@example.com\n"),
            event("ATTENDEE;CN=\"Bob, Jr: the builder\":mailto:bob@example.com\n"),
            "unquoted-colon",
        ),
        (
            "an address in a parameter",
            event("ATTENDEE;ROLE=CHAIR;SENT-BY=mailto:a@example.com:MAILTO:bob@example.com\n"),
            event("ATTENDEE;ROLE=CHAIR;SENT-BY=\"mailto:a@example.com\":MAILTO:bob@example.com\n"),
            "unquoted-colon",
        ),
        (
            "a list of addresses, and parameters after it",
            event("ATTENDEE;MEMBER=mailto:a@x,mailto:b@x;CN=\"B\";DIR=x:y:urn:uuid:1\n"),
            event("ATTENDEE;MEMBER=\"mailto:a@x\",\"mailto:b@x\";CN=\"B\";DIR=\"x:y\":urn:uuid:1\n"),
            "unquoted-colon",
        ),
        (
            "a zone with a colon",
            zoned("DTEND;TZID=/x:y/Europe/Vienna:20260107T130000\n"),
            zoned("DTEND;TZID=\"/x:y/Europe/Vienna\":20260107T130000\n"),
            "unquoted-colon",
        ),
        (
            "an address in quotation marks",
            event("ATTENDEE:\"mailto:bob@example.com\"\n"),
            event("ATTENDEE:mailto:bob@example.com\n"),
            "address-format",
        ),
        (
            "an address in angle brackets",
            event("ORGANIZER;CN=Bob:<mailto:bob@example.com>\n"),
            event("ORGANIZER;CN=Bob:mailto:bob@example.com\n"),
            "address-format",
        ),
        (
            "an end without the zone of the start",
            zoned("DTEND:20260107T130000\n"),
            zoned("DTEND;TZID=Europe/Vienna:20260107T130000\n"),
            "end-without-zone",
        ),
        (
            "DTEND and the equal DURATION",
            event("DTEND:20260107T130000Z\nDURATION:PT1H\n"),
            event("DTEND:20260107T130000Z\n"),
            "repeated-end",
        ),
        (
            "a start after the due time",
            task("DTSTART:20260108T120000Z\nDUE:20260107T120000Z\n"),
            task("DTSTART:20260107T120000Z\nDUE:20260107T120000Z\nX-DAYBOOK-SENT-DTSTART:20260108T120000Z\n"),
            "start-after-due",
        ),
        (
            "a start date after the due date",
            task("DTSTART;VALUE=DATE:20260108\nDUE;VALUE=DATE:20260107\n"),
            task("DTSTART;VALUE=DATE:20260107\nDUE;VALUE=DATE:20260107\nX-DAYBOOK-SENT-DTSTART;VALUE=DATE:20260108\n"),
            "start-after-due",
        ),
        (
            "a due date beside a start time",
            task("DTSTART;TZID=Europe/Vienna:20260107T120000\nDUE;VALUE=DATE:20260107\n"),
            task(
                "DTSTART;TZID=Europe/Vienna:20260107T120000\nDUE;TZID=Europe/Vienna:20260107T235959\nX-DAYBOOK-SENT-DUE;VALUE=DATE:20260107\n",
            ),
            "mixed-date-and-time",
        ),
        (
            "a due time beside a start date",
            task("DTSTART;VALUE=DATE:20260107\nDUE:20260107T120000Z\n"),
            task("DTSTART:20260107T000000Z\nDUE:20260107T120000Z\nX-DAYBOOK-SENT-DTSTART;VALUE=DATE:20260107\n"),
            "mixed-date-and-time",
        ),
    ];
    for (title, sent, stored, word) in rows {
        assert_eq!(repaired(&sent), (stored.clone(), vec![word]), "{title}");
        let document = Document::parse(stored.as_str()).expect("the text is well-formed");
        validate::calendar_object(&document).unwrap_or_else(|invalid| panic!("{title}: {invalid}"));
        assert_eq!(repaired(&stored), (stored, vec![]), "{title}, once more");
    }
}

#[test]
fn an_offset_of_a_zone_is_repaired() {
    let zone = |offset: &str| {
        calendar(&format!(
            "BEGIN:VTIMEZONE\nTZID:A\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:{offset}\nTZOFFSETTO:+0100\n\
             END:STANDARD\nEND:VTIMEZONE\n"
        ))
    };
    for (sent, stored) in [("+100", "+0100"), ("-01:30", "-0130"), ("0530", "+0530"), ("+05", "+0500")] {
        assert_eq!(repaired(&zone(sent)), (zone(stored), vec!["utc-offset-format"]), "{sent}");
    }
    for valid in ["+0100", "-001500"] {
        assert_eq!(repaired(&zone(valid)), (zone(valid), vec![]), "{valid}");
    }
}

#[test]
fn an_override_loses_the_recurrence_of_its_master() {
    let one = |lines: &str| {
        format!("BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nDTSTART:20260107T120000Z\n{lines}END:VEVENT\n")
    };
    let rule = "RRULE:FREQ=DAILY\n";
    let id = "RECURRENCE-ID:20260107T120000Z\n";
    let sent = calendar(&(one(rule) + &one(&format!("{id}{rule}"))));
    assert_eq!(repaired(&sent), (calendar(&(one(rule) + &one(id))), vec!["repeated-recurrence"]));
    let other = calendar(&(one(rule) + &one(&format!("{id}RRULE:FREQ=WEEKLY\n"))));
    assert_eq!(repaired(&other), (other, vec![]), "another rule stays");
}

/// Returns a series with `lines` after its DTSTART, and an override whose RECURRENCE-ID is `id`
/// unless that is empty.
fn series(start: &str, lines: &str, id: &str) -> String {
    let master = format!("BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nDTSTART{start}\n{lines}\nEND:VEVENT\n");
    let one = format!("BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID{id}\nDTSTART{start}\nEND:VEVENT\n");
    calendar(&if id.is_empty() { master } else { one + &master })
}

#[test]
fn an_instance_is_named_by_the_type_of_its_series() {
    let (vienna, day) = (";TZID=Europe/Vienna:20260316T160000", ";VALUE=DATE:20260316");
    let daily = "RRULE:FREQ=DAILY;COUNT=5";
    let id = |start: &'static str, sent: &'static str, stored: &'static str| {
        (series(start, daily, sent), series(start, daily, stored), sent)
    };
    let list = |start: &'static str, sent: &'static str, stored: &'static str| {
        let with = |list: &str| series(start, &format!("{daily}\n{list}"), "");
        (with(sent), with(stored), sent)
    };
    let rows = [
        id(vienna, ";VALUE=DATE:20260317", ";TZID=Europe/Vienna:20260317T160000"),
        id(vienna, ":20260317", ";TZID=Europe/Vienna:20260317T160000"),
        id(":20260316T160000Z", ";VALUE=DATE:20260317", ":20260317T160000Z"),
        id(":20260316T160000", ";VALUE=DATE;RANGE=THISANDFUTURE:20260317", ";RANGE=THISANDFUTURE:20260317T160000"),
        id(day, ";TZID=Europe/Vienna:20260317T160000", ";VALUE=DATE:20260317"),
        id(day, ":20260317T000000Z", ";VALUE=DATE:20260317"),
        list(
            vienna,
            "EXDATE;VALUE=DATE:20260317,20260318",
            "EXDATE;TZID=Europe/Vienna:20260317T160000,20260318T160000",
        ),
        list(day, "EXDATE:20260317T160000", "EXDATE;VALUE=DATE:20260317"),
        list(vienna, "RDATE;VALUE=DATE:20260401", "RDATE;TZID=Europe/Vienna:20260401T160000"),
        list(day, "RDATE:20260401T000000", "RDATE;VALUE=DATE:20260401"),
    ];
    for (sent, stored, title) in rows {
        assert_eq!(repaired(&sent), (stored.clone(), vec!["instance-type"]), "{title}");
        assert_eq!(repaired(&stored), (stored, vec![]), "{title}, once more");
    }
    let ambiguous = [
        series(vienna, "RRULE:FREQ=DAILY;BYHOUR=9,16;COUNT=5", ";VALUE=DATE:20260317"),
        series(vienna, "RRULE:FREQ=HOURLY;COUNT=50\nEXDATE;VALUE=DATE:20260317", ""),
        series(vienna, &format!("{daily}\nRDATE;TZID=Europe/Vienna:20260317T180000"), ";VALUE=DATE:20260317"),
        series(day, daily, ":20260316T230000Z"),
    ];
    for text in ambiguous {
        assert_eq!(repaired(&text), (text.clone(), vec![]), "it stays");
    }
    let lone = calendar(
        "BEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;VALUE=DATE:20260317\nDTSTART:20260317T120000Z\nEND:VEVENT\n",
    );
    assert_eq!(repaired(&lone), (lone, vec![]), "its series is elsewhere");
}

#[test]
fn what_is_ambiguous_stays_and_is_refused_with_a_place_and_a_reason() {
    let rows = [
        (
            "two summaries",
            event("SUMMARY:a\nSUMMARY:b\n"),
            "line 8, VCALENDAR/VEVENT, SUMMARY: SUMMARY occurs more than once, and the lines differ; keep one (at-most-once)",
        ),
        (
            "an end before the start",
            event("DTEND:20260107T110000Z\n"),
            "line 7, VCALENDAR/VEVENT, DTEND: 20260107T110000Z is before DTSTART, 20260107T120000Z (end-before-start)",
        ),
        (
            "an event that ends on a date",
            event("DTEND;VALUE=DATE:20260108\n"),
            "line 7, VCALENDAR/VEVENT, DTEND: DTEND and DTSTART must both be dates or both be times (end-type)",
        ),
        (
            "another length",
            event("DTEND:20260107T130000Z\nDURATION:PT2H\n"),
            "line 8, VCALENDAR/VEVENT, DURATION: DURATION and DTEND exclude each other; keep one (end-xor-duration)",
        ),
        (
            "an empty RECURRENCE-ID",
            event("RECURRENCE-ID:\n"),
            "line 7, VCALENDAR/VEVENT, RECURRENCE-ID: `` is not a valid date (value-type)",
        ),
        (
            "an end before the start in another zone",
            zoned("DTEND;TZID=Asia/Tokyo:20260107T130000\n"),
            "line 7, VCALENDAR/VEVENT, DTEND: 20260107T130000 in its zone is before DTSTART, 20260107T120000 in its zone (end-before-start)",
        ),
        (
            "half a percent",
            task("PERCENT-COMPLETE:99.5\n"),
            "line 6, VCALENDAR/VTODO, PERCENT-COMPLETE: `99.5` is not an INTEGER (value-type)",
        ),
        (
            "a series of tasks that starts after its due time",
            task("DTSTART:20260108T120000Z\nDUE:20260107T120000Z\nRRULE:FREQ=DAILY\n"),
            "line 7, VCALENDAR/VTODO, DUE: 20260107T120000Z is before DTSTART, 20260108T120000Z (end-before-start)",
        ),
        (
            "an unknown zone",
            event("").replace("DTSTART:20260107T120000Z", "DTSTART;TZID=\"tzone://Microsoft/Custom\":20260107T120000"),
            "line 6, VCALENDAR/VEVENT, DTSTART: the time zone `tzone://Microsoft/Custom` is unknown, and the object has no valid VTIMEZONE for it; send one (known-zone)",
        ),
    ];
    for (title, text, why) in rows {
        let repaired = calendar_object(text.clone(), NOW).expect("the text is well-formed");
        assert_eq!(
            (repaired.document.as_str(), repaired.repairs.as_slice()),
            (text.as_str(), [].as_slice()),
            "{title}"
        );
        let invalid = validate::calendar_object(&repaired.document).expect_err(title);
        assert_eq!(invalid.to_string(), why, "{title}");
    }
    for stays in ["ATTENDEE;CN=a:mailto:a@x:mailto:b@x\n", "ATTENDEE;CN=\"a\":b:mailto:b@x\n", "X-A;B=c:d:mailto:b@x\n"]
    {
        assert_eq!(repaired(&event(stays)), (event(stays), vec![]));
    }
    let lone = event("SUMMARY:a\rb\n");
    assert!(calendar_object(lone, NOW).is_err(), "a CR alone may end a line");
}

#[test]
fn what_is_wrong_after_repairs_is_found_on_the_line_that_was_sent() {
    // The repairs remove METHOD and the empty STATUS, fold a long line differently, and add a
    // DTSTAMP.
    let soft_break = "SUMMARY:one\u{b}two\n ,\n three\n";
    let head = format!("METHOD:REQUEST\nBEGIN:VEVENT\nUID:1\nDTSTART:20260107T120000Z\nSTATUS:\n{soft_break}");
    let rows = [
        (format!("{head}RRULE:FREQ=SOMETIMES\nEND:VEVENT\n"), 11),
        (format!("{head}BEGIN:VALARM\nACTION:DISPLAY\nEND:VALARM\nEND:VEVENT\n"), 11),
        (format!("{head}END:VEVENT\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\nEND:VEVENT\n"), 12),
    ];
    for (components, line) in rows {
        let repaired = calendar_object(calendar(&components), NOW).expect("the text is well-formed");
        assert!(repaired.repairs.len() >= 3, "{:?}", repaired.repairs);
        let error = validate::calendar_object(&repaired.document).expect_err("it is invalid");
        assert_eq!(error.line, line, "{error}\n{components}");
    }
    let error = calendar_object(calendar(&format!("{head}SUMMARY\nEND:VEVENT\n")), NOW).expect_err("not well-formed");
    assert_eq!(error.line, 11, "{error}");
}

#[test]
fn a_message_keeps_its_method_and_is_repaired_alike() {
    let message = event("STATUS:\n").replace("VERSION:2.0\n", "VERSION:2.0\nMETHOD:REQUEST\n");
    let repaired = scheduling_message(message.clone(), NOW).expect("the text is well-formed");
    assert_eq!(repaired.document.as_str(), message.replace("STATUS:\n", ""));
    assert_eq!(repaired.repairs[0].path, "VCALENDAR/VEVENT/STATUS");
    assert!(validate::scheduling_message(&repaired.document).is_ok());
}

#[test]
fn a_fold_inside_a_character_is_reported() {
    let (text, repair) = utf8(b"SUMMARY:\xc3\r\n \xa4".to_vec()).expect("the octets are UTF-8");
    assert_eq!(
        (text.as_str(), repair.map(|repair| repair.kind)),
        ("SUMMARY:ä\r\n ", Some(RepairKind::FoldInsideCharacter))
    );
    assert_eq!(utf8("ä".as_bytes().to_vec()), Ok(("ä".to_owned(), None)));
}

#[test]
fn every_kind_has_a_word_of_its_own_and_a_row_in_the_documentation() {
    let documentation = include_str!("../../../docs/ical.md");
    let words: std::collections::BTreeSet<_> = RepairKind::ALL.map(RepairKind::as_str).into();
    assert_eq!(words.len(), RepairKind::ALL.len());
    for kind in RepairKind::ALL {
        assert!(documentation.contains(&format!("| `{kind}` |")), "{kind}");
    }
}

/// The text has so many values that a search through all properties for each of them would not
/// finish this test.
#[test]
fn the_series_of_thousands_of_values_is_read_once() {
    let dates = "EXDATE:20260108T120000Z\n".repeat(40_000);
    let text = event(&format!("RRULE:FREQ=DAILY\n{dates}EXDATE;VALUE=DATE:20260109\n"));
    let repaired = calendar_object(text, NOW).expect("the text is well-formed");
    assert!(repaired.document.as_str().contains("EXDATE:20260109T"), "the last one has the type of the others");
}
