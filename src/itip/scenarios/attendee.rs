//! What an attendee does, and what the organizer hears.

use super::world::{World, object};
use crate::{Condition, ScheduleReply};

const LUNCH: &str = "DTSTART:20260105T120000Z\nDTEND:20260105T130000Z\nSUMMARY:Lunch\nORGANIZER:mailto:anna@example.org\n\
    ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@example.org\nATTENDEE;RSVP=TRUE:mailto:bob@example.org\n\
    ATTENDEE:mailto:carl@example.org";

fn invited() -> World {
    let mut world = World::new();
    world.put("anna", Some(&object(&[LUNCH]))).expect("anna may invite");
    world.log();
    world
}

#[test]
fn removing_the_copy_declines() {
    let mut world = invited();
    world.put("bob", None).expect("bob may remove his copy");
    assert_eq!(world.log()[..2], ["REPLY to anna: answered", "  anna changed quietly, told"]);
    assert_eq!(world.partstats("anna", "bob"), ["DECLINED"]);
}

#[test]
fn removing_the_copy_without_a_reply_tells_nobody() {
    let mut world = invited();
    world.put_with("bob", None, ScheduleReply::Suppress).expect("bob may remove his copy");
    assert_eq!(world.log(), ["REPLY not to mailto:anna@example.org: schedule-reply-false"]);
}

#[test]
fn what_was_declined_is_not_declined_again() {
    let mut world = invited();
    world.answer("bob", "DECLINED").expect("bob may decline");
    world.log();
    world.put("bob", None).expect("bob may remove his copy");
    assert_eq!(world.log(), Vec::<String>::new());
    let renamed = world.copies["anna"].replace("SUMMARY:Lunch", "SUMMARY:Dinner");
    world.put("anna", Some(&renamed)).expect("anna may rename it");
    assert!(!world.copies.contains_key("bob"), "a title does not bring it back");
    let moved = world.copies["anna"].replace("T120000Z", "T110000Z");
    world.put("anna", Some(&moved)).expect("anna may move it");
    assert!(world.copies.contains_key("bob"), "another time does");
}

#[test]
fn what_is_the_attendees_own_is_kept_and_tells_nobody() {
    let mut world = invited();
    let alarm = "TRANSP:TRANSPARENT\r\nX-MINE:1\r\nCATEGORIES:Fun\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT";
    let own = world.copies["bob"].replace("END:VEVENT", alarm);
    world.put("bob", Some(&own)).expect("bob may");
    assert_eq!(world.log(), Vec::<String>::new());
    assert_eq!(world.copies["bob"], own, "to the octet");
    let renamed = world.copies["anna"].replace("SUMMARY:Lunch", "SUMMARY:Dinner");
    world.put("anna", Some(&renamed)).expect("anna may rename it");
    assert!(world.copies["bob"].contains(&alarm[..alarm.len() - 10]), "an update leaves it");
}

#[test]
fn what_is_the_organizers_is_refused_by_name() {
    let rows = [
        ("the start", "DTSTART:20260105T120000Z", "DTSTART:20260105T110000Z", "DTSTART"),
        ("the end", "DTEND:20260105T130000Z", "DTEND:20260105T140000Z", "DTEND"),
        ("the title", "SUMMARY:Lunch", "SUMMARY:Dinner", "SUMMARY"),
        ("the place", "SUMMARY:Lunch", "SUMMARY:Lunch\r\nLOCATION:Here", "LOCATION"),
        ("a rule", "SUMMARY:Lunch", "SUMMARY:Lunch\r\nRRULE:FREQ=DAILY", "RRULE"),
        ("a attendee", "END:VEVENT", "ATTENDEE:mailto:dora@example.org\r\nEND:VEVENT", "ATTENDEE"),
        ("the organizer", "ORGANIZER:mailto:anna", "ORGANIZER:mailto:carl", "ORGANIZER"),
    ];
    for (title, from, to, property) in rows {
        let mut world = invited();
        let changed = world.copies["bob"].replace(from, to);
        assert_ne!(changed, world.copies["bob"], "{title}");
        let refusal = world.put("bob", Some(&changed)).expect_err(title);
        assert_eq!(refusal.condition, Condition::AllowedAttendeeSchedulingObjectChange, "{title}");
        assert_eq!(refusal.property, property, "{title}");
    }
}

#[test]
fn what_a_client_loses_is_put_back() {
    let mut world = invited();
    let known = world.copies["bob"].clone();
    let rows = [
        "SUMMARY:Lunch\r\n",
        "ATTENDEE:mailto:carl@example.org\r\n",
        "ORGANIZER:mailto:anna@example.org\r\n",
        "ATTENDEE;RSVP=TRUE:mailto:bob@example.org\r\n",
    ];
    for line in rows {
        let lost = known.replace(line, "");
        assert_ne!(lost, known, "{line}");
        world.put("bob", Some(&lost)).expect("bob may");
        assert!(world.copies["bob"].contains(line), "{line}");
        assert_eq!(world.log(), Vec::<String>::new(), "{line}");
    }
}
