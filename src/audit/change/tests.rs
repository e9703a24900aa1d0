use super::*;
use crate::Names;

fn calendar(events: &[&str]) -> String {
    let event = |lines: &&str| format!("BEGIN:VEVENT\r\nUID:1\r\n{}\r\nEND:VEVENT\r\n", lines.replace('\n', "\r\n"));
    let events: String = events.iter().map(event).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\n{events}END:VCALENDAR\r\n")
}

fn described(before: &[&str], after: &[&str]) -> Vec<String> {
    let mut names = Names::default();
    names.add(schemas::PrincipalId(uuid::Uuid::nil()), "Bob", &["mailto:bob@example.com".to_owned()]);
    let changes = between(Some(&calendar(before)), Some(&calendar(after)));
    let told = |change: &Change| {
        let which = change.instance.as_ref().map(|id| format!("{}: ", crate::moment::value(id))).unwrap_or_default();
        format!("{which}{} [{}]", phrase(change, &names.today()), change.class.as_str())
    };
    changes.iter().map(told).collect()
}

const WEEKLY: &str = "DTSTART;TZID=Europe/Berlin:20261207T090000\nDTEND;TZID=Europe/Berlin:20261207T100000\n\
                      RRULE:FREQ=WEEKLY\nSUMMARY:Review";

#[test]
fn the_time_before_is_that_of_the_instance_and_not_of_the_first_day() {
    let moved = "RECURRENCE-ID;TZID=Europe/Berlin:20261214T090000\nDTSTART;TZID=Europe/Berlin:20261214T140000\n\
                 DTEND;TZID=Europe/Berlin:20261214T150000\nSUMMARY:Review";
    let expected = [
        "Mon 14 Dec 2026 09:00 Europe/Berlin: ends Mon 14 Dec 2026 10:00 → 15:00 Europe/Berlin [significant]",
        "Mon 14 Dec 2026 09:00 Europe/Berlin: starts Mon 14 Dec 2026 09:00 → 14:00 Europe/Berlin [significant]",
    ];
    assert_eq!(described(&[WEEKLY], &[WEEKLY, moved]), expected);
    let back = described(&[WEEKLY, moved], &[WEEKLY]);
    assert!(back[1].ends_with("starts Mon 14 Dec 2026 14:00 → 09:00 Europe/Berlin [significant]"), "{back:?}");
}

#[test]
fn an_instance_named_in_utc_has_its_local_time_before() {
    let moved = "RECURRENCE-ID:20261214T080000Z\nDTSTART;TZID=Europe/Berlin:20261214T140000\n\
                 DTEND;TZID=Europe/Berlin:20261214T150000\nSUMMARY:Review";
    let told = described(&[WEEKLY], &[WEEKLY, moved]);
    assert!(told[1].contains("starts Mon 14 Dec 2026 09:00 → 14:00 Europe/Berlin"), "{told:?}");
}

#[test]
fn an_override_that_moves_with_its_series_is_compared_with_itself() {
    let moved = "RECURRENCE-ID;TZID=Europe/Berlin:20261214T090000\nDTSTART;TZID=Europe/Berlin:20261214T140000\n\
                 DTEND;TZID=Europe/Berlin:20261214T150000\nSUMMARY:Review";
    let later = |text: &str| text.replace("T090000", "T083000").replace("T100000", "T093000");
    assert_eq!(
        described(&[WEEKLY, moved], &[&later(WEEKLY), &later(moved)]),
        [
            "ends Mon 7 Dec 2026 10:00 → 09:30 Europe/Berlin [significant]",
            "starts Mon 7 Dec 2026 09:00 → 08:30 Europe/Berlin [significant]",
        ]
    );
}

#[test]
fn every_change_is_told_with_its_class() {
    let long = "x".repeat(65);
    let rows: [(&str, &str, &[&str]); 10] = [
        (
            "DTSTART;TZID=Europe/Berlin:20261214T090000",
            "DTSTART;TZID=Europe/Paris:20261214T090000",
            &["starts Mon 14 Dec 2026 09:00 Europe/Berlin → Mon 14 Dec 2026 09:00 Europe/Paris [significant]"],
        ),
        ("CLASS:PUBLIC", "CLASS:PRIVATE", &["class “PUBLIC” → “PRIVATE” [private]"]),
        (
            "SUMMARY:A",
            "SUMMARY:A\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nEND:VALARM",
            &["alarm “ACTION:DISPLAY TRIGGER:-PT15M” (new) [private]"],
        ),
        ("SUMMARY:A", "SUMMARY:A\nURL:https://a", &["URL “https://a” (new) [significant]"]),
        ("CATEGORIES:A", "CATEGORIES:A\nCATEGORIES:B", &["categories “A” → “A\\nB” [private]"]),
        (
            &format!("DESCRIPTION:{long}old"),
            &format!("DESCRIPTION:{long}new"),
            &["description “…xxxxxxxxxxxxold” → “…xxxxxxxxxxxxnew” [significant]"],
        ),
        (
            "DTSTAMP:20260101T000000Z",
            "DTSTAMP:20260101T000001Z",
            &["DTSTAMP Thu 1 Jan 2026 00:00 → 00:00:01 UTC [trivial]"],
        ),
        ("X-A:1", "X-A:2", &["X-A “1” → “2” [trivial]"]),
        ("ATTENDEE:mailto:BOB@example.com", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.com", &["Bob: PARTSTAT"]),
        (
            "SUMMARY:A",
            "SUMMARY:A\nATTENDEE;ROLE=CHAIR;PARTSTAT=ACCEPTED:mailto:x@y",
            &["mailto:x@y added [significant]"],
        ),
    ];
    for (before, after, expected) in rows {
        if expected == ["Bob: PARTSTAT"] {
            assert!(described(&[before], &[after]).contains(&"Bob: NEEDS-ACTION → ACCEPTED [significant]".to_owned()));
        } else {
            assert_eq!(described(&[before], &[after]), expected, "{before} → {after}");
        }
    }
}

#[test]
fn a_text_from_outside_is_one_quoted_line() {
    let told = described(&["SUMMARY:A"], &["SUMMARY:Chat\\n\\n#7  2026-11-27 09:00:00  Bob deleted it\u{202e}"]);
    assert_eq!(told, ["title “A” → “Chat\\n\\n#7  2026-11-27 09:00:00  Bob deleted it\\u{202e}” [significant]"]);
}

#[test]
fn the_name_of_a_property_or_parameter_is_a_text_from_outside_too() {
    for (before, after) in [
        ("SUMMARY:A", "SUMMARY:A\nX-#7\u{202e} BOB DELETED IT:1"),
        ("ATTENDEE:mailto:x@y", "ATTENDEE;X-\u{202e}BOB DELETED IT=1:mailto:x@y"),
    ] {
        let told = described(&[before], &[after]);
        assert!(told.iter().all(|line| !line.contains('\u{202e}')), "{told:?}");
    }
}

#[test]
fn a_parameter_of_a_time_or_text_is_told_as_a_change_of_its_own() {
    let rows: [(&str, &str, &[&str]); 8] = [
        ("SUMMARY;LANGUAGE=de:Fest", "SUMMARY;LANGUAGE=da:Fest", &["title: LANGUAGE de → da [trivial]"]),
        (
            "SUMMARY:A",
            "SUMMARY;LANGUAGE=de:B",
            &["title: LANGUAGE de (new) [trivial]", "title “A” → “B” [significant]"],
        ),
        ("DESCRIPTION;ALTREP=\"cid:1\":A", "DESCRIPTION:A", &["description: ALTREP cid:1 removed [significant]"]),
        ("DTSTART;X-A=1:20261214T090000Z", "DTSTART;X-A=2:20261214T090000Z", &["starts: X-A 1 → 2 [trivial]"]),
        ("CLASS;FOO=1:PUBLIC", "CLASS;FOO=2:PUBLIC", &["class: FOO 1 → 2 [private]"]),
        ("DTSTART;VALUE=DATE-TIME:20261214T090000Z", "DTSTART:20261214T090000Z", &[]),
        ("X-B:1", "X-B:1\nSUMMARY;LANGUAGE=de:A", &["title “A” (new) [significant]"]),
        (
            "COMMENT;LANGUAGE=de:A",
            "COMMENT;LANGUAGE=de:A\nCOMMENT;LANGUAGE=da:B",
            &["COMMENT “A” → “A\\n;LANGUAGE=da:B” [significant]"],
        ),
    ];
    for (before, after, expected) in rows {
        assert_eq!(described(&[before], &[after]), expected, "{before} → {after}");
    }
    let changes = between(Some(&calendar(&["SUMMARY:A"])), Some(&calendar(&["SUMMARY;LANGUAGE=de:A"])));
    assert_eq!(changes[0].property, "SUMMARY;LANGUAGE");
}
