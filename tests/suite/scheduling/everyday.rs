//! The everyday: invite, reschedule, rename, invite one more, uninvite one, cancel.

use itip::ScheduleReply;

use super::{World, answered, golden, meeting};

fn invited(people: &[&str]) -> World {
    let mut world = World::default();
    world.put("alice", &meeting(people)).expect("the invitation is stored");
    world
}

#[test]
fn an_invitation_reaches_every_attendee_once() {
    golden!(invited(&["bob", "carol"]), "an_invitation_reaches_every_attendee_once");
}

#[test]
fn an_unknown_attendee_is_issued_to_but_received_by_nobody() {
    golden!(invited(&["bob", "nobody"]), "an_unknown_attendee_is_issued_to_but_received_by_nobody");
}

#[test]
fn storing_the_same_bytes_again_does_nothing() {
    let mut world = invited(&["bob"]);
    let copy = world.copy("alice", "lunch");
    world.later().put("alice", &copy).expect("stored");
    assert!(world.happened.is_empty(), "{:?}", world.happened);
}

#[test]
fn moving_a_meeting_asks_everyone_again() {
    let mut world = invited(&["bob", "carol"]);
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("answered");
    let moved = world.copy("alice", "lunch").replace("T12", "T14").replace("T13", "T15");
    world.later().put("alice", &moved).expect("moved");
    golden!(world, "moving_a_meeting_asks_everyone_again");
}

#[test]
fn renaming_a_meeting_keeps_the_answers() {
    let mut world = invited(&["bob", "carol"]);
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("answered");
    let renamed = world.copy("alice", "lunch").replace("SUMMARY:Lunch", "SUMMARY:Dinner");
    world.later().put("alice", &renamed).expect("renamed");
    golden!(world, "renaming_a_meeting_keeps_the_answers");
}

#[test]
fn one_more_attendee_is_invited_and_nobody_has_to_answer_again() {
    let mut world = invited(&["bob"]);
    let line = "ATTENDEE:mailto:carol@example.org\r\nEND:VEVENT";
    let more = world.copy("alice", "lunch").replace("END:VEVENT", line);
    world.later().put("alice", &more).expect("changed");
    golden!(world, "one_more_attendee_is_invited_and_nobody_has_to_answer_again");
}

#[test]
fn an_attendee_who_is_left_out_is_told_by_a_cancel() {
    let mut world = invited(&["bob", "carol"]);
    world.later().put("alice", &meeting(&["bob"])).expect("changed");
    golden!(world, "an_attendee_who_is_left_out_is_told_by_a_cancel");
}

#[test]
fn removing_a_meeting_cancels_it_for_everyone() {
    let mut world = invited(&["bob", "carol"]);
    world.later().remove("alice", "lunch", ScheduleReply::Send).expect("removed");
    golden!(world, "removing_a_meeting_cancels_it_for_everyone");
}

#[test]
fn a_change_of_alarms_tells_nobody() {
    let mut world = invited(&["bob"]);
    let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Go\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT";
    let alarmed = world.copy("alice", "lunch").replace("END:VEVENT", alarm);
    world.later().put("alice", &alarmed).expect("changed");
    golden!(world, "a_change_of_alarms_tells_nobody");
}

#[test]
fn a_room_that_is_free_accepts_by_itself() {
    golden!(invited(&["bob", "lake"]), "a_room_that_is_free_accepts_by_itself");
}
