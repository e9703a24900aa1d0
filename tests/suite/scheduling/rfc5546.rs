//! The conversations of RFC 5546, section 4: events.

use calendar::Require;
use itip::ScheduleReply;

use super::{World, calendar, golden, replaced};

const CONFERENCE: &str = "BEGIN:VEVENT\nORGANIZER:mailto:a@example.com\n\
    ATTENDEE;ROLE=CHAIR;PARTSTAT=ACCEPTED;CN=A:mailto:a@example.com\n\
    ATTENDEE;RSVP=TRUE;CUTYPE=INDIVIDUAL;CN=B:mailto:b@example.com\n\
    ATTENDEE;RSVP=TRUE;CUTYPE=INDIVIDUAL;CN=C:mailto:c@example.com\n\
    ATTENDEE;RSVP=TRUE;CUTYPE=INDIVIDUAL;CN=Hal:mailto:d@example.com\n\
    DTSTAMP:19970611T190000Z\nDTSTART:19970701T200000Z\nDTEND:19970701T210000Z\nSUMMARY:Conference\n\
    UID:conference\nSEQUENCE:0\nSTATUS:CONFIRMED\nEND:VEVENT\n";

const IETF: &str = "BEGIN:VEVENT\nUID:ietf\nSEQUENCE:0\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=19980901T210000Z\n\
    ORGANIZER:mailto:a@example.com\nATTENDEE;ROLE=CHAIR;PARTSTAT=ACCEPTED:mailto:a@example.com\n\
    ATTENDEE:mailto:b@example.com\nATTENDEE:mailto:c@example.com\n\
    SUMMARY:IETF Calendaring Working Group Meeting\nDTSTART:19970601T210000Z\nDTEND:19970601T220000Z\n\
    LOCATION:Conference Call\nDTSTAMP:19970526T083000Z\nEND:VEVENT\n";

fn told(component: &str) -> World {
    let mut world = World::default();
    world.put("a", &calendar(component)).expect("the request is stored");
    world.later();
    world
}

/// The July instance, changed.
fn july(start: &str, more: &str) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:ietf\r\nRECURRENCE-ID:19970701T210000Z\r\nSEQUENCE:1\r\n\
         ORGANIZER:mailto:a@example.com\r\nATTENDEE;ROLE=CHAIR;PARTSTAT=ACCEPTED:mailto:a@example.com\r\n\
         ATTENDEE:mailto:b@example.com\r\nATTENDEE:mailto:c@example.com\r\n\
         SUMMARY:IETF Calendaring Working Group Meeting\r\nDTSTART:{start}T210000Z\r\nDTEND:{start}T220000Z\r\n\
         LOCATION:Conference Call\r\nDTSTAMP:19970626T093000Z\r\n{more}END:VEVENT\r\nEND:VCALENDAR"
    )
}

/// A message of `a` about the series, as from elsewhere.
fn message(method: &str, component: &str) -> String {
    calendar(component).replace("VERSION:2.0\r\n", &format!("VERSION:2.0\r\nMETHOD:{method}\r\n"))
}

#[test]
fn rfc5546_4_2_1_a_group_event_request() {
    golden!(told(CONFERENCE), "rfc5546_4_2_1_a_group_event_request");
}

#[test]
fn rfc5546_4_2_2_a_reply_to_a_group_event_request() {
    let mut world = told(CONFERENCE);
    let accepted = replaced(&world.copy("b", "conference"), &[("CN=B:", "CN=B;PARTSTAT=ACCEPTED:")]);
    world.put("b", &accepted).expect("accepted");
    golden!(world, "rfc5546_4_2_2_a_reply_to_a_group_event_request");
}

#[test]
fn rfc5546_4_2_3_an_event_is_updated() {
    let mut world = told(CONFERENCE);
    let moved = [("T200000Z", "T180000Z"), ("T210000Z", "T190000Z"), ("SUMMARY:C", "SUMMARY:Phone C")];
    let moved = replaced(&world.copy("a", "conference"), &moved);
    world.put("a", &moved).expect("moved");
    golden!(world, "rfc5546_4_2_3_an_event_is_updated");
}

#[test]
fn rfc5546_4_2_4_a_counter_proposal_is_shown_and_changes_nothing() {
    let mut world = told(CONFERENCE);
    let proposal = replaced(&calendar(CONFERENCE), &[("T200000Z", "T160000Z"), ("T210000Z", "T170000Z")]);
    let proposal = proposal.replace("VERSION:2.0\r\n", "VERSION:2.0\r\nMETHOD:COUNTER\r\n");
    world.receive("a", "mailto:b@example.com", &proposal);
    golden!(world, "rfc5546_4_2_4_a_counter_proposal_is_shown_and_changes_nothing");
}

#[test]
fn rfc5546_4_2_4_a_declined_counter_proposal_is_shown_and_changes_nothing() {
    let mut world = told(CONFERENCE);
    let declined = "BEGIN:VEVENT\nORGANIZER:mailto:a@example.com\nATTENDEE;RSVP=TRUE:mailto:b@example.com\n\
        COMMENT:Sorry\\, I cannot change this meeting time\nUID:conference\nSEQUENCE:0\nDTSTAMP:19970614T190000Z\n\
        END:VEVENT\n";
    world.receive("b", "mailto:a@example.com", &message("DECLINECOUNTER", declined));
    golden!(world, "rfc5546_4_2_4_a_declined_counter_proposal_is_shown_and_changes_nothing");
}

/// What `c` stores to send `e`.
fn delegation(world: &World) -> String {
    let entry = ("CN=C:", "CN=C;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:e@example.com\":");
    let delegate = "ATTENDEE;RSVP=TRUE;DELEGATED-FROM=\"mailto:c@example.com\":mailto:e@example.com\r\nDTSTAMP";
    replaced(&world.copy("c", "conference"), &[entry, ("DTSTAMP", delegate)])
}

fn delegated() -> World {
    let mut world = told(CONFERENCE);
    world.put("c", &delegation(&world)).expect("delegated");
    world
}

#[test]
fn rfc5546_4_2_5_an_event_is_delegated() {
    golden!(delegated(), "rfc5546_4_2_5_an_event_is_delegated");
}

#[test]
fn rfc5546_4_2_6_the_delegate_accepts() {
    let mut world = delegated();
    let mine = ":mailto:e@example.com";
    let copy = world.copy("e", "conference").replace("\r\n ", "");
    let line = copy.lines().find(|line| line.ends_with(mine)).expect("e is invited").to_owned();
    let accepted = line.replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED");
    world.later().put("e", &copy.replace(&line, &accepted)).expect("accepted");
    golden!(world, "rfc5546_4_2_6_the_delegate_accepts");
}

#[test]
fn rfc5546_4_2_7_the_delegate_declines() {
    let mut world = delegated();
    world.later().remove("e", "conference", ScheduleReply::Send).expect("declined");
    golden!(world, "rfc5546_4_2_7_the_delegate_declines");
}

#[test]
fn rfc5546_4_2_7_a_delegate_is_not_lost_by_an_organizer_who_has_not_seen_him() {
    let mut world = told(CONFERENCE);
    let (read, known) = (world.copy("a", "conference"), world.object("a", "conference").resources[0].content.clone());
    world.put("c", &delegation(&world)).expect("delegated");
    let require = Require { if_schedule_tag_match: known.schedule_tag, ..Require::default() };
    world.later().put_if("a", &replaced(&read, &[("SUMMARY:C", "SUMMARY:Phone C")]), require).expect("renamed");
    let stored = world.copy("a", "conference").replace("\r\n ", "");
    assert!(stored.contains("SUMMARY:Phone") && stored.contains(":mailto:e@example.com"), "{stored}");
    assert!(world.copy("e", "conference").contains("SUMMARY:Phone"));
}

#[test]
fn rfc5546_4_2_8_an_answer_of_somebody_who_was_not_invited_changes_nothing() {
    let mut world = told(CONFERENCE);
    let crash = "BEGIN:VEVENT\nATTENDEE;PARTSTAT=ACCEPTED:mailto:e@example.com\nORGANIZER:mailto:a@example.com\n\
        UID:conference\nSEQUENCE:0\nDTSTAMP:19970612T190000Z\nEND:VEVENT\n";
    world.receive("a", "mailto:e@example.com", &message("REPLY", crash));
    golden!(world, "rfc5546_4_2_8_an_answer_of_somebody_who_was_not_invited_changes_nothing");
}

#[test]
fn rfc5546_4_2_9_a_group_event_is_cancelled() {
    let mut world = told(CONFERENCE);
    let declined = replaced(&world.copy("b", "conference"), &[("CN=B:", "CN=B;PARTSTAT=DECLINED:")]);
    world.put("b", &declined).expect("declined");
    world.later().remove("a", "conference", ScheduleReply::Send).expect("cancelled");
    golden!(world, "rfc5546_4_2_9_a_group_event_is_cancelled");
}

#[test]
fn rfc5546_4_2_10_an_attendee_is_removed() {
    let mut world = told(CONFERENCE);
    let copy = world.copy("a", "conference").replace("\r\n ", "");
    let less: String = copy.lines().filter(|line| !line.contains("CN=B")).flat_map(|line| [line, "\r\n"]).collect();
    world.put("a", &less).expect("removed");
    golden!(world, "rfc5546_4_2_10_an_attendee_is_removed");
}

#[test]
fn rfc5546_4_2_11_nobody_takes_a_meeting_over_while_it_stands() {
    let mut world = told(CONFERENCE);
    let taken = replaced(
        &calendar(CONFERENCE),
        &[("ORGANIZER:mailto:a@", "ORGANIZER:mailto:b@"), ("SEQUENCE:0", "SEQUENCE:1")],
    );
    let taken = taken.replace("VERSION:2.0\r\n", "VERSION:2.0\r\nMETHOD:REQUEST\r\n");
    world.receive("c", "mailto:b@example.com", &taken);
    golden!(world, "rfc5546_4_2_11_nobody_takes_a_meeting_over_while_it_stands");
}

#[test]
fn rfc5546_4_2_11_another_organizer_goes_on_after_a_cancellation() {
    let mut world = told(CONFERENCE);
    world.remove("a", "conference", ScheduleReply::Send).expect("cancelled");
    world.remove("b", "conference", ScheduleReply::Send).expect("tidied up");
    let taken = replaced(
        &calendar(CONFERENCE),
        &[("ORGANIZER:mailto:a@", "ORGANIZER:mailto:b@"), ("SEQUENCE:0", "SEQUENCE:2")],
    );
    world.later().put("b", &taken).expect("taken over");
    golden!(world, "rfc5546_4_2_11_another_organizer_goes_on_after_a_cancellation");
}

#[test]
fn rfc5546_4_4_2_an_instance_of_a_series_is_moved() {
    let mut world = told(IETF);
    let moved = world.copy("a", "ietf").replace("END:VCALENDAR", &july("19970703", ""));
    world.put("a", &moved).expect("moved");
    golden!(world, "rfc5546_4_4_2_an_instance_of_a_series_is_moved");
}

#[test]
fn rfc5546_4_4_3_an_instance_is_cancelled() {
    let mut world = told(IETF);
    let cancelled = replaced(&world.copy("a", "ietf"), &[("LOCATION", "EXDATE:19970801T210000Z\r\nLOCATION")]);
    world.put("a", &cancelled).expect("cancelled");
    golden!(world, "rfc5546_4_4_3_an_instance_is_cancelled");
}

#[test]
fn rfc5546_4_4_4_a_series_is_cancelled_with_its_exceptions() {
    let mut world = told(IETF);
    let moved = world.copy("a", "ietf").replace("END:VCALENDAR", &july("19970703", ""));
    world.put("a", &moved).expect("moved");
    world.later().remove("a", "ietf", ScheduleReply::Send).expect("cancelled");
    golden!(world, "rfc5546_4_4_4_a_series_is_cancelled_with_its_exceptions");
}

#[test]
fn rfc5546_4_4_5_all_future_instances_change() {
    let mut world = told(IETF);
    let future = july("19970701", "").replace("RECURRENCE-ID:", "RECURRENCE-ID;RANGE=THISANDFUTURE:");
    let future = future.replace("LOCATION:Conference Call", "LOCATION:Seattle");
    let changed = world.copy("a", "ietf").replace("END:VCALENDAR", &future);
    world.put("a", &changed).expect("changed");
    golden!(world, "rfc5546_4_4_5_all_future_instances_change");
}

#[test]
fn rfc5546_3_2_5_an_instance_and_all_after_it_are_cancelled() {
    let mut world = told(IETF);
    let cancel = "BEGIN:VEVENT\nUID:ietf\nORGANIZER:mailto:a@example.com\nATTENDEE:mailto:b@example.com\n\
        RECURRENCE-ID;RANGE=THISANDFUTURE:19980101T210000Z\nSEQUENCE:2\nSTATUS:CANCELLED\nDTSTAMP:20260105T133000Z\n\
        END:VEVENT\n";
    world.receive("b", "mailto:a@example.com", &message("CANCEL", cancel));
    golden!(world, "rfc5546_3_2_5_an_instance_and_all_after_it_are_cancelled");
}

#[test]
fn rfc5546_4_4_6_an_instance_is_added() {
    let mut world = told(IETF);
    let add = "BEGIN:VEVENT\nUID:ietf\nSEQUENCE:4\nORGANIZER:mailto:a@example.com\n\
        ATTENDEE;ROLE=CHAIR;PARTSTAT=ACCEPTED:mailto:a@example.com\nATTENDEE;RSVP=TRUE:mailto:b@example.com\n\
        SUMMARY:IETF Calendaring Working Group Meeting\nDTSTART:19970715T210000Z\nDTEND:19970715T220000Z\n\
        DTSTAMP:19970629T093000Z\nEND:VEVENT\n";
    world.receive("b", "mailto:a@example.com", &message("ADD", add));
    golden!(world, "rfc5546_4_4_6_an_instance_is_added");
}

#[test]
fn rfc5546_4_4_7_a_series_of_instances_is_added() {
    let mut world = told(IETF);
    let both = replaced(&world.copy("a", "ietf"), &[("BYMONTHDAY=1;", "BYMONTHDAY=1,15;")]);
    world.put("a", &both).expect("changed");
    golden!(world, "rfc5546_4_4_7_a_series_of_instances_is_added");
}

#[test]
fn rfc5546_4_4_8_a_refresh_is_answered() {
    let mut world = told(IETF);
    let refresh = "BEGIN:VEVENT\nORGANIZER:mailto:a@example.com\nATTENDEE:mailto:b@example.com\nUID:ietf\n\
        DTSTAMP:19970603T094000Z\nEND:VEVENT\n";
    world.receive("a", "mailto:b@example.com", &message("REFRESH", refresh));
    golden!(world, "rfc5546_4_4_8_a_refresh_is_answered");
}

/// RFC 5546 §6.1.6
#[test]
fn rfc5546_a_refresh_of_somebody_who_is_not_invited_is_not_answered() {
    let mut world = told(IETF);
    let refresh = "BEGIN:VEVENT\nORGANIZER:mailto:a@example.com\nATTENDEE:mailto:e@example.com\nUID:ietf\n\
        DTSTAMP:19970603T094000Z\nEND:VEVENT\n";
    world.receive("a", "mailto:e@example.com", &message("REFRESH", refresh));
    golden!(world, "rfc5546_a_refresh_of_somebody_who_is_not_invited_is_not_answered");
}

/// RFC 5546 §3.2.4: who was to have more of a meeting that he has not got asks for all of it, and is told.
#[test]
fn rfc5546_3_2_4_an_addition_to_something_unknown_leads_to_a_refresh() {
    let mut world = told(IETF);
    world.remove("b", "ietf", itip::ScheduleReply::Suppress).expect("removed");
    world.later();
    let added = july("19970715", "").replace("RECURRENCE-ID:19970701T210000Z\r\n", "");
    let add = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:ADD\r\n{added}\r\n");
    world.receive("b", "mailto:a@example.com", &add);
    golden!(world, "rfc5546_3_2_4_an_addition_to_something_unknown_leads_to_a_refresh");
}

#[test]
fn rfc5546_4_4_9_a_counter_proposal_for_an_instance_is_shown() {
    let mut world = told(IETF);
    let counter =
        july("19970701", "COMMENT:May we bump this by an hour?\r\n").replace("T210000Z\r\nDTEND", "T220000Z\r\nDTEND");
    let counter = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:COUNTER\r\n{counter}\r\n");
    world.receive("a", "mailto:b@example.com", &counter);
    golden!(world, "rfc5546_4_4_9_a_counter_proposal_for_an_instance_is_shown");
}

#[test]
fn rfc5546_4_4_10_an_error_reply_to_a_request_becomes_a_status() {
    let mut world = told(IETF);
    let error = "BEGIN:VEVENT\nORGANIZER:mailto:a@example.com\nATTENDEE:mailto:b@example.com\n\
        REQUEST-STATUS:3.0;Invalid Property Name;FOO\nREQUEST-STATUS:2.8;Repeating event ignored\nUID:ietf\nSEQUENCE:0\n\
        DTSTAMP:19970603T094000Z\nEND:VEVENT\n";
    world.receive("a", "mailto:b@example.com", &message("REPLY", error));
    golden!(world, "rfc5546_4_4_10_an_error_reply_to_a_request_becomes_a_status");
}
