//! Tests of messages, byte for byte.

use super::world::{World, as_owner, object};
use crate::inbound::OrganizersComments;
use crate::{ScheduleReply, attendee, organizer};
use ical::Document;

const ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0100\r\n\
    TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

fn document(text: &str) -> Document {
    Document::parse(text).expect("the object is well-formed")
}

/// Returns an event with a time zone, an alarm, and private properties and parameters.
fn full() -> String {
    let event = object(&[
        "DTSTART;TZID=Europe/Berlin:20260105T120000\nDTEND;TZID=Europe/Berlin:20260105T130000\nSUMMARY:Lunch\n\
        X-PRIVATE:1\nCOLOR:red\nORGANIZER;CN=Anna;X-ID=1:mailto:anna@example.org\n\
        ATTENDEE;SCHEDULE-AGENT=SERVER;CN=\"Bob, the first\";X-ID=2:mailto:bob@example.org\n\
        BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nEND:VALARM",
    ]);
    event.replacen("BEGIN:VEVENT", &format!("{ZONE}BEGIN:VEVENT"), 1)
}

#[test]
fn a_request_says_what_others_may_know_and_nothing_else() {
    let change = as_owner("anna", 1_767_225_600, |context| organizer::change(None, Some(&document(&full())), context));
    let change = change.expect("anna may invite");
    let expected = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Daybook//Daybook//EN\r\nMETHOD:REQUEST\r\n{ZONE}BEGIN:VEVENT\r\nUID:1\r\n\
        DTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20260105T120000\r\nDTEND;TZID=Europe/Berlin:20260105T130000\r\n\
        SUMMARY:Lunch\r\nORGANIZER;CN=Anna:mailto:anna@example.org\r\nATTENDEE;CN=\"Bob, the first\":mailto:bob@example.org\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    assert_eq!(change.messages[0].ics, expected);
    assert_eq!(change.stored, None);
}

#[test]
fn a_cancellation_names_whom_it_is_for() {
    let before = document(&full());
    let change = as_owner("anna", 1_767_225_600, |context| organizer::change(Some(&before), None, context));
    let ics = &change.expect("anna may remove it").messages[0].ics;
    for line in
        ["METHOD:CANCEL", "SEQUENCE:1", "STATUS:CANCELLED", "ATTENDEE;CN=\"Bob, the first\":mailto:bob@example.org"]
    {
        assert!(ics.contains(&format!("{line}\r\n")), "{line} in {ics}");
    }
}

#[test]
fn a_reply_mirrors_what_it_answers_and_names_only_the_one_who_answers() {
    let with_carl = full().replace("X-PRIVATE:1\r\n", "SEQUENCE:3\r\nATTENDEE:mailto:carl@example.org\r\n");
    let before = document(&with_carl);
    let after = document(&with_carl.replace(";CN=\"Bob, the first\"", ";PARTSTAT=ACCEPTED;CN=\"Bob, the first\""));
    let change = as_owner("bob", 1_767_225_600, |context| {
        attendee::change(Some(&before), Some(&after), ScheduleReply::Send, &OrganizersComments::default(), context)
    });
    let expected = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Daybook//Daybook//EN\r\nMETHOD:REPLY\r\n{ZONE}BEGIN:VEVENT\r\nUID:1\r\n\
        DTSTAMP:20260101T000000Z\r\nDTSTART;TZID=Europe/Berlin:20260105T120000\r\nDTEND;TZID=Europe/Berlin:20260105T130000\r\n\
        SUMMARY:Lunch\r\nSEQUENCE:3\r\nORGANIZER;CN=Anna:mailto:anna@example.org\r\n\
        ATTENDEE;PARTSTAT=ACCEPTED;CN=\"Bob, the first\":mailto:bob@example.org\r\nREQUEST-STATUS:2.0;Success\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    assert_eq!(change.expect("bob may accept").messages[0].ics, expected);
}

#[test]
fn two_hundred_guests_get_one_message() {
    let attendees: Vec<_> =
        (0..200).map(|attendee| format!("ATTENDEE:mailto:attendee{attendee}@example.org\n")).collect();
    let attendees = attendees.concat();
    let lunch = format!("DTSTART:20260105T120000Z\nSUMMARY:Lunch\nORGANIZER:mailto:anna@example.org\n{attendees}");
    let lunch = document(&object(&[&lunch]));
    let change =
        as_owner("anna", 0, |context| organizer::change(None, Some(&lunch), context)).expect("anna may invite");
    assert_eq!(change.messages.len(), 1);
    assert_eq!(change.messages[0].recipients.len(), 200);
}

/// RFC 7986 §6.2 defines the EMAIL parameter.
#[test]
fn a_user_with_an_unknown_uri_is_reached_by_email() {
    let mut world = World::new();
    let lunch = "DTSTART:20260105T120000Z\nORGANIZER;EMAIL=anna@example.org:urn:uuid:a\n\
        ATTENDEE;EMAIL=anna@example.org;PARTSTAT=ACCEPTED:urn:uuid:a\nATTENDEE;EMAIL=bob@example.org:urn:uuid:b";
    world.put("anna", Some(&object(&[lunch]))).expect("anna may invite");
    assert_eq!(world.log(), ["REQUEST to bob: invited", "  bob has it, told"]);
    let accepted = world.copies["bob"].replace(":urn:uuid:b", ";PARTSTAT=ACCEPTED:urn:uuid:b");
    world.put("bob", Some(&accepted)).expect("bob may answer");
    assert_eq!(world.log()[0], "REPLY to anna: answered");
    let bob = world.lines("anna", "ATTENDEE").pop();
    let expected = "ATTENDEE;EMAIL=bob@example.org;PARTSTAT=ACCEPTED;SCHEDULE-STATUS=2.0:urn:uuid:b";
    assert_eq!(bob.as_deref(), Some(expected));
}
