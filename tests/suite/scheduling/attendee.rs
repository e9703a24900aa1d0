//! The attendee's side: answers, removals, and what an attendee may not change.

use calendar::Refusal;
use itip::ScheduleReply;

use super::{World, answered, golden, meeting};

fn invited(people: &[&str]) -> World {
    let mut world = World::default();
    world.put("alice", &meeting(people)).expect("the invitation is stored");
    world.later();
    world
}

#[test]
fn an_answer_reaches_the_organizer_and_refreshes_the_others_silently() {
    let mut world = invited(&["bob", "carol"]);
    world.put("bob", &answered(&world, "bob", "lunch", "TENTATIVE")).expect("answered");
    golden!(world, "an_answer_reaches_the_organizer_and_refreshes_the_others_silently");
}

#[test]
fn removing_the_copy_declines() {
    let mut world = invited(&["bob", "carol"]);
    world.remove("bob", "lunch", ScheduleReply::Send).expect("removed");
    golden!(world, "removing_the_copy_declines");
}

#[test]
fn removing_the_copy_in_silence_tells_nobody_and_says_so() {
    let mut world = invited(&["bob"]);
    world.remove("bob", "lunch", ScheduleReply::Suppress).expect("removed");
    golden!(world, "removing_the_copy_in_silence_tells_nobody_and_says_so");
}

#[test]
fn an_attendee_may_not_move_the_meeting() {
    let mut world = invited(&["bob"]);
    let moved = world.copy("bob", "lunch").replace("T12", "T14").replace("T13", "T15");
    let Err(Refusal::Scheduling(refusal)) = world.put("bob", &moved) else { panic!("the move is refused") };
    assert_eq!(refusal.condition, itip::Condition::AllowedAttendeeSchedulingObjectChange);
    assert_eq!(refusal.property, "DTSTART");
}

#[test]
fn who_has_no_calendar_cannot_be_invited() {
    let mut world = World::default();
    world.without_calendar("bob").put("alice", &meeting(&["bob", "carol"])).expect("stored");
    golden!(world, "who_has_no_calendar_cannot_be_invited");
}
