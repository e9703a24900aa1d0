//! Tests of organizers who store a text that they read before others answered (RFC 6638 §3.2.10.1).

use super::world::{World, as_owner, object};
use crate::calendar_user_role;
use crate::merge::merge_participation;
use ical::Document;

const SERIES: &str = "DTSTART:20260105T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=9\nSUMMARY:Stand-up\n\
    ORGANIZER:mailto:anna@example.org\nATTENDEE:mailto:bob@example.org\n";

fn merged(sent: &str, known: &str) -> Option<String> {
    let [sent, known] = [sent, known].map(|text| Document::parse(text).expect("well-formed"));
    as_owner("anna", 0, |context| {
        let role = calendar_user_role(&sent, context.owns).expect("one organizer");
        merge_participation(&sent, &known, &role, context)
    })
}

#[test]
fn what_others_answered_meanwhile_is_kept() {
    let mut world = World::new();
    world.put("anna", Some(&object(&[SERIES]))).expect("anna may invite");
    let stale = world.copies["anna"].replace("SUMMARY:Stand-up", "SUMMARY:Sit-down");
    world.answer("bob", "ACCEPTED").expect("bob may accept");
    let less = world.copies["bob"].replacen("END:VEVENT", "EXDATE:20260107T100000Z\r\nEND:VEVENT", 1);
    world.put("bob", Some(&less)).expect("bob may decline one");
    let merged = merged(&stale, &world.copies["anna"]).expect("there is something to keep");
    world.copies.insert("anna", merged);
    assert_eq!(world.partstats("anna", "bob"), ["ACCEPTED", "20260107T100000Z DECLINED"]);
    let titles = ["SUMMARY:Sit-down", "20260107T100000Z SUMMARY:Sit-down"];
    assert_eq!(world.lines("anna", "SUMMARY"), titles, "what the organizer sent stands");
}

#[test]
fn an_instance_the_organizer_takes_back_does_not_return() {
    let third = "RECURRENCE-ID:20260107T100000Z\nDTSTART:20260107T150000Z\nDURATION:PT1H\nSUMMARY:Stand-up\n\
        ORGANIZER:mailto:anna@example.org\nATTENDEE:mailto:bob@example.org\n";
    assert_eq!(merged(&object(&[SERIES]), &object(&[SERIES, third])), None);
}
