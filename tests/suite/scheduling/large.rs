//! Large meetings: many exceptions, many people.

use schemas::{ObjectEvent, object::MessageIssued};

use super::{World, calendar, component, event, replaced};

const PEOPLE: usize = 1_000;
const EXCEPTIONS: usize = 500;

fn issued(world: &World) -> Vec<&MessageIssued> {
    let issued = world.happened.iter().filter_map(|(_, event)| match event {
        ObjectEvent::MessageIssued(issued) => Some(issued),
        _ => None,
    });
    issued.collect()
}

#[test]
fn a_thousand_people_get_one_message() {
    let people: Vec<_> = (0..PEOPLE).map(|number| format!("guest{number}")).collect();
    let mut people: Vec<_> = people.iter().map(String::as_str).collect();
    people.push("bob");
    let mut world = World::default();
    world.put("alice", &event("lunch", "DTSTART:20260107T120000Z\nSUMMARY:Lunch\n", &people)).expect("stored");
    let messages = issued(&world);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].recipients.len(), PEOPLE + 1);
    assert_eq!(world.copy("bob", "lunch").matches("ATTENDEE").count(), PEOPLE + 2);
    let status = world.copy("alice", "lunch").matches("SCHEDULE-STATUS=").count();
    assert_eq!(status, PEOPLE + 1, "everybody's outcome is known");
}

/// A daily meeting with exceptions, to each of which carol is invited if `with_carol` says so.
fn exceptions(with_carol: fn(usize) -> bool) -> String {
    let rule = "DTSTART:20260101T120000Z\nDTEND:20260101T130000Z\nRRULE:FREQ=DAILY\nSUMMARY:Lunch\n";
    let mut components = component("lunch", rule, &["bob"]);
    for day in 0..EXCEPTIONS {
        let date = date_after(day);
        let lines =
            format!("RECURRENCE-ID:{date}T120000Z\nDTSTART:{date}T150000Z\nDTEND:{date}T160000Z\nSUMMARY:Day {day}\n");
        let people: &[&str] = if with_carol(day) { &["bob", "carol"] } else { &["bob"] };
        components.push_str(&component("lunch", &lines, people));
    }
    calendar(&components)
}

/// The date so many days after 2026-01-01.
fn date_after(day: usize) -> String {
    let (mut year, mut day) = (2026, day);
    while day >= 365 {
        (year, day) = (year + 1, day - 365);
    }
    let mut month = 1;
    for length in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        (month, day) = (month + 1, day - length);
    }
    format!("{year}{month:02}{:02}", day + 1)
}

#[test]
fn five_hundred_exceptions_reach_whom_they_concern() {
    let mut world = World::default();
    world.put("alice", &exceptions(|day| day % 100 == 0)).expect("stored");
    assert_eq!(world.copy("bob", "lunch").matches("BEGIN:VEVENT").count(), EXCEPTIONS + 1);
    assert_eq!(world.copy("carol", "lunch").matches("BEGIN:VEVENT").count(), EXCEPTIONS / 100);
    assert_eq!(issued(&world).len(), 2, "bob's and carol's");

    let one = replaced(&world.copy("alice", "lunch"), &[("SUMMARY:Day 250\r\n", "SUMMARY:Another\r\n")]);
    world.later().put("alice", &one).expect("stored");
    let messages = issued(&world);
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].ics.matches("BEGIN:VEVENT").count(), 1, "the series stands: one instance is told alone");
    assert!(world.copy("bob", "lunch").contains("SUMMARY:Another"));
}
