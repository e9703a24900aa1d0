//! Tests of overrides with RANGE=THISANDFUTURE (RFC 5545 §3.2.13).

use super::world::{as_owner, object};
use crate::meeting::Meeting;
use ical::value::DateTime;
use ical::{Address, Document};

#[test]
fn an_override_of_this_and_future_applies_to_all_later_instances() {
    let people = "ORGANIZER:mailto:anna@example.org\nATTENDEE:mailto:bob@example.org";
    let series = format!("DTSTART:20260105T120000Z\nDTEND:20260105T130000Z\nRRULE:FREQ=DAILY;COUNT=5\n{people}");
    let later = format!(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260107T120000Z\nDTSTART:20260107T150000Z\nDTEND:20260107T163000Z\n\
         SUMMARY:Later\n{people}\nATTENDEE:mailto:carl@example.org"
    );
    let text = object(&[&series, &later]);
    let document = Document::parse(text).expect("well-formed");
    let described = |day: &str| {
        as_owner("anna", 0, |context| {
            let meeting = Meeting::of(&document, context);
            let id = DateTime::parse(&format!("202601{day}T120000Z"), None).expect("a time");
            let key = meeting.times.key(&id);
            let carl = Address::parse("mailto:carl@example.org").expect("an address");
            let body = meeting.body(key).expect("an instance");
            let value = |name: &str| body.value(name).unwrap_or_default().to_owned();
            (value("RECURRENCE-ID"), value("DTSTART"), value("DTEND"), meeting.invites(&carl, key))
        })
    };
    let told = |id: &str, start: &str, end: &str, invited: bool| (id.into(), start.into(), end.into(), invited);
    assert_eq!(described("06"), told("20260106T120000Z", "20260106T120000Z", "20260106T130000Z", false));
    assert_eq!(described("07"), told("20260107T120000Z", "20260107T150000Z", "20260107T163000Z", true));
    assert_eq!(described("09"), told("20260109T120000Z", "20260109T150000Z", "20260109T163000Z", true));
}
