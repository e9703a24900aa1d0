//! Property-based tests of validation, on generated objects with valid and invalid lines in any
//! order.

use super::{calendar_object, scheduling_message};
use crate::Document;
use proptest::prelude::*;

fn value() -> impl Strategy<Value = String> {
    let usual = prop::sample::select(vec![
        "20260105",
        "20260105T120000Z",
        "99991231T235959",
        "00000101T000000",
        "PT1H",
        "-P1W",
        "FREQ=DAILY",
        "FREQ=YEARLY;BYDAY=-1SU",
        "20260105T120000Z/PT1H",
        "2.0",
        "GREGORIAN",
        "+0100",
        "mailto:a@x",
        "",
        "5",
        "-5",
        "CONFIRMED",
        "1;2",
        "Europe/Berlin",
        "ä",
        ",",
    ]);
    prop_oneof![usual.prop_map(str::to_owned), "[A-Z0-9;=,/+-]{0,12}"]
}

fn property() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "DUE",
        "DURATION",
        "RECURRENCE-ID",
        "RRULE",
        "RDATE",
        "EXDATE",
        "SEQUENCE",
        "STATUS",
        "TRANSP",
        "GEO",
        "PRIORITY",
        "PERCENT-COMPLETE",
        "FREEBUSY",
        "TZID",
        "TZOFFSETTO",
        "TZOFFSETFROM",
        "ACTION",
        "TRIGGER",
        "VERSION",
        "METHOD",
        "CALSCALE",
        "ATTENDEE",
        "X-A",
    ]);
    let params = prop::sample::select(vec![
        "",
        ";VALUE=DATE",
        ";VALUE=PERIOD",
        ";TZID=Europe/Berlin",
        ";TZID=Nowhere",
        ";TZID=\"/a/b\"",
    ]);
    (name, params, value()).prop_map(|(name, params, value)| format!("{name}{params}:{value}\n"))
}

fn component(name: &'static str) -> impl Strategy<Value = String> {
    let usual = prop::sample::select(vec![
        "",
        "UID:1\nDTSTAMP:20260105T120000Z\n",
        "UID:1\nDTSTAMP:20260105T120000Z\nDTSTART:20260105T120000Z\n",
    ]);
    let alarm = prop::sample::select(vec![
        "",
        "BEGIN:VALARM\nACTION:AUDIO\nTRIGGER:PT0S\nEND:VALARM\n",
        "BEGIN:STANDARD\nEND:STANDARD\n",
    ]);
    (usual, prop::collection::vec(property(), 0..4), alarm)
        .prop_map(move |(usual, lines, alarm)| format!("BEGIN:{name}\n{usual}{}{alarm}END:{name}\n", lines.concat()))
}

fn calendar() -> impl Strategy<Value = String> {
    let any = prop_oneof![
        4 => component("VEVENT"), 1 => component("VTODO"), 1 => component("VTIMEZONE"), 1 => component("VFREEBUSY"), 1 => component("X-A"),
    ];
    let usual = prop::sample::select(vec!["VERSION:2.0\n", "", "VERSION:2.0\nMETHOD:REQUEST\n"]);
    (usual, prop::collection::vec(any, 0..3))
        .prop_map(|(usual, components)| format!("BEGIN:VCALENDAR\n{usual}{}END:VCALENDAR\n", components.concat()))
}

proptest! {
    #[test]
    fn every_object_is_judged_without_panic_and_refused_at_a_line_it_has(text in calendar()) {
        let document = Document::parse(text.as_str()).expect("the text is well-formed");
        for invalid in [calendar_object(&document), scheduling_message(&document)].into_iter().filter_map(Result::err) {
            let line = text.lines().nth(invalid.line - 1).expect("the line is there");
            prop_assert!(invalid.property.is_none_or(|name| line.starts_with(&name)), "{line}");
        }
    }

    #[test]
    fn an_object_is_stored_or_a_message_but_never_both(text in calendar()) {
        let document = Document::parse(text.as_str()).expect("the text is well-formed");
        prop_assert!(calendar_object(&document).is_err() || scheduling_message(&document).is_err());
    }

    #[test]
    fn folding_and_line_ends_change_no_judgement(text in calendar()) {
        let folded = text.replace(':', "\n :").replace('\n', "\r\n");
        let judge = |text: &str| calendar_object(&Document::parse(text).expect("the text is well-formed")).map_err(|invalid| invalid.rule);
        prop_assert_eq!(judge(&text), judge(&folded));
    }
}
