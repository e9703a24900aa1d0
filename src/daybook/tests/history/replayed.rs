//! Tests that `replay` decides acts again even if the stored text differs from the body of the
//! request.

use crate::{
    office::{EVOLUTION, OUTLOOK, Office, THUNDERBIRD},
    story::{grant, head},
};

/// Checks that every act is decided again, with the recorded result.
fn everything_is_decided_again(office: &Office) {
    let replayed = office.done(&["replay"]);
    assert!(replayed.contains(" 0 of them differently"), "{replayed}");
    assert!(!replayed.contains("not decided again"), "{replayed}");
}

#[tokio::test]
async fn a_body_of_more_than_a_mebibyte_that_was_repaired_is_shown_and_decided_again() {
    let mut office = Office::open();
    office.stop();
    let settings = "[limits]\nmax_resource_size_bytes = 2000000\n";
    std::fs::write(office.data().join("daybook.toml"), settings).unwrap();
    office.serve();
    let comments: Vec<_> = (0..40_000).map(|number| format!("COMMENT:{number} of many comments")).collect();
    let lines = format!("DTSTART:20261209T100000Z\nSUMMARY:Long\n{}", comments.join("\n"));
    let body = specimens::event("long", &lines);
    let body: String = body.split_inclusive('\n').filter(|line| !line.starts_with("DTSTAMP")).collect();
    assert!(body.len() > 1024 * 1024, "{}", body.len());
    office.put(("alice", EVOLUTION), "/calendars/alice/calendar/long.ics", &body).await;
    let position = format!("#{}", head(&office));
    assert!(office.done(&["show", &position, "--sent"]) == body, "the octets of the body are recorded");
    assert!(office.done(&["show", &position, "--stored"]).contains("DTSTAMP:"));
    everything_is_decided_again(&office);
}

#[tokio::test]
async fn a_meeting_that_a_delegate_stored_for_its_owner_is_decided_again() {
    let office = Office::open();
    grant(&office, "alice", "erin").await;
    let meeting = specimens::event(
        "planning",
        "DTSTART:20261209T100000Z\nSUMMARY:Planning\nORGANIZER:mailto:erin@example.com\n\
         ATTENDEE;PARTSTAT=ACCEPTED:mailto:erin@example.com\nATTENDEE:mailto:bob@example.com",
    );
    office.put(("erin", OUTLOOK), "/calendars/alice/calendar/planning.ics", &meeting).await;
    let stored = office.get(("alice", THUNDERBIRD), "/calendars/alice/calendar/planning.ics").await.body;
    assert!(stored.replace("\r\n ", "").contains("SENT-BY=\"mailto:erin@example.com\":mailto:alice@"), "{stored}");
    everything_is_decided_again(&office);
}

#[tokio::test]
async fn a_delegate_who_attends_the_meeting_of_its_owner_changes_it_in_the_form_in_which_they_stored_it() {
    let office = Office::open();
    grant(&office, "alice", "erin").await;
    let meeting = |hour: u8| {
        let lines = format!(
            "DTSTART:20261209T{hour}0000Z\nSUMMARY:Planning\nORGANIZER:mailto:erin@example.com\n\
             ATTENDEE:mailto:erin@example.com\nATTENDEE:mailto:bob@example.com"
        );
        specimens::event("planning", &lines)
    };
    for (hour, status) in [(10, 201), (11, 204)] {
        let stored = office.put(("erin", OUTLOOK), "/calendars/alice/calendar/planning.ics", &meeting(hour)).await;
        assert_eq!(stored.status, status);
        let copy = office.copy("erin", "planning").await;
        let copy = office.get(("erin", THUNDERBIRD), &copy).await.body;
        assert!(copy.contains(&format!("T{hour}0000Z")) && copy.contains("ORGANIZER"), "{copy}");
    }
    everything_is_decided_again(&office);
}

#[tokio::test]
async fn a_meeting_that_was_put_back_is_decided_again() {
    let mut office = Office::open();
    let path = "/calendars/alice/calendar/lunch.ics";
    let lunch = |hour: u8| {
        let lines = format!(
            "DTSTART:20261209T{hour}0000Z\nSUMMARY:Lunch\nORGANIZER:mailto:alice@example.com\n\
             ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.com\nATTENDEE:mailto:bob@example.com"
        );
        specimens::event("lunch", &lines)
    };
    office.put(("alice", THUNDERBIRD), path, &lunch(12)).await;
    let copy = office.copy("bob", "lunch").await;
    office.answer(("bob", EVOLUTION), "bob", &copy, "ACCEPTED").await;
    office.get(("alice", THUNDERBIRD), path).await;
    let then = format!("#{}", head(&office));
    office.edit(("alice", THUNDERBIRD), path, |text| text.replace("T120000Z", "T150000Z")).await;
    office.done(&["restore", path, "--to", &then, "--tell"]);
    let timeline = office.done(&["timeline", "lunch"]);
    assert!(timeline.contains("15:00 → 12:00"), "{timeline}");
    everything_is_decided_again(&office);
    office.stop();
    everything_is_decided_again(&office);
}

const RETURNING: &str = "DTSTART:20261209T120000Z\nSUMMARY:Lunch\nORGANIZER:mailto:alice@example.com\n\
                         ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.com\nATTENDEE:mailto:bob@example.com";

#[tokio::test]
async fn a_meeting_that_was_put_back_before_anybody_was_told_of_its_removal_is_decided_again() {
    let office = Office::open();
    let alice = ("alice", THUNDERBIRD);
    assert_eq!(office.send(alice, "MKCALENDAR", "/calendars/alice/work/", &[], "").await.status, 201);
    for (uid, restore) in [("one", "restore"), ("two", "calendar")] {
        let path = format!("/calendars/alice/work/{uid}.ics");
        office.put(alice, &path, &specimens::event(uid, RETURNING)).await;
        let then = format!("#{}", head(&office));
        let what = if restore == "restore" { path.as_str() } else { "/calendars/alice/work/" };
        assert_eq!(office.send(alice, "DELETE", what, &[], "").await.status, 204);
        if restore == "restore" {
            office.done(&["restore", &path, "--to", &then]);
        } else {
            office.done(&["calendar", "restore", "alice", "work"]);
        }
        let told = office.done(&["timeline", uid, "--all"]);
        assert!(told.contains("was stored again in time, so nobody is notified of its removal"), "{told}");
    }
    everything_is_decided_again(&office);
}

#[tokio::test]
async fn an_import_after_a_removal_of_which_nobody_was_told_withdraws_it() {
    let office = Office::open();
    let (alice, path) = (("alice", THUNDERBIRD), "/calendars/alice/calendar/lunch.ics");
    let lunch = specimens::event("lunch", RETURNING);
    office.put(alice, path, &lunch).await;
    assert_eq!(office.send(alice, "DELETE", path, &[], "").await.status, 204);
    let file = tempfile::NamedTempFile::with_suffix(".ics").unwrap();
    std::fs::write(file.path(), &lunch).unwrap();
    office.done(&["import", "alice", "calendar", file.path().to_str().unwrap()]);
    let told = office.done(&["timeline", "lunch", "--all"]);
    assert!(told.contains("was stored again in time, so nobody is notified of its removal"), "{told}");
    // A read of the copy delivers waiting changes.
    let copy = office.copy("bob", "lunch").await;
    let bobs = office.get(("bob", EVOLUTION), &copy).await.body;
    assert!(!bobs.contains("STATUS:CANCELLED"), "{bobs}");
    everything_is_decided_again(&office);
}
