//! Tests of large meetings, with many overrides or many attendees. They count results, because a
//! scheduling text would be too long to read.

use calendar::Require;
use schemas::{ObjectEvent, object::MessageIssued};
use specimens::{calendar, component};

use super::world::{Happened, World};

const PEOPLE: usize = 1_000;
const EXCEPTIONS: usize = 500;

fn put(world: &mut World, ics: &str) -> Vec<MessageIssued> {
    issued(world.put("alice", None, ics, Require::default()))
}

fn issued(happened: Happened) -> Vec<MessageIssued> {
    let issued = happened.expect("stored").into_iter().filter_map(|(_, event)| match event {
        ObjectEvent::MessageIssued(issued) => Some(issued),
        _ => None,
    });
    issued.collect()
}

fn copy(world: &World, who: &str) -> String {
    let copy = world.object(who, "lunch").and_then(|object| object.resources.first());
    copy.expect("there is a copy").content.ics.clone()
}

/// Returns a component of Alice's meeting with these attendees.
fn meeting(lines: &str, attendees: &[&str]) -> String {
    let organizer = "ORGANIZER:mailto:alice@example.org\nATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.org\n";
    let attendees: String = attendees.iter().map(|name| format!("ATTENDEE:mailto:{name}@example.org\n")).collect();
    component("VEVENT", "lunch", &format!("{lines}{organizer}{attendees}"))
}

#[test]
fn a_thousand_attendees_get_one_message() {
    let attendees: Vec<_> = (0..PEOPLE).map(|number| format!("guest{number}")).collect();
    let mut attendees: Vec<_> = attendees.iter().map(String::as_str).collect();
    attendees.push("bob");
    let mut world = World::default();
    let lunch = calendar(&meeting("DTSTART:20260107T120000Z\nSUMMARY:Lunch\n", &attendees));
    let messages = put(&mut world, &lunch);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].recipients.len(), PEOPLE + 1);
    assert_eq!(copy(&world, "bob").matches("ATTENDEE").count(), PEOPLE + 2);
    let statuses = copy(&world, "alice").matches("SCHEDULE-STATUS=").count();
    assert_eq!(statuses, PEOPLE + 1, "each attendee has a delivery status");
}

/// Returns a daily meeting with an override for each of `EXCEPTIONS` days. Carol is invited only to
/// the days for which `with_carol` returns true.
fn exceptions(with_carol: fn(usize) -> bool) -> String {
    let rule = "DTSTART:20260101T120000Z\nDTEND:20260101T130000Z\nRRULE:FREQ=DAILY\nSUMMARY:Lunch\n";
    let mut components = meeting(rule, &["bob"]);
    for day in 0..EXCEPTIONS {
        let date = date_after(day);
        let lines =
            format!("RECURRENCE-ID:{date}T120000Z\nDTSTART:{date}T150000Z\nDTEND:{date}T160000Z\nSUMMARY:Day {day}\n");
        let attendees: &[&str] = if with_carol(day) { &["bob", "carol"] } else { &["bob"] };
        components.push_str(&meeting(&lines, attendees));
    }
    calendar(&components)
}

/// Returns the date that is `days` days after 2026-01-01, in the form `YYYYMMDD`.
fn date_after(days: usize) -> String {
    let start = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date");
    (start + chrono::Days::new(days as u64)).format("%Y%m%d").to_string()
}

#[test]
fn each_of_five_hundred_exceptions_is_sent_to_its_attendees() {
    let mut world = World::default();
    let messages = put(&mut world, &exceptions(|day| day % 100 == 0));
    assert_eq!(copy(&world, "bob").matches("BEGIN:VEVENT").count(), EXCEPTIONS + 1);
    assert_eq!(copy(&world, "carol").matches("BEGIN:VEVENT").count(), EXCEPTIONS / 100);
    assert_eq!(messages.len(), 2, "bob's and carol's");

    let text = copy(&world, "alice");
    let renamed = text.replace("SUMMARY:Day 250\r\n", "SUMMARY:Another\r\n");
    assert_ne!(renamed, text);
    world.later();
    let messages = put(&mut world, &renamed);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].ics.matches("BEGIN:VEVENT").count(), 1, "the message holds the changed instance alone");
    assert!(copy(&world, "bob").contains("SUMMARY:Another"));
}
