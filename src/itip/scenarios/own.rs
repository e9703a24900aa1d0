//! What belongs to an attendee in their copy, and answers that reach every place they apply to.

use super::world::{World, object};
use crate::{Draft, Method, Visibility};

const SERIES: &str = "DTSTART:20260105T100000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=9\nSUMMARY:Stand-up\n\
    ORGANIZER:mailto:anna@example.org\nATTENDEE:mailto:bob@example.org\nATTENDEE:mailto:carl@example.org";
const TUESDAY: &str = "RECURRENCE-ID:20260106T100000Z";

fn invited() -> World {
    let mut world = World::new();
    world.put("anna", Some(&object(&[SERIES]))).expect("anna may invite");
    world.log();
    world
}

/// The attendee's copy with an override for Tuesday that adds these lines to the series.
fn with_tuesday(world: &World, who: &str, lines: &str) -> String {
    let copy = &world.copies[who];
    let from = copy.find("BEGIN:VEVENT").expect("a copy has an event");
    let event = copy[from..].replace("END:VCALENDAR\r\n", "");
    let instance = event
        .replace("RRULE:FREQ=DAILY;COUNT=9\r\n", "")
        .replace("DTSTART:20260105", &format!("{TUESDAY}\r\nDTSTART:20260106"))
        .replace("END:VEVENT", &format!("{lines}END:VEVENT"));
    copy.replace("END:VCALENDAR\r\n", &format!("{instance}END:VCALENDAR\r\n"))
}

#[test]
fn an_override_with_something_of_the_attendees_own_outlives_others_answers_and_changes() {
    let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n";
    for own in ["TRANSP:TRANSPARENT\r\n", "CATEGORIES:Fun\r\n", "X-MINE:1\r\n", alarm] {
        let mut world = invited();
        world.answer("bob", "ACCEPTED").expect("bob may accept");
        world.put("bob", Some(&with_tuesday(&world, "bob", own))).expect("bob may");
        world.answer("carl", "DECLINED").expect("carl may decline");
        assert!(world.copies["bob"].contains(own), "carl's answer: {}", world.copies["bob"]);
        assert_eq!(world.partstats("bob", "carl"), ["DECLINED", "20260106T100000Z DECLINED"], "{own}");
        let renamed = world.copies["anna"].replace("SUMMARY:Stand-up", "SUMMARY:Sit-down");
        world.put("anna", Some(&renamed)).expect("anna may rename it");
        assert!(world.copies["bob"].contains(own), "a title: {}", world.copies["bob"]);
        assert_eq!(world.copies["bob"].matches("SUMMARY:Sit-down").count(), 2, "{}", world.copies["bob"]);
        let moved = world.copies["anna"].replace("DURATION:PT1H", "DURATION:PT2H");
        world.put("anna", Some(&moved)).expect("anna may move it");
        assert!(world.copies["bob"].contains(own), "a time: {}", world.copies["bob"]);
        assert_eq!(world.copies["bob"].matches("DURATION:PT2H").count(), 2, "{}", world.copies["bob"]);
    }
}

#[test]
fn an_override_goes_with_its_instance_and_where_it_says_nothing_of_its_own() {
    let mut world = invited();
    world.put("bob", Some(&with_tuesday(&world, "bob", "TRANSP:TRANSPARENT\r\n"))).expect("bob may");
    let shorter = world.copies["anna"].replace("COUNT=9", "COUNT=1");
    world.put("anna", Some(&shorter)).expect("anna may shorten it");
    assert!(!world.copies["bob"].contains(TUESDAY), "{}", world.copies["bob"]);

    let mut world = invited();
    world.put("bob", Some(&with_tuesday(&world, "bob", ""))).expect("bob may");
    let renamed = world.copies["anna"].replace("SUMMARY:Stand-up", "SUMMARY:Sit-down");
    world.put("anna", Some(&renamed)).expect("anna may rename it");
    assert!(!world.copies["bob"].contains(TUESDAY), "{}", world.copies["bob"]);
}

#[test]
fn an_answer_to_the_series_reaches_the_exceptions_that_others_answers_made() {
    let mut world = invited();
    let declined = with_tuesday(&world, "carl", "").replacen(
        "ATTENDEE:mailto:carl@example.org\r\nEND",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:carl@example.org\r\nEND",
        2,
    );
    let (series, tuesday) = declined.split_at(declined.rfind("BEGIN:VEVENT").expect("two"));
    let declined = series.replace("ATTENDEE;PARTSTAT=DECLINED:mailto:carl", "ATTENDEE:mailto:carl") + tuesday;
    world.put("carl", Some(&declined)).expect("carl may decline one instance");
    assert_eq!(world.partstats("anna", "carl").len(), 2, "{}", world.copies["anna"]);
    // Bob's client changes the series only and leaves the exception as it is.
    let (series, tuesday) = world.copies["bob"].split_at(world.copies["bob"].rfind("BEGIN:VEVENT").expect("two"));
    let line = series.lines().find(|line| line.ends_with("bob@example.org")).expect("bob is listed").to_owned();
    let accepted = series.replace(&line, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org") + tuesday;
    world.put("bob", Some(&accepted)).expect("bob may accept");
    for copy in ["anna", "bob", "carl"] {
        assert_eq!(world.partstats(copy, "bob"), ["ACCEPTED", "20260106T100000Z ACCEPTED"], "{copy}");
    }
}

#[test]
fn an_answer_on_any_line_of_the_attendee_is_the_answer_in_all_of_them() {
    let mut world = World::new();
    let twice = format!("{SERIES}\nATTENDEE:mailto:bob@work.example.org");
    world.put("anna", Some(&object(&[&twice]))).expect("anna may invite");
    let second = "ATTENDEE:mailto:bob@work.example.org";
    let accepted = world.copies["bob"].replace(second, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@work.example.org");
    assert_ne!(accepted, world.copies["bob"]);
    world.put("bob", Some(&accepted)).expect("bob may answer on the second line");
    for copy in ["anna", "bob"] {
        assert_eq!(world.partstats(copy, "bob"), ["ACCEPTED"], "{copy}");
        assert_eq!(world.partstats(copy, "bob@work").len(), 0);
        let lines = world.lines(copy, "ATTENDEE");
        let of_bob: Vec<_> = lines.iter().filter(|line| line.contains("bob@")).collect();
        assert_eq!(of_bob.len(), 2, "{copy}: {lines:?}");
        assert!(of_bob.iter().all(|line| line.contains("PARTSTAT=ACCEPTED")), "{copy}: {lines:?}");
    }
    let renamed = world.copies["anna"].replace("SUMMARY:Stand-up", "SUMMARY:Sit-down");
    world.put("anna", Some(&renamed)).expect("anna may rename it");
    assert_eq!(world.lines("bob", "ATTENDEE").iter().filter(|line| line.contains("bob@")).count(), 2);
}

#[test]
fn the_server_answers_an_invitation_it_delivered_whatever_agent_the_client_writes() {
    for agent in ["CLIENT", "NONE"] {
        let mut world = invited();
        let copy = world.copies["bob"].replace("ORGANIZER:", &format!("ORGANIZER;SCHEDULE-AGENT={agent}:"));
        let accepted = copy.replace("ATTENDEE:mailto:bob", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob");
        world.put("bob", Some(&accepted)).expect("bob may accept");
        assert_eq!(world.partstats("anna", "bob"), ["ACCEPTED"], "{agent}");
        assert!(!world.copies["bob"].contains("SCHEDULE-AGENT"), "{}", world.copies["bob"]);
    }
}

#[test]
fn a_copy_stored_from_a_mail_is_answered_by_the_server_once_the_server_invites() {
    let mut world = World::new();
    let mailed = object(&[SERIES]).replace("ORGANIZER:", "ORGANIZER;SCHEDULE-AGENT=CLIENT:");
    world.put("bob", Some(&mailed)).expect("bob may store what came by mail");
    world.put("anna", Some(&object(&[SERIES]))).expect("anna may invite");
    assert!(!world.copies["bob"].contains("SCHEDULE-AGENT"), "{}", world.copies["bob"]);
    world.answer("bob", "ACCEPTED").expect("bob may accept");
    assert_eq!(world.partstats("anna", "bob"), ["ACCEPTED"]);
}

#[test]
fn an_instance_is_recognised_by_its_start_where_the_client_loses_its_name() {
    let instance = format!("{TUESDAY}\n{}", SERIES.replace("RRULE:FREQ=DAILY;COUNT=9\n", "").replace("0105T", "0106T"));
    let others = SERIES.replace("\nATTENDEE:mailto:bob@example.org", "");
    let mut world = World::new();
    world.put("anna", Some(&object(&[&others, &instance]))).expect("anna may invite");
    let bare = world.copies["bob"].replace(&format!("{TUESDAY}\r\n"), "");
    assert_ne!(bare, world.copies["bob"], "bob is invited to Tuesday only");
    let accepted = bare.replace("ATTENDEE:mailto:bob", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob");
    world.put("bob", Some(&accepted)).expect("the start says which instance it is");
    assert!(world.copies["bob"].contains(TUESDAY), "{}", world.copies["bob"]);
    assert_eq!(world.partstats("anna", "bob"), ["20260106T100000Z ACCEPTED"]);
}

#[test]
fn an_attendee_may_delegate_to_several() {
    let mut world = invited();
    let line = "ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:dora@example.org\",\"mailto:carl@example.org\":mailto:bob@example.org\r\n\
                ATTENDEE;DELEGATED-FROM=\"mailto:bob@example.org\":mailto:dora@example.org";
    let delegated = world.copies["bob"].replace("ATTENDEE:mailto:bob@example.org", line);
    world.put("bob", Some(&delegated)).expect("bob may delegate");
    let lines = world.lines("anna", "ATTENDEE");
    let of = |who: &str| lines.iter().find(|line| line.ends_with(&format!("{who}@example.org"))).expect(who).clone();
    assert!(of("bob").contains("DELEGATED-TO=\"mailto:dora@example.org\",\"mailto:carl@example.org\""), "{lines:?}");
    assert!(of("dora").contains("DELEGATED-FROM"), "{lines:?}");
    assert!(world.copies.contains_key("dora"), "dora is invited");
    let third =
        delegated.replace("mailto:dora@example.org\",", "mailto:dora@example.org\",\"mailto:eve@example.org\",");
    let stranger = third + "";
    let stranger = stranger.replace("END:VEVENT", "ATTENDEE:mailto:frank@example.org\r\nEND:VEVENT");
    assert_eq!(world.put("bob", Some(&stranger)).expect_err("frank is no delegate").property, "ATTENDEE");
}

#[test]
fn an_rsvp_that_the_organizer_writes_stays_and_a_missing_one_is_kept() {
    let mut world = World::new();
    let asked = SERIES.replace("ATTENDEE:mailto:bob", "ATTENDEE;RSVP=TRUE:mailto:bob");
    world.put("anna", Some(&object(&[&asked]))).expect("anna may invite");
    for written in ["ATTENDEE;RSVP=FALSE:mailto:bob@example.org", "ATTENDEE:mailto:bob@example.org"] {
        for _ in 0..2 {
            let sent = object(&[&SERIES.replace("ATTENDEE:mailto:bob@example.org", written)]);
            world.put("anna", Some(&sent)).expect("anna may");
            let stored = world.lines("anna", "ATTENDEE").into_iter().find(|line| line.contains("bob")).expect("bob");
            let is_written = written.contains("RSVP=FALSE");
            assert_eq!(stored.contains("RSVP=FALSE"), is_written, "{stored}");
            assert_eq!(stored.contains("RSVP=TRUE"), !is_written, "{stored}");
        }
    }
}

#[test]
fn what_is_said_with_a_cancellation_arrives() {
    let mut world = invited();
    let off = world.copies["anna"]
        .replace("SUMMARY:Stand-up", "SUMMARY:Called off\r\nDESCRIPTION:The room is flooded\r\nSTATUS:CANCELLED");
    world.put("anna", Some(&off)).expect("anna may cancel");
    for line in ["SUMMARY:Called off", "DESCRIPTION:The room is flooded", "STATUS:CANCELLED"] {
        assert!(world.copies["bob"].contains(line), "{}", world.copies["bob"]);
    }
}

#[test]
fn a_meeting_with_attendees_keeps_its_organizer() {
    let mut world = invited();
    let without = world.copies["anna"].replace("ORGANIZER:mailto:anna@example.org\r\n", "");
    let refusal = world.put("anna", Some(&without)).expect_err("attendees need an organizer");
    assert_eq!(refusal.property, "ORGANIZER");
    assert_eq!(world.log(), Vec::<String>::new());
    let private: String = without.split_inclusive("\r\n").filter(|line| !line.starts_with("ATTENDEE")).collect();
    world.put("anna", Some(&private)).expect("anna may keep it for herself");
    assert!(world.log()[0].starts_with("CANCEL to bob carl"));
}

#[test]
fn an_answer_to_one_instance_does_not_outlive_a_new_revision() {
    let mut world = invited();
    let declined = with_tuesday(&world, "bob", "").replacen("ATTENDEE:mailto:bob", "ATTENDEE;PARTSTAT=X:mailto:bob", 2);
    let declined =
        declined.replacen("PARTSTAT=X", "PARTSTAT=NEEDS-ACTION", 1).replacen("PARTSTAT=X", "PARTSTAT=DECLINED", 1);
    world.put("bob", Some(&declined)).expect("bob may decline one instance");
    assert_eq!(world.partstats("bob", "bob"), ["NEEDS-ACTION", "20260106T100000Z DECLINED"]);
    // An organizer elsewhere revises the series and knows of no answer.
    let request = object(&[&SERIES.replace("SUMMARY:Stand-up", "SEQUENCE:5\nSUMMARY:Sit-down")]);
    let request = request.replace("PRODID", "METHOD:REQUEST\r\nPRODID").replace("20260101T000000Z", "20260102T000000Z");
    world.receive(
        "bob",
        &Draft {
            method: Method::Request,
            recipients: vec![],
            visibility: Visibility::Inbox,
            reason: "",
            instances: vec![],
            ics: request,
        },
    );
    assert!(
        world.copies["bob"].contains("Sit-down") && !world.copies["bob"].contains(TUESDAY),
        "{}",
        world.copies["bob"]
    );
}

#[test]
fn an_attendee_does_not_number_revisions() {
    let mut world = invited();
    for sequence in ["SEQUENCE:9", "SEQUENCE:0"] {
        let copy = &world.copies["bob"];
        let numbered: String = copy.split_inclusive("\r\n").filter(|line| !line.starts_with("SEQUENCE")).collect();
        let numbered = numbered.replace("SUMMARY:", &format!("{sequence}\r\nSUMMARY:"));
        world.put("bob", Some(&numbered)).expect("bob may store his copy");
        assert!(!world.copies["bob"].contains("SEQUENCE:9"), "{}", world.copies["bob"]);
    }
    let renamed = world.copies["anna"].replace("SUMMARY:Stand-up", "SUMMARY:Sit-down");
    world.put("anna", Some(&renamed)).expect("anna may rename it");
    assert!(world.copies["bob"].contains("Sit-down"), "the organizer's update is not stale");
}

#[test]
fn one_more_date_asks_everyone_again() {
    let mut world = invited();
    world.answer("bob", "ACCEPTED").expect("bob may accept");
    let more = world.copies["anna"].replace("SUMMARY:", "RDATE:20260201T100000Z\r\nSUMMARY:");
    world.put("anna", Some(&more)).expect("anna may add a date");
    assert_eq!(world.partstats("anna", "bob"), ["NEEDS-ACTION"]);
    assert_eq!(world.partstats("bob", "bob"), ["NEEDS-ACTION"]);
}

#[test]
fn another_spelling_of_the_same_rule_resets_no_answer() {
    // COUNT=6 and its ends: the same six days, three days, and seven days.
    let rows = [
        ("RRULE:FREQ=DAILY;COUNT=9", "RRULE:FREQ=DAILY;UNTIL=20260113T100000Z", "ACCEPTED"),
        ("RRULE:FREQ=DAILY;COUNT=9", "RRULE:UNTIL=20260113T100000Z;INTERVAL=1;FREQ=DAILY", "ACCEPTED"),
        ("RRULE:FREQ=DAILY;COUNT=9", "RRULE:FREQ=DAILY;UNTIL=20260107T100000Z", "ACCEPTED"),
        ("RRULE:FREQ=DAILY;COUNT=9", "RRULE:FREQ=DAILY;UNTIL=20260114T100000Z", "NEEDS-ACTION"),
        ("RRULE:FREQ=DAILY;COUNT=9", "RRULE:FREQ=WEEKLY;COUNT=9", "NEEDS-ACTION"),
    ];
    for (before, after, expected) in rows {
        let mut world = invited();
        world.answer("bob", "ACCEPTED").expect("bob may accept");
        let changed = world.copies["anna"].replace(before, after);
        assert_ne!(changed, world.copies["anna"]);
        world.put("anna", Some(&changed)).expect("anna may");
        assert_eq!(world.partstats("anna", "bob"), [expected], "{after}");
    }
    // An attendee's client may spell the rule otherwise, too.
    let mut world = invited();
    let spelled = world.copies["bob"].replace("RRULE:FREQ=DAILY;COUNT=9", "RRULE:FREQ=DAILY;UNTIL=20260113T100000Z");
    world.put("bob", Some(&spelled)).expect("the same instances");
}
