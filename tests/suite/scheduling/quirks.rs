//! Clients as they are.

use calendar::{Require, Tags};
use schemas::object::Role;

use super::{World, answered, event, golden, meeting, replaced, weekly};

fn invited(ics: &str) -> World {
    let mut world = World::default();
    world.put("alice", ics).expect("the invitation is stored");
    world.later();
    world
}

#[test]
fn an_organizer_who_is_listed_twice_is_told_nothing() {
    let twice = (
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice",
        "ATTENDEE:mailto:boss@example.org\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:alice",
    );
    golden!(invited(&replaced(&meeting(&["bob"]), &[twice])), "an_organizer_who_is_listed_twice_is_told_nothing");
}

#[test]
fn what_is_private_to_a_client_reaches_nobody() {
    let private = [
        ("SUMMARY", "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M\r\nX-MOZ-LASTACK:20260105T110000Z\r\nSUMMARY"),
        ("ATTENDEE:mailto:bob", "ATTENDEE;X-MINE=1;EMAIL=bob@example.org;CN=Bob:mailto:bob"),
        (
            "END:VEVENT",
            "COLOR:turquoise\r\nURL:https://example.org/lunch\r\nCONFERENCE;VALUE=URI:https://meet.example.org\r\n\
            BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Go\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT",
        ),
    ];
    golden!(invited(&replaced(&meeting(&["bob"]), &private)), "what_is_private_to_a_client_reaches_nobody");
}

#[test]
fn what_is_the_attendees_own_outlives_an_update() {
    let mut world = invited(&meeting(&["bob"]));
    let own = "TRANSP:TRANSPARENT\r\nCATEGORIES:Food\r\nCOLOR:red\r\nX-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M\r\n\
        BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Go\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT";
    let own = replaced(&answered(&world, "bob", "lunch", "ACCEPTED"), &[("END:VEVENT", own)]);
    world.put("bob", &own).expect("accepted, with an alarm");
    let moved =
        replaced(&world.copy("alice", "lunch"), &[("T12", "T14"), ("T13", "T15"), ("SUMMARY:Lunch", "SUMMARY:Tea")]);
    world.later().put("alice", &moved).expect("moved");
    golden!(world, "what_is_the_attendees_own_outlives_an_update");
}

#[test]
fn an_attendee_whose_client_answers_itself_sends_no_reply() {
    let mut world = invited(&meeting(&["bob"]));
    let agent = ("ORGANIZER:", "ORGANIZER;SCHEDULE-AGENT=CLIENT:");
    let accepted = replaced(&answered(&world, "bob", "lunch", "ACCEPTED"), &[agent]);
    world.put("bob", &accepted).expect("stored");
    golden!(world, "an_attendee_whose_client_answers_itself_sends_no_reply");
}

#[test]
fn an_attendee_who_lets_the_server_answer_again_is_heard() {
    let mut world = invited(&meeting(&["bob"]));
    let agent = ("ORGANIZER:", "ORGANIZER;SCHEDULE-AGENT=CLIENT:");
    let accepted = replaced(&answered(&world, "bob", "lunch", "ACCEPTED"), &[agent]);
    world.put("bob", &accepted).expect("stored");
    let again = replaced(&world.copy("bob", "lunch"), &[("SCHEDULE-AGENT=CLIENT", "SCHEDULE-AGENT=SERVER")]);
    world.later().put("bob", &again).expect("stored");
    golden!(world, "an_attendee_who_lets_the_server_answer_again_is_heard");
}

#[test]
fn an_organizer_with_parameters_of_attendees_is_an_organizer() {
    let odd = ("ORGANIZER:", "ORGANIZER;RSVP=TRUE;PARTSTAT=ACCEPTED;ROLE=CHAIR;CN=Alice:");
    golden!(
        invited(&replaced(&meeting(&["bob"]), &[odd])),
        "an_organizer_with_parameters_of_attendees_is_an_organizer"
    );
}

#[test]
fn a_day_left_out_of_a_series_of_times_is_its_instance() {
    let mut world = invited(&weekly(&["bob"]));
    let day = replaced(&world.copy("alice", "lunch"), &[("SUMMARY", "EXDATE;VALUE=DATE:20260114\r\nSUMMARY")]);
    world.put("alice", &day).expect("cancelled");
    golden!(world, "a_day_left_out_of_a_series_of_times_is_its_instance");
}

#[test]
fn a_rubbish_organizer_schedules_nothing() {
    for organizer in ["mailto:iCloud", "", "bob"] {
        let rubbish =
            replaced(&meeting(&["bob"]), &[("ORGANIZER:mailto:alice@example.org", &format!("ORGANIZER:{organizer}"))]);
        let rubbish = rubbish.replace("ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.org\r\n", "");
        let mut world = World::default();
        world.put("alice", &rubbish).expect("stored");
        assert_eq!(world.happened.len(), 1, "{organizer}: {:?}", world.happened);
        assert_eq!(world.object("alice", "lunch").resources[0].content.role, Role::None, "{organizer}");
    }
}

#[test]
fn a_moved_meeting_gets_a_sequence_whatever_the_client_says() {
    let mut world = invited(&replaced(&meeting(&["bob"]), &[("SUMMARY", "SEQUENCE:5\r\nSUMMARY")]));
    let moved =
        replaced(&world.copy("alice", "lunch"), &[("T12", "T14"), ("T13", "T15"), ("SEQUENCE:5", "SEQUENCE:0")]);
    world.put("alice", &moved).expect("moved");
    golden!(world, "a_moved_meeting_gets_a_sequence_whatever_the_client_says");
}

#[test]
fn a_client_that_removes_and_stores_again_asks_everyone_anew() {
    let mut world = invited(&meeting(&["bob"]));
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("accepted");
    let copy = world.copy("alice", "lunch");
    world.later().remove("alice", "lunch", itip::ScheduleReply::Send).expect("removed");
    world.later().put("alice", &copy).expect("stored again");
    golden!(world, "a_client_that_removes_and_stores_again_asks_everyone_anew");
}

#[test]
fn an_override_without_organizer_is_its_series_organizers() {
    let third = "BEGIN:VEVENT\r\nUID:lunch\r\nDTSTAMP:20260105T110000Z\r\nRECURRENCE-ID:20260121T120000Z\r\n\
        DTSTART:20260121T150000Z\r\nDTEND:20260121T160000Z\r\nSUMMARY:Tea\r\nATTENDEE:mailto:bob@example.org\r\n\
        END:VEVENT\r\nEND:VCALENDAR";
    let mut world = invited(&weekly(&["bob"]));
    let moved = world.copy("alice", "lunch").replace("END:VCALENDAR", third);
    world.put("alice", &moved).expect("moved");
    golden!(world, "an_override_without_organizer_is_its_series_organizers");
}

#[test]
fn an_organizer_whose_client_forgets_what_others_answered_forgets_nothing() {
    let mut world = invited(&meeting(&["bob", "carol"]));
    let old = world.copy("alice", "lunch");
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("accepted");
    let renamed = replaced(&old, &[("SUMMARY:Lunch", "SUMMARY:Dinner")]);
    world.later().put("alice", &renamed).expect("renamed");
    golden!(world, "an_organizer_whose_client_forgets_what_others_answered_forgets_nothing");
}

#[test]
fn an_attendee_whose_client_drops_an_override_keeps_it() {
    let mut world = invited(&weekly(&["bob", "carol"]));
    let third = "BEGIN:VEVENT\r\nUID:lunch\r\nDTSTAMP:20260105T110000Z\r\nRECURRENCE-ID:20260121T120000Z\r\n\
        DTSTART:20260121T150000Z\r\nDTEND:20260121T160000Z\r\nSUMMARY:Tea\r\nORGANIZER:mailto:alice@example.org\r\n\
        ATTENDEE:mailto:bob@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR";
    let series = answered(&world, "bob", "lunch", "ACCEPTED");
    let moved = world.copy("alice", "lunch").replace("END:VCALENDAR", third);
    world.put("alice", &moved).expect("moved");
    world.later().put("bob", &series).expect("accepted by a client that has not seen the third");
    golden!(world, "an_attendee_whose_client_drops_an_override_keeps_it");
}

#[test]
fn an_attendee_whose_client_drops_the_series_keeps_it() {
    let mut world = invited(&weekly(&["bob"]));
    let third = "BEGIN:VEVENT\r\nUID:lunch\r\nDTSTAMP:20260105T110000Z\r\nRECURRENCE-ID:20260121T120000Z\r\n\
        DTSTART:20260121T120000Z\r\nDTEND:20260121T130000Z\r\nSUMMARY:Lunch\r\nORGANIZER:mailto:alice@example.org\r\n\
        ATTENDEE;PARTSTAT=DECLINED:mailto:bob@example.org\r\nEND:VEVENT\r\n";
    let lone = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Client//EN\r\n{third}END:VCALENDAR\r\n");
    world.put("bob", &lone).expect("declined");
    golden!(world, "an_attendee_whose_client_drops_the_series_keeps_it");
}

#[test]
fn an_old_entity_tag_is_good_enough_where_only_answers_came_between() {
    let mut world = invited(&meeting(&["bob", "carol"]));
    let old = world.object("alice", "lunch").resources[0].content.clone();
    world.put("bob", &answered(&world, "bob", "lunch", "ACCEPTED")).expect("accepted");
    let require = Require { if_match: Some(Tags::Listed(vec![old.etag])), ..Require::default() };
    let renamed = replaced(&old.ics, &[("SUMMARY:Lunch", "SUMMARY:Dinner")]);
    world.later().put_if("alice", &renamed, require).expect("renamed");
    golden!(world, "an_old_entity_tag_is_good_enough_where_only_answers_came_between");
}

#[test]
fn a_party_crasher_is_refused() {
    let mut world = invited(&meeting(&["bob"]));
    let forwarded =
        replaced(&world.copy("bob", "lunch"), &[("ATTENDEE:mailto:bob", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:carol")]);
    let Err(calendar::Refusal::Scheduling(refusal)) = world.put("carol", &forwarded) else { panic!("refused") };
    assert_eq!(refusal.condition, itip::Condition::AllowedAttendeeSchedulingObjectChange);
    let mailed = world.copy("bob", "lunch").replace("lunch", "supper");
    world.put("bob", &mailed).expect("an invitation from a meeting nobody here knows is a client's business");
}

#[test]
fn an_event_without_attendees_is_nobody_elses_business() {
    golden!(
        invited(&event("lunch", "DTSTART:20260107T120000Z\nSUMMARY:Lunch\n", &[])),
        "an_event_without_attendees_is_nobody_elses_business"
    );
}

/// A task of alice's for bob.
fn task() -> String {
    let task = "BEGIN:VTODO\nUID:lunch\nDTSTAMP:20260105T110000Z\nSUMMARY:Cook\nORGANIZER:mailto:alice@example.org\n\
        ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.org\nATTENDEE:mailto:bob@example.org\nEND:VTODO\n";
    super::calendar(task)
}

/// The same without people.
fn bare_task(more: &str) -> String {
    super::calendar(&format!("BEGIN:VTODO\nUID:lunch\nDTSTAMP:20260105T110000Z\nSUMMARY:Cook\n{more}END:VTODO\n"))
}

#[test]
fn a_client_that_loses_the_people_of_a_task_completes_it_all_the_same() {
    let mut world = invited(&task());
    world.put("alice", &bare_task("COMPLETED:20260105T120000Z\n")).expect("completed");
    golden!(world, "a_client_that_loses_the_people_of_a_task_completes_it_all_the_same");
}

#[test]
fn an_attendees_client_that_loses_the_people_of_a_task_answers_all_the_same() {
    let mut world = invited(&task());
    world.put("bob", &bare_task("COMPLETED:20260105T120000Z\n")).expect("completed");
    golden!(world, "an_attendees_client_that_loses_the_people_of_a_task_answers_all_the_same");
}

#[test]
fn an_organizer_who_keeps_an_event_for_himself_cancels_it_for_the_others() {
    let mut world = invited(&meeting(&["bob"]));
    let alone = "BEGIN:VEVENT\nUID:lunch\nDTSTAMP:20260105T110000Z\nDTSTART:20260107T120000Z\nDTEND:20260107T130000Z\nSUMMARY:Lunch\nEND:VEVENT\n";
    world.put("alice", &super::calendar(alone)).expect("stored");
    golden!(world, "an_organizer_who_keeps_an_event_for_himself_cancels_it_for_the_others");
}

#[test]
fn an_attendee_cannot_keep_an_invitation_for_himself() {
    let mut world = invited(&meeting(&["bob"]));
    let alone = "BEGIN:VEVENT\nUID:lunch\nDTSTAMP:20260105T110000Z\nDTSTART:20260107T120000Z\nDTEND:20260107T130000Z\nSUMMARY:Lunch\nEND:VEVENT\n";
    let Err(calendar::Refusal::Scheduling(refusal)) = world.put("bob", &super::calendar(alone)) else {
        panic!("refused")
    };
    assert_eq!(
        (refusal.condition, refusal.property.as_str()),
        (itip::Condition::AllowedAttendeeSchedulingObjectChange, "ORGANIZER")
    );
}
