//! RFC 6638 §3.2.10: what changes a Schedule-Tag, rule by rule, and what it is good for.

use calendar::{Refusal, Require};
use itip::ScheduleReply;
use schemas::object::Content;

use super::{World, answered, meeting, replaced};

fn invited() -> World {
    let mut world = World::default();
    world.put("alice", &meeting(&["bob", "carol"])).expect("the invitation is stored");
    world.later();
    world
}

fn content(world: &World, who: &str) -> Content {
    world.object(who, "lunch").resources[0].content.clone()
}

fn tag(world: &World, who: &str) -> String {
    content(world, who).schedule_tag.expect("a scheduling object resource has a tag")
}

fn matching(tag: &str) -> Require {
    Require { if_schedule_tag_match: Some(tag.to_owned()), ..Require::default() }
}

fn renamed(ics: &str) -> String {
    replaced(ics, &[("SUMMARY:Lunch", "SUMMARY:Dinner")])
}

#[test]
fn organizer_1_a_reply_leaves_the_organizers_tag_and_changes_the_etag() {
    let mut world = invited();
    let before = content(&world, "alice");
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("answered");
    let after = content(&world, "alice");
    assert_eq!(after.schedule_tag, before.schedule_tag);
    assert_ne!(after.etag, before.etag);
}

#[test]
fn organizer_1_the_outcome_of_a_delivery_leaves_the_organizers_tag() {
    let world = invited();
    let written = world.happened.iter().find_map(|(_, event)| match event {
        schemas::ObjectEvent::Put(put) => put.content.schedule_tag.clone(),
        _ => None,
    });
    assert!(content(&world, "alice").ics.contains("SCHEDULE-STATUS=1.2"));
    assert_eq!(Some(tag(&world, "alice")), written);
}

#[test]
fn organizer_2_a_put_and_a_move_change_the_organizers_tag() {
    let mut world = invited();
    let first = tag(&world, "alice");
    let alarmed = replaced(&world.copy("alice", "lunch"), &[("END:VEVENT", "X-MINE:1\r\nEND:VEVENT")]);
    world.put("alice", &alarmed).expect("what tells nobody is a change all the same");
    let second = tag(&world, "alice");
    world.relocate("alice", "lunch", "private").expect("moved");
    let third = tag(&world, "alice");
    assert!(first != second && second != third && third != first);
}

#[test]
fn attendee_1_an_update_of_the_organizer_changes_the_attendees_tag() {
    let mut world = invited();
    let before = tag(&world, "bob");
    world.put("alice", &renamed(&world.copy("alice", "lunch"))).expect("renamed");
    assert_ne!(tag(&world, "bob"), before);
    let before = tag(&world, "bob");
    world.later().remove("alice", "lunch", ScheduleReply::Send).expect("cancelled");
    assert_ne!(tag(&world, "bob"), before);
}

#[test]
fn attendee_2_the_answers_of_others_leave_the_attendees_tag_and_change_the_etag() {
    let mut world = invited();
    let before = content(&world, "carol");
    for partstat in ["ACCEPTED", "DECLINED", "TENTATIVE"] {
        let answer = answered(&world, "bob", "lunch", partstat);
        world.later().put("bob", &answer).expect("answered");
        let after = content(&world, "carol");
        assert_eq!(after.schedule_tag, before.schedule_tag, "{partstat}");
        assert_ne!(after.etag, before.etag, "{partstat}");
    }
}

#[test]
fn attendee_3_a_put_and_a_move_change_the_attendees_tag() {
    let mut world = invited();
    let first = tag(&world, "bob");
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("answered");
    let second = tag(&world, "bob");
    world.relocate("bob", "lunch", "private").expect("moved");
    let third = tag(&world, "bob");
    assert!(first != second && second != third && third != first);
}

#[test]
fn with_a_matching_tag_the_answers_of_others_are_kept() {
    let mut world = invited();
    let (read, known) = (world.copy("alice", "lunch"), tag(&world, "alice"));
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("answered");
    let asked =
        renamed(&read).replace("ATTENDEE;SCHEDULE-STATUS=1.2:mailto:bob", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:bob");
    world.later().put_if("alice", &asked, matching(&known)).expect("the tag matches");
    let stored = world.copy("alice", "lunch");
    let bob = stored.lines().find(|line| line.ends_with(":mailto:bob@example.org")).expect("bob is invited");
    assert!(bob.contains("PARTSTAT=ACCEPTED") && stored.contains("SUMMARY:Dinner"), "{stored}");
}

#[test]
fn with_a_matching_tag_an_attendee_keeps_what_others_answered() {
    let mut world = invited();
    let (read, known) = (answered(&world, "carol", "lunch", "ACCEPTED"), tag(&world, "carol"));
    world.put("bob", &answered(&world, "bob", "lunch", "DECLINED")).expect("answered");
    world.later().put_if("carol", &read, matching(&known)).expect("the tag matches");
    let stored = world.copy("carol", "lunch");
    assert!(
        stored.contains("PARTSTAT=DECLINED:mailto:bob") && stored.contains("PARTSTAT=ACCEPTED:mailto:carol"),
        "{stored}"
    );
}

#[test]
fn a_tag_of_before_the_organizers_change_fails() {
    let mut world = invited();
    let (read, known) = (answered(&world, "bob", "lunch", "ACCEPTED"), tag(&world, "bob"));
    world.put("alice", &renamed(&world.copy("alice", "lunch"))).expect("renamed");
    let refused = world.put_if("bob", &read, matching(&known));
    assert_eq!(refused, Err(Refusal::Precondition { header: "If-Schedule-Tag-Match" }));
}
