//! The conversations of RFC 5546, section 4.5: tasks.

use super::{World, calendar, golden, replaced};

const REQUIREMENTS: &str = "BEGIN:VTODO\nORGANIZER:mailto:a@example.com\nATTENDEE;ROLE=CHAIR:mailto:a@example.com\n\
    ATTENDEE;RSVP=TRUE:mailto:b@example.com\nATTENDEE;RSVP=TRUE:mailto:d@example.com\nDTSTART:19970701T170000Z\n\
    DUE:19970722T170000Z\nPRIORITY:1\nSUMMARY:Create the requirements document\nUID:requirements\nSEQUENCE:0\n\
    DTSTAMP:19970717T200000Z\nSTATUS:NEEDS-ACTION\nEND:VTODO\n";

const REPORTS: &str = "BEGIN:VTODO\nORGANIZER:mailto:a@example.com\nATTENDEE;ROLE=CHAIR:mailto:a@example.com\n\
    ATTENDEE;RSVP=TRUE:mailto:b@example.com\nRRULE:FREQ=MONTHLY;COUNT=10;BYDAY=1FR\nDTSTART:19980102T100000Z\n\
    DUE:19980104T100000Z\nSUMMARY:Send Status Reports to Area Managers\nUID:reports\nSEQUENCE:0\n\
    DTSTAMP:19970717T200000Z\nSTATUS:NEEDS-ACTION\nPRIORITY:1\nEND:VTODO\n";

fn told(component: &str) -> World {
    let mut world = World::default();
    world.put("a", &calendar(component)).expect("the request is stored");
    world.later();
    world
}

#[test]
fn rfc5546_4_5_1_a_task_request() {
    golden!(told(REQUIREMENTS), "rfc5546_4_5_1_a_task_request");
}

#[test]
fn rfc5546_4_5_2_a_task_reply() {
    let mut world = told(REQUIREMENTS);
    let mine = ("RSVP=TRUE:mailto:b@", "RSVP=TRUE;PARTSTAT=ACCEPTED:mailto:b@");
    let comment = ("SUMMARY", "COMMENT:I'll send you my input by email\r\nSUMMARY");
    let accepted = replaced(&world.copy("b", "requirements"), &[mine, comment]);
    world.put("b", &accepted).expect("accepted");
    golden!(world, "rfc5546_4_5_2_a_task_reply");
}

#[test]
fn rfc5546_4_5_3_a_request_for_updated_status() {
    let mut world = told(REQUIREMENTS);
    let again = replaced(
        &world.copy("a", "requirements"),
        &[("RSVP=TRUE;SCHEDULE-STATUS=1.2:mailto:b@", "RSVP=TRUE;SCHEDULE-FORCE-SEND=REQUEST:mailto:b@")],
    );
    world.put("a", &again).expect("asked again");
    golden!(world, "rfc5546_4_5_3_a_request_for_updated_status");
}

#[test]
fn rfc5546_4_5_4_a_reply_with_percent_complete() {
    let mut world = told(REQUIREMENTS);
    let mine = ("RSVP=TRUE:mailto:b@", "RSVP=TRUE;PARTSTAT=IN-PROCESS:mailto:b@");
    let working = replaced(&world.copy("b", "requirements"), &[mine, ("SUMMARY", "PERCENT-COMPLETE:75\r\nSUMMARY")]);
    world.put("b", &working).expect("answered");
    golden!(world, "rfc5546_4_5_4_a_reply_with_percent_complete");
}

#[test]
fn rfc5546_4_5_5_a_reply_that_it_is_completed() {
    let mut world = told(REQUIREMENTS);
    let mine = ("RSVP=TRUE:mailto:d@", "RSVP=TRUE;PARTSTAT=COMPLETED:mailto:d@");
    let done =
        replaced(&world.copy("d", "requirements"), &[mine, ("SUMMARY", "COMPLETED:19970717T233000Z\r\nSUMMARY")]);
    world.put("d", &done).expect("answered");
    golden!(world, "rfc5546_4_5_5_a_reply_that_it_is_completed");
}

#[test]
fn rfc5546_4_5_6_an_updated_task_request() {
    let mut world = told(REQUIREMENTS);
    let changes = [("STATUS:NEEDS-ACTION", "STATUS:IN-PROCESS\r\nPERCENT-COMPLETE:40"), ("SEQUENCE:0", "SEQUENCE:1")];
    let updated = replaced(&world.copy("a", "requirements"), &changes);
    world.put("a", &updated).expect("updated");
    golden!(world, "rfc5546_4_5_6_an_updated_task_request");
}

#[test]
fn rfc5546_4_5_7_a_recurring_task_is_answered_for_one_instance() {
    let mut world = told(REPORTS);
    let instance = "BEGIN:VTODO\r\nORGANIZER:mailto:a@example.com\r\nATTENDEE;ROLE=CHAIR:mailto:a@example.com\r\n\
        ATTENDEE;PARTSTAT=IN-PROCESS:mailto:b@example.com\r\nRECURRENCE-ID:19980206T100000Z\r\n\
        DTSTART:19980206T100000Z\r\nDUE:19980208T100000Z\r\nSUMMARY:Send Status Reports to Area Managers\r\n\
        UID:reports\r\nSEQUENCE:0\r\nDTSTAMP:19970717T233000Z\r\nSTATUS:IN-PROCESS\r\nPERCENT-COMPLETE:75\r\n\
        PRIORITY:1\r\nEND:VTODO\r\nEND:VCALENDAR";
    let answered = world.copy("b", "reports").replace("END:VCALENDAR", instance);
    world.put("b", &answered).expect("answered");
    golden!(world, "rfc5546_4_5_7_a_recurring_task_is_answered_for_one_instance");
}
