//! The conversations of RFC 6638, appendix B.

use calendar::{Refusal, Require};

use super::{World, calendar, golden, replaced};

const LUNCH: &str = "BEGIN:VEVENT\nUID:9263504FD3AD\nSEQUENCE:0\nDTSTAMP:20090602T185254Z\nDTSTART:20090602T160000Z\n\
    DTEND:20090602T170000Z\nTRANSP:OPAQUE\nSUMMARY:Lunch\nORGANIZER;CN=\"Cyrus Daboo\":mailto:cyrus@example.com\n\
    ATTENDEE;CN=\"Cyrus Daboo\";CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED:mailto:cyrus@example.com\n\
    ATTENDEE;CN=\"Wilfredo Sanchez Vega\";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:\
    mailto:wilfredo@example.com\n\
    ATTENDEE;CN=\"Bernard Desruisseaux\";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:\
    mailto:bernard@example.net\n\
    ATTENDEE;CN=\"Mike Douglass\";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:mike@elsewhere.example\n\
    END:VEVENT\n";

const REVIEW: &str = "BEGIN:VTIMEZONE\nTZID:America/Montreal\nBEGIN:STANDARD\nDTSTART:20071104T020000\n\
    RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nTZNAME:EST\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD\n\
    BEGIN:DAYLIGHT\nDTSTART:20070311T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nTZNAME:EDT\nTZOFFSETFROM:-0500\n\
    TZOFFSETTO:-0400\nEND:DAYLIGHT\nEND:VTIMEZONE\n\
    BEGIN:VEVENT\nUID:9263504FD3AD\nSEQUENCE:0\nDTSTAMP:20090602T185254Z\n\
    DTSTART;TZID=America/Montreal:20090601T150000\nDTEND;TZID=America/Montreal:20090601T160000\n\
    RRULE:FREQ=DAILY;INTERVAL=1;COUNT=5\nTRANSP:OPAQUE\nSUMMARY:Review Internet-Draft\n\
    ORGANIZER;CN=\"Cyrus Daboo\":mailto:cyrus@example.com\n\
    ATTENDEE;CN=\"Cyrus Daboo\";CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED:mailto:cyrus@example.com\n\
    ATTENDEE;CN=\"Bernard Desruisseaux\";CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=TRUE:\
    mailto:bernard@example.net\nEND:VEVENT\n";

/// Bernard's second day, declined.
const DECLINED: &str = "BEGIN:VEVENT\r\nUID:9263504FD3AD\r\nSEQUENCE:0\r\nDTSTAMP:20090603T183823Z\r\n\
    RECURRENCE-ID;TZID=America/Montreal:20090602T150000\r\nDTSTART;TZID=America/Montreal:20090602T150000\r\n\
    DTEND;TZID=America/Montreal:20090602T160000\r\nTRANSP:TRANSPARENT\r\nSUMMARY:Review Internet-Draft\r\n\
    ORGANIZER;CN=\"Cyrus Daboo\":mailto:cyrus@example.com\r\n\
    ATTENDEE;CN=\"Cyrus Daboo\";CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED:mailto:cyrus@example.com\r\n\
    ATTENDEE;CN=\"Bernard Desruisseaux\";CUTYPE=INDIVIDUAL;PARTSTAT=DECLINED;ROLE=REQ-PARTICIPANT;RSVP=TRUE:\
    mailto:bernard@example.net\r\nEND:VEVENT\r\nEND:VCALENDAR";

fn invited() -> World {
    let mut world = World::default();
    world.put("cyrus", &calendar(LUNCH)).expect("the invitation is stored");
    world.later();
    world
}

/// The review, which Bernard accepted.
fn reviewed() -> World {
    let mut world = World::default();
    world.put("cyrus", &calendar(REVIEW)).expect("the invitation is stored");
    let accepted = replaced(&world.copy("bernard", "9263504FD3AD"), &[("NEEDS-ACTION", "ACCEPTED")]);
    world.later().put("bernard", &accepted).expect("accepted");
    world.later();
    world
}

/// Puts Bernard's copy back with the Schedule-Tag it has, as the examples do.
fn matching(world: &World, who: &str) -> Require {
    let tag = world.object(who, "9263504FD3AD").resources[0].content.schedule_tag.clone();
    Require { if_schedule_tag_match: tag, ..Require::default() }
}

#[test]
fn rfc6638_b1_b2_an_organizer_invites_and_attendees_receive() {
    golden!(invited(), "rfc6638_b1_b2_an_organizer_invites_and_attendees_receive");
}

#[test]
fn rfc6638_b3_b4_an_attendee_replies_and_the_organizer_receives() {
    let mut world = invited();
    let alarm = "BEGIN:VALARM\r\nTRIGGER:-PT15M\r\nACTION:DISPLAY\r\nDESCRIPTION:Reminder\r\nEND:VALARM\r\nEND:VEVENT";
    let mine = (
        "PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:wilfredo",
        "PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:wilfredo",
    );
    let answered = replaced(&world.copy("wilfredo", "9263504FD3AD"), &[mine, ("END:VEVENT", alarm)]);
    let require = matching(&world, "wilfredo");
    world.put_if("wilfredo", &answered, require).expect("answered");
    golden!(world, "rfc6638_b3_b4_an_attendee_replies_and_the_organizer_receives");
}

#[test]
fn rfc6638_b3_a_tag_that_does_not_match_fails() {
    let mut world = invited();
    let copy = world.copy("wilfredo", "9263504FD3AD");
    let require = Require { if_schedule_tag_match: Some("another".into()), ..Require::default() };
    let refused = world.put_if("wilfredo", &copy, require);
    assert_eq!(refused, Err(Refusal::Precondition { header: "If-Schedule-Tag-Match" }));
}

#[test]
fn rfc6638_b7_an_attendee_declines_an_instance_of_a_series() {
    let mut world = reviewed();
    let declined = world.copy("bernard", "9263504FD3AD").replace("END:VCALENDAR", DECLINED);
    let require = matching(&world, "bernard");
    world.put_if("bernard", &declined, require).expect("declined");
    golden!(world, "rfc6638_b7_an_attendee_declines_an_instance_of_a_series");
}

#[test]
fn rfc6638_b8_an_attendee_removes_an_instance_of_a_series() {
    let mut world = reviewed();
    let declined = world.copy("bernard", "9263504FD3AD").replace("END:VCALENDAR", DECLINED);
    world.put("bernard", &declined).expect("declined");
    let excluded = ("TRANSP:OPAQUE", "EXDATE;TZID=America/Montreal:20090603T150000\r\nTRANSP:OPAQUE");
    let removed = replaced(&world.copy("bernard", "9263504FD3AD"), &[excluded]);
    let require = matching(&world, "bernard");
    world.later().put_if("bernard", &removed, require).expect("removed");
    golden!(world, "rfc6638_b8_an_attendee_removes_an_instance_of_a_series");
}
