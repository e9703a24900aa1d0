//! What the organizer does, and what the others get.

use super::world::{World, object};

const LUNCH: &str = "DTSTART:20260105T120000Z\nDTEND:20260105T130000Z\nSUMMARY:Lunch\nORGANIZER:mailto:anna@example.org\n\
    ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@example.org\nATTENDEE;RSVP=TRUE:mailto:bob@example.org\n\
    ATTENDEE:mailto:carl@example.org";

fn invited() -> World {
    let mut world = World::new();
    world.put("anna", Some(&object(&[LUNCH]))).expect("anna may invite");
    world
}

#[test]
fn an_invitation_reaches_everybody_but_the_organizer() {
    let mut world = invited();
    assert_eq!(world.log(), ["REQUEST to bob carl: invited", "  bob has it, told", "  carl has it, told"]);
    assert_eq!(world.lines("bob", "SUMMARY"), ["SUMMARY:Lunch"]);
    assert_eq!(world.lines("anna", "ATTENDEE")[1], "ATTENDEE;RSVP=TRUE;SCHEDULE-STATUS=1.2:mailto:bob@example.org");
}

#[test]
fn an_answer_reaches_the_organizer_and_silently_the_others() {
    let mut world = invited();
    world.log();
    world.answer("bob", "ACCEPTED").expect("bob may accept");
    let expected = [
        "REPLY to anna: answered",
        "  anna changed quietly, told",
        "REQUEST to carl silently: refreshed",
        "  carl changed quietly",
    ];
    assert_eq!(world.log(), expected);
    for copy in ["anna", "bob", "carl"] {
        assert_eq!(world.partstats(copy, "bob"), ["ACCEPTED"], "{copy}");
    }
    assert_eq!(
        world.lines("anna", "ATTENDEE")[1],
        "ATTENDEE;PARTSTAT=ACCEPTED;SCHEDULE-STATUS=2.0:mailto:bob@example.org"
    );
    assert_eq!(world.lines("bob", "ORGANIZER"), ["ORGANIZER;SCHEDULE-STATUS=1.2:mailto:anna@example.org"]);
}

#[test]
fn moving_a_meeting_asks_everyone_again() {
    let mut world = invited();
    world.answer("bob", "ACCEPTED").expect("bob may accept");
    world.log();
    let moved = world.copies["anna"].replace("T120000Z", "T110000Z");
    world.put("anna", Some(&moved)).expect("anna may move it");
    assert_eq!(world.log(), ["REQUEST to bob carl: rescheduled", "  bob changed, told", "  carl changed, told"]);
    for copy in ["anna", "bob", "carl"] {
        assert_eq!(world.partstats(copy, "bob"), ["NEEDS-ACTION"], "{copy}");
        assert_eq!(world.lines(copy, "SEQUENCE"), ["SEQUENCE:1"], "{copy}");
    }
    assert_eq!(world.partstats("anna", "anna"), ["ACCEPTED"]);
}

#[test]
fn another_title_tells_everyone_and_asks_nobody() {
    let mut world = invited();
    world.answer("bob", "ACCEPTED").expect("bob may accept");
    world.log();
    let renamed = world.copies["anna"].replace("SUMMARY:Lunch", "SUMMARY:Dinner");
    world.put("anna", Some(&renamed)).expect("anna may rename it");
    assert_eq!(world.log(), ["REQUEST to bob carl: changed", "  bob changed, told", "  carl changed, told"]);
    assert_eq!(world.partstats("bob", "bob"), ["ACCEPTED"]);
    assert_eq!(world.lines("bob", "SUMMARY"), ["SUMMARY:Dinner"]);
}

#[test]
fn what_is_the_organizers_own_tells_nobody() {
    let rows = [
        ("an alarm", "END:VEVENT", "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT"),
        ("transparency", "SUMMARY:Lunch", "SUMMARY:Lunch\r\nTRANSP:TRANSPARENT"),
        ("a private property", "SUMMARY:Lunch", "SUMMARY:Lunch\r\nX-MINE:1"),
        ("a new revision of nothing", "SUMMARY:Lunch", "SUMMARY:Lunch\r\nSEQUENCE:7"),
        ("stamps", "DTSTAMP:20260101T000000Z", "DTSTAMP:20260102T000000Z\r\nLAST-MODIFIED:20260102T000000Z"),
        ("a duration for an end", "DTEND:20260105T130000Z", "DURATION:PT1H"),
    ];
    for (title, from, to) in rows {
        let mut world = invited();
        world.log();
        let changed = world.copies["anna"].replace(from, to);
        world.put("anna", Some(&changed)).expect(title);
        assert_eq!(world.log(), Vec::<String>::new(), "{title}");
    }
}

#[test]
fn removing_the_meeting_cancels_it_and_keeps_the_copies() {
    let mut world = invited();
    world.log();
    world.put("anna", None).expect("anna may remove it");
    assert_eq!(world.log(), ["CANCEL to bob carl: cancelled", "  bob changed, told", "  carl changed, told"]);
    assert_eq!(world.lines("bob", "STATUS"), ["STATUS:CANCELLED"]);
    world.put("bob", None).expect("bob may remove his copy");
    assert_eq!(world.log(), Vec::<String>::new(), "what is cancelled is not declined");
}

#[test]
fn a_new_guest_is_invited_and_the_others_are_told_that_guests_changed() {
    let mut world = invited();
    world.answer("bob", "ACCEPTED").expect("bob may accept");
    world.log();
    let more = world.copies["anna"].replace("END:VEVENT", "ATTENDEE:mailto:dora@example.org\r\nEND:VEVENT");
    world.put("anna", Some(&more)).expect("anna may invite");
    let expected = [
        "REQUEST to bob carl: guests-changed",
        "  bob changed, told",
        "  carl changed, told",
        "REQUEST to dora: invited",
        "  dora has it, told",
    ];
    assert_eq!(world.log(), expected);
    assert_eq!(world.partstats("dora", "bob"), ["ACCEPTED"]);
    assert_eq!(world.partstats("bob", "dora"), [""]);
}

#[test]
fn a_guest_taken_off_the_list_is_uninvited_and_the_others_are_told_that_guests_changed() {
    let mut world = invited();
    world.log();
    let less = world.copies["anna"].replace("ATTENDEE;SCHEDULE-STATUS=1.2:mailto:carl@example.org\r\n", "");
    world.put("anna", Some(&less)).expect("anna may uninvite");
    let expected =
        ["CANCEL to carl: uninvited", "  carl changed, told", "REQUEST to bob: guests-changed", "  bob changed, told"];
    assert_eq!(world.log(), expected);
    assert_eq!(world.lines("carl", "STATUS"), ["STATUS:CANCELLED"]);
    assert_eq!(world.lines("bob", "STATUS"), Vec::<String>::new());
}

/// RFC 7986 §6.2
#[test]
fn who_is_named_by_what_nobody_knows_is_reached_by_mail() {
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

/// RFC 9073 §7: places, people and things inside of an event.
#[test]
fn what_stands_inside_of_an_event_is_told_but_for_alarms() {
    let inside = |place: &str| {
        format!(
            "BEGIN:VLOCATION\r\nUID:place\r\nNAME:{place}\r\nEND:VLOCATION\r\n\
             BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nDESCRIPTION:Anna's\r\nEND:VALARM\r\nEND:VEVENT"
        )
    };
    let lunch = |place: &str| object(&[LUNCH]).replace("END:VEVENT", &inside(place));
    let mut world = World::new();
    world.put("anna", Some(&lunch("Canteen"))).expect("anna may invite");
    let copy = world.copies["bob"].clone();
    assert!(copy.contains("NAME:Canteen") && !copy.contains("VALARM"), "{copy}");

    let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT9M\r\nDESCRIPTION:Bob's\r\nEND:VALARM\r\nEND:VEVENT";
    let lost = copy.replace("BEGIN:VLOCATION\r\nUID:place\r\nNAME:Canteen\r\nEND:VLOCATION\r\n", "");
    world.log();
    world.put("bob", Some(&lost.replace("END:VEVENT", alarm))).expect("his alarms are his own");
    assert!(world.copies["bob"].contains("NAME:Canteen"), "what his client lost is put back");
    let refused = world.put("bob", Some(&world.copies["bob"].replace("Canteen", "Park"))).expect_err("not his to say");
    assert_eq!(refused.property, "VLOCATION");

    world.put("anna", Some(&lunch("Park"))).expect("anna may");
    assert_eq!(world.log()[0], "REQUEST to bob carl: changed");
    let copy = &world.copies["bob"];
    assert!(copy.contains("NAME:Park") && !copy.contains("NAME:Canteen") && copy.contains("Bob's"), "{copy}");
}
