//! What people complain about elsewhere: meetings.

use calendar::{Refusal, Require, Tags};
use itip::{Condition, ScheduleReply};

use super::{World, answered, event, golden, meeting, replaced, weekly};

fn invited(ics: &str) -> World {
    let mut world = World::default();
    world.put("alice", ics).expect("the invitation is stored");
    world.later();
    world
}

/// Alice's third Wednesday as a component of its own.
fn third(more: &str, people: &[&str]) -> String {
    let lines = format!(
        "RECURRENCE-ID:20260121T120000Z\nDTSTART:20260121T120000Z\nDTEND:20260121T130000Z\nSUMMARY:Lunch\n{more}"
    );
    let component = super::component("lunch", &lines, people).replace('\n', "\r\n");
    format!("{component}END:VCALENDAR")
}

#[test]
fn an_answer_for_one_instance_invites_nobody_again() {
    let mut world = invited(&weekly(&["bob", "carol"]));
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("accepted");
    let declined = third("", &["bob", "carol"]).replace("ATTENDEE:mailto:bob", "ATTENDEE;PARTSTAT=DECLINED:mailto:bob");
    let declined = world.copy("bob", "lunch").replace("END:VCALENDAR", &declined);
    world.later().put("bob", &declined).expect("declined");
    golden!(world, "an_answer_for_one_instance_invites_nobody_again");
}

#[test]
fn one_more_guest_is_invited_and_the_others_see_that_guests_changed() {
    let mut world = invited(&meeting(&["bob", "carol"]));
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("accepted");
    let more =
        replaced(&world.copy("alice", "lunch"), &[("END:VEVENT", "ATTENDEE:mailto:dave@example.org\r\nEND:VEVENT")]);
    world.later().put("alice", &more).expect("invited");
    golden!(world, "one_more_guest_is_invited_and_the_others_see_that_guests_changed");
}

#[test]
fn an_instance_marked_as_cancelled_cancels_nothing_else() {
    let mut world = invited(&weekly(&["bob"]));
    let cancelled = world.copy("alice", "lunch").replace("END:VCALENDAR", &third("STATUS:CANCELLED\n", &["bob"]));
    world.put("alice", &cancelled).expect("cancelled");
    golden!(world, "an_instance_marked_as_cancelled_cancels_nothing_else");
}

#[test]
fn an_instance_left_out_is_a_cancellation_and_not_a_request() {
    let mut world = invited(&weekly(&["bob", "carol"]));
    let excluded = replaced(&world.copy("alice", "lunch"), &[("SUMMARY", "EXDATE:20260121T120000Z\r\nSUMMARY")]);
    world.put("alice", &excluded).expect("cancelled");
    golden!(world, "an_instance_left_out_is_a_cancellation_and_not_a_request");
}

#[test]
fn a_guest_of_one_instance_hears_of_that_instance_only() {
    let mut world = invited(&weekly(&["bob"]));
    let guest = world.copy("alice", "lunch").replace("END:VCALENDAR", &third("", &["bob", "carol"]));
    world.put("alice", &guest).expect("invited to the third");
    golden!(world, "a_guest_of_one_instance_hears_of_that_instance_only");
}

#[test]
fn a_change_of_another_instance_is_no_news_for_the_guest_of_one() {
    let mut world = invited(&weekly(&["bob"]));
    let guest = world.copy("alice", "lunch").replace("END:VCALENDAR", &third("", &["bob", "carol"]));
    world.put("alice", &guest).expect("invited to the third");
    let other = third("", &["bob"]).replace("20260121", "20260128").replace("SUMMARY:Lunch", "SUMMARY:Dinner");
    let other = world.copy("alice", "lunch").replace("END:VCALENDAR", &other);
    world.later().put("alice", &other).expect("changed the fourth");
    golden!(world, "a_change_of_another_instance_is_no_news_for_the_guest_of_one");
}

#[test]
fn a_guest_taken_off_one_instance_is_told() {
    let mut world = invited(&weekly(&["bob", "carol"]));
    let without = world.copy("alice", "lunch").replace("END:VCALENDAR", &third("", &["bob"]));
    world.put("alice", &without).expect("carol is not invited to the third");
    golden!(world, "a_guest_taken_off_one_instance_is_told");
}

#[test]
fn a_third_guest_of_one_instance_resets_nobody() {
    let mut world = invited(&weekly(&["bob"]));
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("accepted");
    let guest = third("", &["bob", "carol"]).replace("ATTENDEE:mailto:bob", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob");
    let guest = world.copy("alice", "lunch").replace("END:VCALENDAR", &guest);
    world.later().put("alice", &guest).expect("invited");
    golden!(world, "a_third_guest_of_one_instance_resets_nobody");
}

#[test]
fn a_moved_meeting_has_no_answers_but_the_organizers() {
    let mut world = invited(&meeting(&["bob", "carol"]));
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("accepted");
    world.put("carol", &answered(&world, "carol", "lunch", "DECLINED")).expect("declined");
    let longer = replaced(&world.copy("alice", "lunch"), &[("DTEND:20260107T13", "DTEND:20260107T14")]);
    world.later().put("alice", &longer).expect("longer");
    golden!(world, "a_moved_meeting_has_no_answers_but_the_organizers");
}

#[test]
fn an_invitation_to_an_alias_arrives_and_is_answered_under_it() {
    let mut world = World::default();
    let ics = meeting(&["boss"]).replace("alice@", "bob@");
    world.put("bob", &ics).expect("invited");
    let accepted =
        replaced(&world.copy("alice", "lunch"), &[("ATTENDEE:mailto:boss", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:boss")]);
    world.later().put("alice", &accepted).expect("accepted");
    golden!(world, "an_invitation_to_an_alias_arrives_and_is_answered_under_it");
}

#[test]
fn the_case_of_an_address_makes_no_second_attendee() {
    let mut world = invited(&meeting(&["bob"]));
    let reply =
        message("REPLY", "ORGANIZER:MAILTO:Alice@EXAMPLE.org\nATTENDEE;PARTSTAT=ACCEPTED:MAILTO:bob@Example.ORG\n");
    world.receive("alice", "mailto:bob@example.org", &reply);
    golden!(world, "the_case_of_an_address_makes_no_second_attendee");
}

#[test]
fn an_answer_without_an_organizer_counts() {
    let mut world = invited(&meeting(&["bob"]));
    world.receive(
        "alice",
        "mailto:bob@example.org",
        &message("REPLY", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org\n"),
    );
    golden!(world, "an_answer_without_an_organizer_counts");
}

#[test]
fn a_message_about_something_unknown_is_recorded_with_its_reason() {
    let mut world = World::default();
    let cancel = message("CANCEL", "ORGANIZER:mailto:alice@example.org\nATTENDEE:mailto:bob@example.org\n");
    world.receive("bob", "mailto:alice@example.org", &cancel);
    golden!(world, "a_message_about_something_unknown_is_recorded_with_its_reason");
}

#[test]
fn a_reply_says_what_it_answers() {
    let zoned = "DTSTART;TZID=Europe/Berlin:20260107T120000\nDTEND;TZID=Europe/Berlin:20260107T130000\nSUMMARY:Lunch\n\
        LOCATION:Lake\nSEQUENCE:3\n";
    let mut world = invited(&event("lunch", zoned, &["bob"]));
    world.put("bob", &answered(&world, "bob", "lunch", "TENTATIVE")).expect("answered");
    golden!(world, "a_reply_says_what_it_answers");
}

#[test]
fn an_attendee_who_moves_his_copy_tells_nobody_and_is_updated_where_it_is() {
    let mut world = invited(&meeting(&["bob"]));
    world.relocate("bob", "lunch", "private").expect("moved");
    let renamed = replaced(&world.copy("alice", "lunch"), &[("SUMMARY:Lunch", "SUMMARY:Dinner")]);
    world.later().put("alice", &renamed).expect("renamed");
    golden!(world, "an_attendee_who_moves_his_copy_tells_nobody_and_is_updated_where_it_is");
}

#[test]
fn an_attendee_may_not_edit_what_is_the_organizers_and_is_told_what() {
    let mut world = invited(&meeting(&["bob", "carol"]));
    let copy = world.copy("bob", "lunch");
    let rows = [
        ("SUMMARY:Lunch", "SUMMARY:Mine", "SUMMARY"),
        ("ORGANIZER:mailto:alice", "ORGANIZER:mailto:carol", "ORGANIZER"),
        ("END:VEVENT", "ATTENDEE:mailto:dave@example.org\r\nEND:VEVENT", "ATTENDEE"),
        ("DTEND:20260107T13", "DTEND:20260107T15", "DTEND"),
        ("END:VEVENT", "LOCATION:Here\r\nEND:VEVENT", "LOCATION"),
        ("END:VEVENT", "RRULE:FREQ=DAILY\r\nEND:VEVENT", "RRULE"),
    ];
    for (old, new, property) in rows {
        let Err(Refusal::Scheduling(refusal)) = world.put("bob", &replaced(&copy, &[(old, new)])) else {
            panic!("{new} is refused")
        };
        assert_eq!(refusal.condition, Condition::AllowedAttendeeSchedulingObjectChange, "{new}");
        assert_eq!(refusal.property, property, "{new}");
    }
}

#[test]
fn whoever_lets_his_client_send_gets_no_second_invitation() {
    let agent = ("ATTENDEE:mailto:bob", "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:bob");
    let mut world = World::default();
    world.put("alice", &replaced(&meeting(&["bob", "carol"]), &[agent])).expect("stored");
    golden!(world, "whoever_lets_his_client_send_gets_no_second_invitation");
}

#[test]
fn an_invitation_stored_again_under_another_name_is_refused_with_where_it_is() {
    let mut world = invited(&meeting(&["bob"]));
    let known = world.object("bob", "lunch").resources[0].place.clone();
    let create = Require { if_none_match: Some(Tags::Any), ..Require::default() };
    let again = world.copy("bob", "lunch");
    let refused = world.put_at("bob", "another.ics", &again, create);
    assert_eq!(refused, Err(Refusal::SchedulingObjectNotUnique { by: known }));
}

#[test]
fn the_last_attendee_who_is_left_out_is_told() {
    let mut world = invited(&meeting(&["bob"]));
    world.put("alice", &meeting(&[])).expect("stored");
    golden!(world, "the_last_attendee_who_is_left_out_is_told");
}

#[test]
fn who_declined_and_then_removes_his_copy_says_nothing_twice() {
    let mut world = invited(&meeting(&["bob"]));
    world.put("bob", &answered(&world, "bob", "lunch", "DECLINED")).expect("declined");
    world.later().remove("bob", "lunch", ScheduleReply::Send).expect("removed");
    golden!(world, "who_declined_and_then_removes_his_copy_says_nothing_twice");
}

#[test]
fn an_invitation_that_leaves_instances_out_from_the_start_is_no_answer() {
    let excluded = replaced(&weekly(&["bob"]), &[("SUMMARY", "EXDATE:20260114T120000Z\r\nSUMMARY")]);
    golden!(invited(&excluded), "an_invitation_that_leaves_instances_out_from_the_start_is_no_answer");
}

fn hidden() -> World {
    invited(&replaced(&meeting(&["bob", "carol"]), &[("SUMMARY", "X-HIDE-GUESTS:TRUE\r\nSUMMARY")]))
}

#[test]
fn whoever_hides_the_guests_shows_each_of_them_only_himself() {
    golden!(hidden(), "whoever_hides_the_guests_shows_each_of_them_only_himself");
}

#[test]
fn an_answer_to_a_meeting_with_hidden_guests_is_the_organizers_alone() {
    let mut world = hidden();
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("accepted");
    golden!(world, "an_answer_to_a_meeting_with_hidden_guests_is_the_organizers_alone");
}

#[test]
fn a_cancellation_names_no_hidden_guests() {
    let mut world = hidden();
    world.remove("alice", "lunch", ScheduleReply::Send).expect("cancelled");
    golden!(world, "a_cancellation_names_no_hidden_guests");
}

/// A message about lunch from elsewhere.
fn message(method: &str, lines: &str) -> String {
    let text = format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//Elsewhere//EN\nMETHOD:{method}\nBEGIN:VEVENT\nUID:lunch\n\
         DTSTAMP:20260105T133000Z\n{lines}END:VEVENT\nEND:VCALENDAR\n"
    );
    text.replace('\n', "\r\n")
}
