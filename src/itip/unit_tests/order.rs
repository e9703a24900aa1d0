//! Tests of messages that arrive late, twice, or from the wrong people.

use super::world::{PEOPLE, World, canonical, ignored, object};
use crate::{Draft, Method, Visibility, inbound};
use ical::Document;
use schemas::Ignored;

const LUNCH: &str = "DTSTART:20260105T120000Z\nDTEND:20260105T130000Z\nSUMMARY:Lunch\nORGANIZER:mailto:anna@example.org\n\
    ATTENDEE:mailto:bob@example.org\nATTENDEE:mailto:carl@example.org\n";

fn invited() -> World {
    let mut world = World::new();
    world.put("anna", Some(&object(&[LUNCH]))).expect("anna may invite");
    world.log();
    world
}

fn message(method: Method, lines: &str) -> Draft {
    let ics = object(&[lines]).replace("VERSION:2.0", &format!("VERSION:2.0\r\nMETHOD:{}", method.as_str()));
    let ics = ics.replace("20260101T000000Z", "20260101T120000Z");
    Draft { method, recipients: vec![], visibility: Visibility::Inbox, reason: "", instances: vec![], ics }
}

#[test]
fn what_a_message_is_worth_depends_on_who_sends_what_when() {
    let reply = |who: &str, rest: &str| {
        format!("SEQUENCE:1\nORGANIZER:mailto:anna@example.org\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{who}\n{rest}")
    };
    let bob = || reply("bob@example.org", "");
    let older = LUNCH.replace("SUMMARY:Lunch", "SEQUENCE:0\nSUMMARY:Old");
    let rows = [
        ("a reply", "anna", message(Method::Reply, &bob()), "changed quietly, told"),
        (
            "a reply from an alias",
            "anna",
            message(Method::Reply, &reply("Bob@WORK.example.org", "")),
            "changed quietly, told",
        ),
        (
            "a reply without organizer",
            "anna",
            message(Method::Reply, &bob().replace("ORGANIZER:mailto:anna@example.org\n", "")),
            "changed quietly, told",
        ),
        ("a reply from a stranger", "anna", message(Method::Reply, &reply("eve@example.org", "")), "not-an-attendee"),
        (
            "a reply for another organizer",
            "anna",
            message(Method::Reply, &bob().replace("mailto:anna", "mailto:eve")),
            "another-organizer",
        ),
        ("a reply to an attendee", "carl", message(Method::Reply, &bob()), "not-the-organizer"),
        ("a reply to nobody", "dora", message(Method::Reply, &bob()), "unknown-object"),
        (
            "a reply to an instance there is not",
            "anna",
            message(Method::Reply, &reply("bob@example.org", "RECURRENCE-ID:20260106T120000Z\n")),
            "unknown-instance",
        ),
        ("an older request", "bob", message(Method::Request, &older), "stale"),
        (
            "a request of another organizer",
            "bob",
            message(Method::Request, &LUNCH.replace("mailto:anna", "mailto:eve")),
            "another-organizer",
        ),
        (
            "a request to the organizer",
            "anna",
            message(Method::Request, &format!("SEQUENCE:9\n{}", LUNCH.replace("mailto:anna", "mailto:eve"))),
            "not-an-attendee",
        ),
        ("a request for others", "dora", message(Method::Request, LUNCH), "not-an-attendee"),
        (
            "a cancellation by another organizer",
            "bob",
            message(Method::Cancel, "SEQUENCE:9\nORGANIZER:mailto:eve@example.org"),
            "another-organizer",
        ),
        ("an older cancellation", "bob", message(Method::Cancel, "ORGANIZER:mailto:anna@example.org"), "stale"),
        (
            "a cancellation of nothing",
            "dora",
            message(Method::Cancel, "ORGANIZER:mailto:anna@example.org"),
            "nothing-to-cancel",
        ),
        ("a counter proposal", "anna", message(Method::Counter, &bob()), "counter-proposed, told"),
        ("a REFRESH of an attendee", "anna", message(Method::Refresh, &bob()), "answers"),
        ("a REFRESH of a stranger", "anna", message(Method::Refresh, &reply("eve@example.org", "")), "not-an-attendee"),
    ];
    for (title, who, draft, expected) in rows {
        let mut world = invited();
        let renamed = world.copies["anna"].replace("SUMMARY:Lunch", "SUMMARY:New\r\nSEQUENCE:1");
        world.put("anna", Some(&renamed)).expect("anna may");
        world.log();
        let who = PEOPLE.into_iter().find(|known| *known == who).expect("somebody we know");
        world.receive(who, &draft);
        assert_eq!(world.log()[0].trim(), format!("{who} {expected}"), "{title}");
    }
}

#[test]
fn a_late_answer_counts_unless_it_answers_another_time() {
    let answer = |start: &str| {
        message(
            Method::Reply,
            &format!("{start}ORGANIZER:mailto:anna@example.org\nATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org"),
        )
    };
    let times = "DTSTART:20260105T120000Z\nDTEND:20260105T130000Z\n";
    let rows = [
        ("another title since", "SUMMARY:Lunch", "SUMMARY:Dinner\r\nSEQUENCE:1", times, "changed quietly, told"),
        ("another time since", "T120000Z\r\nDTEND", "T110000Z\r\nDTEND", times, "stale"),
        ("another time since, and a reply without times", "T120000Z\r\nDTEND", "T110000Z\r\nDTEND", "", "stale"),
    ];
    for (title, from, to, start, expected) in rows {
        let mut world = invited();
        let changed = world.copies["anna"].replace(from, to);
        world.put("anna", Some(&changed)).expect(title);
        world.log();
        world.receive("anna", &answer(start));
        assert_eq!(world.log()[0].trim(), format!("anna {expected}"), "{title}");
    }
}

/// RFC 5546 §2.1.5: DTSTAMP orders the replies of one attendee.
#[test]
fn an_older_answer_does_not_overwrite_a_later_one() {
    let answer = |partstat: &str, second: u32, more: &str| {
        let lines =
            format!("{more}ORGANIZER:mailto:anna@example.org\nATTENDEE;PARTSTAT={partstat}:mailto:bob@example.org\n");
        let mut draft = message(Method::Reply, &lines);
        draft.ics = draft.ics.replace("DTSTAMP:20260101T120000Z", &format!("DTSTAMP:202601020000{second:02}Z"));
        draft
    };
    let mut world = invited();
    world.receive("anna", &answer("ACCEPTED", 20, ""));
    world.log();
    world.receive("anna", &answer("DECLINED", 10, ""));
    assert_eq!(world.log(), ["  anna stale"]);
    assert_eq!(world.partstats("anna", "bob"), ["ACCEPTED"]);
    world.receive("anna", &answer("TENTATIVE", 30, ""));
    world.receive("anna", &answer("ACCEPTED", 25, "SEQUENCE:1\n"));
    assert_eq!(
        world.partstats("anna", "bob"),
        ["ACCEPTED"],
        "what answers a later revision counts whenever it was written"
    );
}

#[test]
fn a_message_that_comes_twice_changes_nothing_the_second_time() {
    let mut world = invited();
    let draft = message(Method::Request, &format!("SEQUENCE:1\n{}", LUNCH.replace("SUMMARY:Lunch", "SUMMARY:Dinner")));
    world.receive("bob", &draft);
    let once = world.copies["bob"].clone();
    world.log();
    world.receive("bob", &draft);
    assert_eq!(world.log(), ["  bob already-so, told"]);
    assert_eq!(world.copies["bob"], once);
}

#[test]
fn an_answer_on_its_way_survives_an_update() {
    let mut world = invited();
    let accepted = world.copies["bob"].replace("ATTENDEE:mailto:bob", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob");
    world.copies.insert("bob", accepted); // stored, while the reply is still on its way
    world.receive("bob", &message(Method::Request, &LUNCH.replace("SUMMARY:Lunch", "SUMMARY:Dinner")));
    assert_eq!(world.partstats("bob", "bob"), ["ACCEPTED"]);
    assert_eq!(world.lines("bob", "SUMMARY"), ["SUMMARY:Dinner"]);
}

#[test]
fn of_two_messages_of_one_revision_the_later_one_counts() {
    for method in [Method::Request, Method::Cancel] {
        let mut world = invited();
        let mut early = message(method, &LUNCH.replace("SUMMARY:Lunch", "SUMMARY:Old"));
        early.ics = early.ics.replace("20260101T120000Z", "20251231T120000Z");
        world.receive("bob", &early);
        assert_eq!(world.log(), ["  bob stale"], "{}", method.as_str());
        assert!(!world.copies["bob"].contains("SUMMARY:Old"));
    }
}

/// The organizer's object lost an override that agrees with the series. A copy that still has it,
/// with a higher SEQUENCE than the series, takes in later messages about this instance.
#[test]
fn an_override_that_the_organizer_no_longer_has_does_not_hold_up_later_messages() {
    let series = LUNCH.replace("SUMMARY", "RRULE:FREQ=DAILY;COUNT=3\nSUMMARY");
    let day = |more: &str| format!("RECURRENCE-ID:20260106T120000Z\n{}{more}", LUNCH.replace("0105T1", "0106T1"));
    let rows = [
        ("the revision of the series, written later", 0, "SEQUENCE:0\n", "20260101T120000Z", None),
        ("a revision between series and override", 1, "SEQUENCE:1\n", "20260101T120000Z", None),
        ("written earlier", 0, "SEQUENCE:0\n", "20251231T120000Z", Some(Ignored::Stale)),
        ("written at the same time", 0, "SEQUENCE:0\n", "20260101T000000Z", Some(Ignored::Stale)),
        ("before the revision of the series", 1, "SEQUENCE:0\n", "20260101T120000Z", Some(Ignored::Stale)),
    ];
    for (title, of_series, sequence, written, expected) in rows {
        for method in [Method::Request, Method::Cancel] {
            let copy = object(&[&format!("{series}SEQUENCE:{of_series}\n"), &day("SEQUENCE:2\n")]);
            let copy = Document::parse(copy).expect("a copy");
            let mut draft = message(method, &day(&format!("{sequence}LOCATION:Lake\n")));
            draft.ics = draft.ics.replace("20260101T120000Z", written);
            let text = Document::parse(draft.ics).expect("a message");
            let read = inbound::Message::read(&text, &canonical).expect("a message is valid");
            let now = World::new().now + 86_400;
            assert_eq!(ignored("bob", now, &read, &copy), expected, "{title}, {}", method.as_str());
        }
    }
}
