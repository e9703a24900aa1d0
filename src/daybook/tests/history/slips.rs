//! Tests that mistyped arguments are refused with a reason, instead of answering another question,
//! and that a command says what it could not do.

use crate::office::{Office, THUNDERBIRD};

const ALICE: (&str, &str) = ("alice", THUNDERBIRD);
const PATH: &str = "/calendars/alice/calendar/trip.ics";

#[tokio::test]
async fn what_has_not_come_or_is_not_there_is_refused_with_the_reason() {
    let office = Office::open();
    office.put(ALICE, PATH, &specimens::event("trip", "DTSTART:20261209T100000Z\nSUMMARY:Trip")).await;
    let (not_come, nothing) = ("`2099-01-01` lies in the future", "nothing was decided again");
    let (never, named) =
        ("/calendars/alice/calendar/never.ics", "there never was a resource at `/calendars/alice/calendar/never.ics`");
    let rows: [(&[&str], &str); 12] = [
        (&["as-of", "2099-01-01", "/calendars/alice/"], not_come),
        (&["copies", "trip", "--at", "2099-01-01"], not_come),
        (&["permissions", PATH, "--at", "2099-01-01"], not_come),
        (&["restore", PATH, "--to", "2099-01-01"], not_come),
        (&["as-of", "now", never], named),
        (&["permissions", never], named),
        (&["restore", never, "--to", "1"], named),
        (&["find", "href:/calendars/alice/calendar/never.ics"], named),
        (&["explain", "trip", "--why", "seen"], "name the person with --for"),
        (&["replay", "--uid", "nope"], nothing),
        (&["replay", "--request", "00000000-0000-0000-0000-000000000000"], nothing),
        (&["replay", "--from", "10", "--to", "5"], "--from 10 is after 5, the end of the range"),
    ];
    for (arguments, why) in rows {
        let output = office.run(arguments);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains(why), "{arguments:?}: {told}");
    }
    let found = office.done(&["find", "cleint:phone"]);
    assert!(found.contains("`cleint:` is not a qualifier") && found.contains("client"), "{found}");
    let past = format!("/asof/2099-01-01T00:00:00Z{PATH}");
    assert_eq!(office.send(ALICE, "GET", &past, &[], "").await.status, 404);
}

#[tokio::test]
async fn a_look_that_the_server_cannot_record_because_its_socket_is_gone_says_what_to_do() {
    let office = Office::open();
    office.put(ALICE, PATH, &specimens::event("trip", "DTSTART:20261209T100000Z\nSUMMARY:Trip")).await;
    std::fs::remove_file(office.data().join("control.socket")).unwrap();
    let output = office.run(&["timeline", "trip"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("trip"), "{told}");
    let expected = "could not record that you looked at the history: process ";
    assert!(told.contains(expected) && told.contains("no server listens on the control socket"), "{told}");
    assert!(told.contains("restart the server") && !told.contains("move it"), "{told}");
}
