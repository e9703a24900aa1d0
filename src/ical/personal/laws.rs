//! Property-based tests of personal data, on generated objects of an owner and texts of a sharee.

use super::{Split, shown, split};
use crate::Document;
use proptest::prelude::*;
use std::fmt::Write as _;

const OF_OWNER: &str = "the owner";
const OF_SHAREE: &str = "the sharee";

/// Generates content lines that owner and sharee may both write, followed by an alarm of one of
/// them, `whose`, or none.
fn lines(whose: &'static str) -> impl Strategy<Value = String> {
    let lines = prop::sample::select(vec![
        "SUMMARY:Lunch\r\n",
        "SUMMARY:Dinner\r\n",
        "LOCATION:here\r\n",
        "DTSTAMP:20261101T120000Z\r\n",
        "SEQUENCE:1\r\n",
        "TRANSP:TRANSPARENT\r\n",
        "TRANSP:OPAQUE\r\n",
        "EXDATE:20261107T110000Z\r\n",
        "RDATE;VALUE=PERIOD:20261120T110000Z/PT2H\r\n",
    ]);
    let alarm = format!(
        "X-MOZ-LASTACK;X-OF={whose}:20261105T110000Z\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\n\
         DESCRIPTION:{whose}\r\nEND:VALARM\r\n"
    );
    let alarms = prop::sample::select(vec![String::new(), alarm.clone(), alarm]);
    (prop::collection::vec(lines, 0..4), alarms).prop_map(|(lines, alarms)| lines.concat() + &alarms)
}

/// Generates an event, with or without RRULE, and up to three overrides in the week from its start.
/// Some overrides keep the time of their instance. The personal data is that of `whose`.
fn object(whose: &'static str) -> impl Strategy<Value = Document> {
    let rule = prop::sample::select(vec!["", "RRULE:FREQ=DAILY;COUNT=5\r\n", "RRULE:FREQ=DAILY\r\n"]);
    let one = (prop::sample::select(vec![11_u8, 15]), prop::sample::select(vec!["", "", ";RANGE=THISANDFUTURE"]));
    let overrides = prop::collection::btree_map(5_u8..12, (one, lines(whose)), 0..4);
    (rule, lines(whose), overrides).prop_map(|(rule, master, overrides)| {
        let mut text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261105T110000Z\r\n{rule}{master}END:VEVENT\r\n"
        );
        for (day, ((hour, range), lines)) in overrides {
            let _ = write!(
                text,
                "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID{range}:202611{day:02}T110000Z\r\n\
                 DTSTART:202611{day:02}T{hour}0000Z\r\n{lines}END:VEVENT\r\n"
            );
        }
        Document::parse(text + "END:VCALENDAR\r\n").expect("the text is well-formed")
    })
}

fn parsed(text: String) -> Document {
    Document::parse(text).expect("it is well-formed")
}

proptest! {
    #[test]
    fn neither_sees_what_is_the_others_and_nothing_is_lost(owners in object(OF_OWNER), sent in object(OF_SHAREE)) {
        let Split { own, changed } = split(Some(&owners), &[], &sent).expect("it can be taken apart");
        let stored = changed.map_or_else(|| owners.clone(), parsed);
        prop_assert!(!stored.as_str().contains(OF_SHAREE), "{}", stored.as_str());
        let seen = parsed(shown(&stored, &own));
        prop_assert!(!seen.as_str().contains(OF_OWNER), "{}", seen.as_str());
        prop_assert_eq!(seen.as_str().contains(OF_SHAREE), sent.as_str().contains(OF_SHAREE), "{}", seen.as_str());
        let has_alarm_of_series = |object: &Document| {
            object.root().components_named("VEVENT").next().is_some_and(|master| master.alarms().next().is_some())
        };
        prop_assert_eq!(has_alarm_of_series(&stored), has_alarm_of_series(&owners), "{}", stored.as_str());
    }

    #[test]
    fn what_is_read_and_stored_again_changes_nothing(owners in object(OF_OWNER), sent in object(OF_SHAREE)) {
        let Split { own, changed } = split(Some(&owners), &[], &sent).expect("it can be taken apart");
        let stored = changed.map_or_else(|| owners.clone(), parsed);
        let seen = parsed(shown(&stored, &own));
        let again = split(Some(&stored), &own, &seen).expect("it can be taken apart");
        prop_assert_eq!(&again.changed, &None, "{}", seen.as_str());
        let next = shown(&stored, &again.own);
        prop_assert_eq!(next, seen.as_str());
    }
}
