//! Series: who is told of which instance.

use super::world::{World, as_owner, object};
use crate::meeting::Meeting;
use ical::value::DateTime;
use ical::{Address, Document};

const GUESTS: &str = "ORGANIZER:mailto:anna@example.org\nATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@example.org\n\
    ATTENDEE:mailto:bob@example.org\nATTENDEE:mailto:carl@example.org\n";
const THIRD: &str = "RECURRENCE-ID;TZID=Europe/Berlin:20260107T100000\n";

fn series(rest: &str) -> String {
    format!(
        "DTSTART;TZID=Europe/Berlin:20260105T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=10\nSUMMARY:Stand-up\n{GUESTS}{rest}"
    )
}

/// The third day, one hour later.
fn third(attendees: &str) -> String {
    format!("{THIRD}DTSTART;TZID=Europe/Berlin:20260107T110000\nDURATION:PT1H\nSUMMARY:Stand-up\n{attendees}")
}

fn given(components: &[&str]) -> World {
    let mut world = World::new();
    world.put("anna", Some(&object(components))).expect("anna may invite");
    world.log();
    world
}

fn accepted(components: &[&str]) -> World {
    let mut world = given(components);
    world.answer("bob", "ACCEPTED").expect("bob may accept");
    world.answer("carl", "ACCEPTED").expect("carl may accept");
    world.log();
    world
}

/// Adds lines before the first `END:VEVENT`.
fn with(copy: &str, lines: &str) -> String {
    copy.replacen("END:VEVENT", &format!("{}END:VEVENT", lines.replace('\n', "\r\n")), 1)
}

/// Adds a component with the stamps of [`object`].
fn and(copy: &str, component: &str) -> String {
    let component = object(&[component]);
    let (_, component) = component.split_once("BEGIN:VEVENT").expect("an event");
    copy.replacen("END:VCALENDAR\r\n", &format!("BEGIN:VEVENT{component}"), 1)
}

#[test]
fn an_instance_left_out_is_cancelled_and_the_rest_stands() {
    let mut world = accepted(&[&series("")]);
    let less = with(&world.copies["anna"], "EXDATE;TZID=Europe/Berlin:20260107T100000\n");
    world.put("anna", Some(&less)).expect("anna may leave one out");
    let expected = ["CANCEL to bob carl: cancelled of 20260107T100000", "  bob changed, told", "  carl changed, told"];
    assert_eq!(world.log(), expected);
    assert_eq!(world.lines("bob", "STATUS"), ["20260107T100000 STATUS:CANCELLED"]);
    assert_eq!(world.partstats("anna", "bob"), ["ACCEPTED"], "the series stands as it was answered");
}

#[test]
fn a_date_taken_from_a_series_is_told_and_asks_nobody() {
    let dates = |dates: &str| format!("DTSTART:20260105T100000Z\nDURATION:PT1H\nSUMMARY:Talks\n{dates}{GUESTS}");
    let mut world = accepted(&[&dates("RDATE:20260107T100000Z,20260112T100000Z\n")]);
    for rest in ["RDATE:20260112T100000Z\n", ""] {
        let fewer = world.copies["anna"].lines().filter(|line| !line.starts_with("RDATE")).collect::<Vec<_>>();
        let fewer = with(&(fewer.join("\r\n") + "\r\n"), rest);
        world.put("anna", Some(&fewer)).expect("anna may take dates away");
        assert_eq!(world.log(), ["REQUEST to bob carl: changed", "  bob changed, told", "  carl changed, told"]);
        assert_eq!(world.lines("bob", "RDATE"), rest.lines().collect::<Vec<_>>());
        assert_eq!(world.partstats("anna", "bob"), ["ACCEPTED"]);
    }
}

#[test]
fn an_instance_marked_as_cancelled_is_cancelled_and_the_rest_stands() {
    let mut world = accepted(&[&series("")]);
    let less =
        and(&world.copies["anna"], &format!("{}STATUS:CANCELLED\n", third(GUESTS).replace("T110000", "T100000")));
    world.put("anna", Some(&less)).expect("anna may cancel one");
    let expected = ["CANCEL to bob carl: cancelled of 20260107T100000", "  bob changed, told", "  carl changed, told"];
    assert_eq!(world.log(), expected);
    assert_eq!(world.lines("bob", "STATUS"), ["20260107T100000 STATUS:CANCELLED"]);
    let renamed = world.copies["anna"].replacen("SUMMARY:Stand-up", "SUMMARY:Sit-down", 1);
    world.put("anna", Some(&renamed)).expect("anna may rename it");
    assert_eq!(world.log(), ["REQUEST to bob carl: changed", "  bob changed, told", "  carl changed, told"]);
    assert_eq!(world.lines("bob", "STATUS"), ["20260107T100000 STATUS:CANCELLED"], "an update leaves it cancelled");
}

#[test]
fn only_a_moved_instance_is_asked_for_again() {
    let mut world = accepted(&[&series("")]);
    let moved = and(&world.copies["anna"], &third(GUESTS));
    world.put("anna", Some(&moved)).expect("anna may move one");
    assert_eq!(
        world.log(),
        ["REQUEST to bob carl: rescheduled of 20260107T100000", "  bob changed, told", "  carl changed, told"]
    );
    for copy in ["anna", "bob", "carl"] {
        assert_eq!(world.partstats(copy, "bob"), ["ACCEPTED", "20260107T100000 NEEDS-ACTION"], "{copy}");
    }
}

#[test]
fn a_moved_instance_that_moves_back_is_asked_for_again() {
    let mut world = accepted(&[&series(""), &third(GUESTS)]);
    let back = object(&[&series("SEQUENCE:1\n")]);
    world.put("anna", Some(&back)).expect("anna may move it back");
    assert_eq!(
        world.log(),
        ["REQUEST to bob carl: rescheduled of 20260107T100000", "  bob changed, told", "  carl changed, told"]
    );
    for copy in ["anna", "bob"] {
        assert_eq!(world.partstats(copy, "bob"), ["ACCEPTED", "20260107T100000 NEEDS-ACTION"], "{copy}");
        let starts = [
            "DTSTART;TZID=Europe/Berlin:20260105T100000",
            "20260107T100000 DTSTART;TZID=Europe/Berlin:20260107T100000",
        ];
        assert_eq!(world.lines(copy, "DTSTART"), starts, "{copy}");
    }
}

#[test]
fn declining_one_instance_is_known_to_all() {
    let mut world = accepted(&[&series("")]);
    let mine = third(GUESTS).replace("T110000", "T100000").replace(":mailto:bob", ";PARTSTAT=DECLINED:mailto:bob");
    let declined = and(&world.copies["bob"], &mine);
    world.put("bob", Some(&declined)).expect("bob may decline one");
    let expected = [
        "REPLY to anna: answered of 20260107T100000",
        "  anna changed quietly, told",
        "REQUEST to carl silently: refreshed of 20260107T100000",
        "  carl changed quietly",
    ];
    assert_eq!(world.log(), expected);
    for copy in ["anna", "bob", "carl"] {
        assert_eq!(world.partstats(copy, "bob"), ["ACCEPTED", "20260107T100000 DECLINED"], "{copy}");
    }
    let status =
        world.lines("anna", "ATTENDEE").into_iter().filter(|line| line.contains("SCHEDULE-STATUS=2.0")).count();
    assert_eq!(status, 4, "the answers to the series count for the instance");
}

#[test]
fn an_instance_the_attendee_leaves_out_is_declined() {
    let mut world = accepted(&[&series("")]);
    let less = with(&world.copies["bob"], "EXDATE;TZID=Europe/Berlin:20260107T100000\n");
    world.put("bob", Some(&less)).expect("bob may leave one out");
    assert_eq!(world.log()[..2], ["REPLY to anna: answered of 20260107T100000", "  anna changed quietly, told"]);
    assert_eq!(world.partstats("anna", "bob"), ["ACCEPTED", "20260107T100000 DECLINED"]);
    assert_eq!(world.copies["bob"], less.replace("ORGANIZER:", "ORGANIZER;SCHEDULE-STATUS=1.2:"));
    let renamed = world.copies["anna"].replace("SUMMARY:Stand-up", "SUMMARY:Sit-down");
    world.put("anna", Some(&renamed)).expect("anna may rename it");
    assert_eq!(world.partstats("bob", "bob"), ["ACCEPTED"], "another title does not bring it back");
    let moved = world.copies["anna"]
        .replace("T100000\r\nRECURR", "x")
        .replace("DTSTART;TZID=Europe/Berlin:20260107T100000", "DTSTART;TZID=Europe/Berlin:20260107T150000");
    world.put("anna", Some(&moved)).expect("anna may move it");
    assert_eq!(world.partstats("bob", "bob"), ["ACCEPTED", "20260107T100000 NEEDS-ACTION"], "another time does");
    assert_eq!(world.lines("bob", "EXDATE"), Vec::<String>::new());
}

#[test]
fn a_guest_of_one_instance_gets_that_instance_and_nothing_else() {
    let more = format!("{GUESTS}ATTENDEE:mailto:dora@example.org\n");
    let mut world = World::new();
    world.put("anna", Some(&object(&[&series(""), &third(&more)]))).expect("anna may invite");
    let expected = [
        "REQUEST to bob carl: invited",
        "  bob has it, told",
        "  carl has it, told",
        "REQUEST to dora: invited of 20260107T100000",
        "  dora has it, told",
    ];
    assert_eq!(world.log(), expected);
    assert_eq!(world.lines("dora", "DTSTART"), ["20260107T100000 DTSTART;TZID=Europe/Berlin:20260107T110000"]);
    world.put("anna", Some(&object(&[&series(""), &third(GUESTS)]))).expect("anna may uninvite");
    let expected = [
        "CANCEL to dora: uninvited",
        "  dora changed, told",
        "REQUEST to bob carl: guests-changed of 20260107T100000",
        "  bob changed, told",
        "  carl changed, told",
    ];
    assert_eq!(world.log(), expected);
}

#[test]
fn a_guest_left_out_of_one_instance_loses_that_instance_only() {
    let mut world = accepted(&[&series("")]);
    let without = GUESTS.replace("ATTENDEE:mailto:bob@example.org\n", "");
    let less = and(&world.copies["anna"], &third(&without).replace("T110000", "T100000"));
    world.put("anna", Some(&less)).expect("anna may");
    let expected = [
        "CANCEL to bob: uninvited of 20260107T100000",
        "  bob changed, told",
        "REQUEST to carl: guests-changed of 20260107T100000",
        "  carl changed, told",
    ];
    assert_eq!(world.log(), expected);
    assert_eq!(world.lines("bob", "STATUS"), ["20260107T100000 STATUS:CANCELLED"]);
    let first = World::new();
    let mut world = first;
    world.put("anna", Some(&less)).expect("anna may invite");
    assert_eq!(world.lines("bob", "EXDATE"), ["EXDATE:20260107T090000Z"]);
    assert_eq!(world.lines("bob", "RECURRENCE-ID"), Vec::<String>::new());
    assert_eq!(world.lines("carl", "RECURRENCE-ID").len(), 1);
}

#[test]
fn a_series_that_ends_earlier_is_told_and_not_asked_for_again() {
    let mut world = accepted(&[&series(""), &third(GUESTS)]);
    let shorter = world.copies["anna"].replace("COUNT=10", "COUNT=2");
    let (head, _) =
        shorter.split_once("BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID").expect("an override");
    world.put("anna", Some(&format!("{head}END:VCALENDAR\r\n"))).expect("anna may end it");
    assert_eq!(world.log(), ["REQUEST to bob carl: changed", "  bob changed, told", "  carl changed, told"]);
    for copy in ["anna", "bob"] {
        assert_eq!(world.partstats(copy, "bob"), ["ACCEPTED"], "{copy}");
    }
}

#[test]
fn a_series_made_of_a_single_meeting_is_asked_for_again() {
    let mut world = accepted(&[&series("").replace("RRULE:FREQ=DAILY;COUNT=10\n", "")]);
    let repeated = with(&world.copies["anna"], "RRULE:FREQ=DAILY\n");
    world.put("anna", Some(&and(&repeated, &third(GUESTS)))).expect("anna may repeat it");
    assert_eq!(world.log(), ["REQUEST to bob carl: invited", "  bob changed, told", "  carl changed, told"]);
    assert_eq!(world.partstats("bob", "bob"), ["NEEDS-ACTION", "20260107T100000 "]);
}

#[test]
fn an_answer_to_the_series_counts_for_an_instance_the_client_has_not_seen() {
    let mut world = given(&[&series("")]);
    let stale = world.copies["bob"].replace("ATTENDEE:mailto:bob", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob");
    let mine = third(GUESTS).replace("T110000", "T100000").replace(":mailto:carl", ";PARTSTAT=DECLINED:mailto:carl");
    let declined = and(&world.copies["carl"], &mine);
    world.put("carl", Some(&declined)).expect("carl may decline one");
    assert_eq!(world.partstats("bob", "carl"), ["", "20260107T100000 DECLINED"]);
    world.put("bob", Some(&stale)).expect("bob may accept");
    for copy in ["anna", "bob", "carl"] {
        assert_eq!(world.partstats(copy, "bob"), ["ACCEPTED", "20260107T100000 ACCEPTED"], "{copy}");
        assert_eq!(world.partstats(copy, "carl")[1], "20260107T100000 DECLINED", "{copy}");
    }
}

/// RFC 5545 §3.2.13: an override may speak of all instances after it.
#[test]
fn an_override_of_all_that_follow_says_who_is_invited_to_them() {
    let people = "ORGANIZER:mailto:anna@example.org\nATTENDEE:mailto:bob@example.org";
    let series = format!("DTSTART:20260105T120000Z\nDTEND:20260105T130000Z\nRRULE:FREQ=DAILY;COUNT=5\n{people}");
    let later = format!(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20260107T120000Z\nDTSTART:20260107T150000Z\nDTEND:20260107T163000Z\n\
         SUMMARY:Later\n{people}\nATTENDEE:mailto:carl@example.org"
    );
    let text = object(&[&series, &later]);
    let document = Document::parse(text).expect("well-formed");
    let described = |day: &str| {
        as_owner("anna", 0, |context| {
            let meeting = Meeting::of(&document, context);
            let id = DateTime::parse(&format!("202601{day}T120000Z"), None).expect("a time");
            let key = meeting.times.key(&id);
            let carl = Address::parse("mailto:carl@example.org").expect("an address");
            let body = meeting.body(key).expect("an instance");
            let value = |name: &str| body.value(name).unwrap_or_default().to_owned();
            (value("RECURRENCE-ID"), value("DTSTART"), value("DTEND"), meeting.invites(&carl, key))
        })
    };
    let told = |id: &str, start: &str, end: &str, invited: bool| (id.into(), start.into(), end.into(), invited);
    assert_eq!(described("06"), told("20260106T120000Z", "20260106T120000Z", "20260106T130000Z", false));
    assert_eq!(described("07"), told("20260107T120000Z", "20260107T150000Z", "20260107T163000Z", true));
    assert_eq!(described("09"), told("20260109T120000Z", "20260109T150000Z", "20260109T163000Z", true));
}
