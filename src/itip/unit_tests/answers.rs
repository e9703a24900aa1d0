//! Tests of the limits for what one answer may add to the organizer's object.

use super::world::{self, World, canonical, object};
use crate::attendee::{MAX_ANSWER_BYTES, MAX_ANSWERED_INSTANCES};
use crate::inbound::Message;
use crate::times::utc;
use ical::Document;
use schemas::Ignored;

const HOUR: i64 = 3_600;
/// The start of the series: 2026-01-05T10:00:00Z.
const START: i64 = 1_767_607_200;
const SERIES: &str = "DTSTART:20260105T100000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY\nSUMMARY:Watch\n\
    ORGANIZER:mailto:anna@example.org\nATTENDEE:mailto:bob@example.org\n";

fn invited() -> World {
    let mut world = World::new();
    world.put("anna", Some(&object(&[SERIES]))).expect("anna may invite");
    world
}

fn excluding(copy: &str, count: i64) -> String {
    let exdates: Vec<_> = (1..=count).map(|hour| utc(START + hour * HOUR)).collect();
    copy.replacen("END:VEVENT", &format!("EXDATE:{}\r\nEND:VEVENT", exdates.join(",")), 1)
}

#[test]
fn so_many_instances_can_be_declined_at_a_time() {
    let limit = i64::try_from(MAX_ANSWERED_INSTANCES).expect("a small number");
    for (count, is_allowed) in [(limit, true), (limit + 1, false)] {
        let mut world = invited();
        let declined = excluding(&world.copies["bob"], count);
        assert_eq!(world.put("bob", Some(&declined)).is_ok(), is_allowed, "{count}");
    }
    // Instances that the copy excludes already do not count.
    let mut world = invited();
    for count in [limit, 2 * limit] {
        let declined = excluding(&invited().copies["bob"], count);
        world.put("bob", Some(&declined)).expect("half of them are known");
    }
}

#[test]
fn an_answer_is_so_long() {
    let line = |bytes: usize| {
        let (start, end) = (";PARTSTAT=ACCEPTED;SENT-BY=\"mailto:", "@example.org\"");
        let answer = format!("{start}{}{end}", "a".repeat(bytes - start.len() - end.len()));
        format!("ATTENDEE{answer}:mailto:bob@example.org")
    };
    for (bytes, is_allowed) in [(MAX_ANSWER_BYTES, true), (MAX_ANSWER_BYTES + 1, false)] {
        let mut world = invited();
        let answered = world.copies["bob"].replace("ATTENDEE:mailto:bob@example.org", &line(bytes));
        assert_eq!(world.put("bob", Some(&answered)).is_ok(), is_allowed, "{bytes}");
        assert_eq!(world.copies["anna"].contains("PARTSTAT=ACCEPTED"), is_allowed, "{bytes}");

        let reply =
            object(&[&format!("DTSTAMP:20260105T110000Z\nORGANIZER:mailto:anna@example.org\n{}\n", line(bytes))]);
        let reply = reply.replacen("BEGIN:VEVENT", "METHOD:REPLY\r\nBEGIN:VEVENT", 1);
        assert_eq!(ignored(&reply, &invited().copies["anna"]).is_none(), is_allowed, "{bytes} from elsewhere");
    }
}

#[test]
fn what_the_organizer_wrote_is_no_answer() {
    let named = format!("ATTENDEE;CN={}:mailto:bob@example.org", "b".repeat(2 * MAX_ANSWER_BYTES));
    let mut world = World::new();
    world.put("anna", Some(&object(&[&SERIES.replace("ATTENDEE:mailto:bob@example.org", &named)]))).expect("she may");
    let answered = world.copies["bob"].replace("ATTENDEE;", "ATTENDEE;PARTSTAT=ACCEPTED;");
    world.put("bob", Some(&answered)).expect("the answer is short");
    let object = world.copies["anna"].replace("\r\n ", "");
    assert!(object.contains("PARTSTAT=ACCEPTED"), "{object}");
}

/// Returns the reason why Anna's object ignores a REPLY; `None` if it does not.
fn ignored(reply: &str, object: &str) -> Option<Ignored> {
    let [reply, object] = [reply, object].map(|text| Document::parse(text).expect("well-formed"));
    world::ignored("anna", START, &Message::read(&reply, &canonical).expect("a message"), &object)
}
