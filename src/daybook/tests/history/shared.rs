//! Tests of the history of calendars that are shared, moved and restored.

use crate::office::{CURL, IPHONE, Office, THUNDERBIRD};

const ALICE: (&str, &str) = ("alice", THUNDERBIRD);
const BOB: (&str, &str) = ("bob", IPHONE);
const OWN: &str = "/calendars/alice/plans/trip.ics";
const TRIP: &str = "DTSTART:20261209T100000Z\nSUMMARY:Trip";
const SHARED: &str = "/calendars/bob/alice-plans/trip.ics";

/// Returns a server on which Alice has shared her calendar `plans`, with the object `trip`, with
/// Bob.
async fn shared() -> Office {
    let office = Office::open();
    assert_eq!(office.send(ALICE, "MKCALENDAR", "/calendars/alice/plans/", &[], "").await.status, 201);
    office.put(ALICE, OWN, &specimens::event("trip", TRIP)).await;
    office.done(&["share", "give", "alice", "bob", "--calendar", "plans", "--level", "write"]);
    assert_eq!(office.get(BOB, SHARED).await.status, 200);
    office
}

/// Returns the beginning of the explanation why the object is missing, on one line.
fn missing(office: &Office, who: &str) -> String {
    let told = office.done(&["explain", "trip", "--for", who, "--why", "missing"]);
    let first = told.split("\n  #").next().unwrap();
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_calendar_that_was_taken_back_explains_why_a_meeting_is_gone() {
    let office = shared().await;
    let there = "“Trip” is in Alice Ames's calendar “plans”, which is shared with Bob Brown to read and write as \
                 “alice-plans”; Bob Brown has had it since";
    assert!(missing(&office, "bob").starts_with(there), "{}", missing(&office, "bob"));
    office.done(&["share", "withdraw", "alice", "bob", "--calendar", "plans"]);
    assert_eq!(office.send(BOB, "GET", SHARED, &[], "").await.status, 404);
    let gone = "“Trip” is not in Bob Brown's calendars any more, where it was in Alice Ames's calendar “plans”: ";
    let why = "withdrew the share of Alice Ames's calendar “plans” from Bob Brown, and this meeting with it (#";
    let said = missing(&office, "bob");
    assert!(said.starts_with(gone) && said.contains(why), "{said}");

    // Bob removes the shared calendar from his home himself.
    office.done(&["share", "give", "alice", "bob", "--calendar", "plans"]);
    assert_eq!(office.send(BOB, "DELETE", "/calendars/bob/alice-plans/", &[], "").await.status, 204);
    let said = missing(&office, "bob");
    assert!(said.contains("Bob Brown for Alice Ames removed") || said.contains("Bob Brown removed"), "{said}");
    assert!(said.contains("It was missing for "), "{said}");
    let told = office.done(&["timeline", "trip", "--who", "bob"]);
    assert_eq!(told.matches("shared Alice Ames's calendar “plans” with Bob Brown").count(), 2, "{told}");
    assert!(told.contains("+ Bob Brown may read and write") && told.contains("- Bob Brown may read"), "{told}");
}

#[tokio::test]
async fn a_list_that_names_somebody_explains_what_they_may_read() {
    let office = Office::open();
    office.put(ALICE, "/calendars/alice/calendar/trip.ics", &specimens::event("trip", TRIP)).await;
    let entry = "<D:ace><D:principal><D:href>/principals/bob/</D:href></D:principal><D:grant><D:privilege><D:read/>\
                 </D:privilege></D:grant></D:ace>";
    for (entry, said) in [(entry, "which Bob Brown may read there"), ("", "is not in Bob Brown's calendars any more")] {
        let body = format!("<D:acl xmlns:D=\"DAV:\">{entry}</D:acl>");
        assert_eq!(office.send(("alice", CURL), "ACL", "/calendars/alice/", &[], &body).await.status, 200);
        let told = missing(&office, "bob");
        assert!(told.contains(said), "{told}");
    }
}

#[tokio::test]
async fn a_moved_folder_and_a_calendar_that_was_put_back_are_acts() {
    let office = Office::open();
    for (method, path) in [("MKCOL", "/calendars/alice/old/"), ("MKCALENDAR", "/calendars/alice/old/plans/")] {
        assert_eq!(office.send(ALICE, method, path, &[], "").await.status, 201);
    }
    let path = "/calendars/alice/old/plans/trip.ics";
    office.put(ALICE, path, &specimens::event("trip", TRIP)).await;
    let to = [("destination", "/calendars/alice/new/")];
    assert_eq!(office.send(ALICE, "MOVE", "/calendars/alice/old/", &to, "").await.status, 201);
    office.done(&["calendar", "rename", "alice", "new/plans", "Journeys"]);
    let listed = office.done(&["as-of", "now", "/calendars/alice/new/plans/"]);
    assert!(listed.starts_with("/calendars/alice/new/plans/trip.ics  “Trip”"), "{listed}");
    assert_eq!(office.send(ALICE, "DELETE", "/calendars/alice/new/plans/", &[], "").await.status, 204);
    let done = office.done(&["calendar", "restore", "alice", "new/plans"]);
    let before = done.split("after event #").nth(1).unwrap().split_whitespace().next().unwrap();
    let told = office.done(&["timeline", "trip"]);
    for act in [
        "moved Alice Ames's folder “old” to “new”, and this meeting with it",
        "renamed Alice Ames's calendar “new/plans” to “Journeys”, which contains this meeting",
        "removed Alice Ames's calendar “Journeys” with everything in it, this too",
        &format!("put it back into Alice Ames's calendar “Journeys”, as it was after event #{before}"),
    ] {
        assert!(told.contains(act), "{act}: {told}");
    }
    let all: serde_json::Value = serde_json::from_str(&office.done(&["timeline", "trip", "--format", "json"])).unwrap();
    let is_move = |act: &&serde_json::Value| act["deed"].as_str().unwrap().starts_with("moved ");
    let act = all["acts"].as_array().unwrap().iter().find(is_move).unwrap();
    let request = format!("request:{}", act["request"].as_str().unwrap());
    let told = office.done(&["timeline", &request]);
    assert!(told.contains("moved Alice Ames's folder “old” to “new”\n"), "{told}");
}

#[tokio::test]
async fn a_path_in_the_home_of_a_sharee_leads_to_the_calendar_of_its_owner() {
    let office = shared().await;
    let collection = "/calendars/bob/alice-plans/";
    let whose =
        "The path leads to /calendars/alice/plans/ of Alice Ames, which is shared with Bob Brown at this path from #";
    let says = |arguments: &[&str], words: &str| {
        let told = office.done(arguments);
        assert!(told.starts_with(whose) && told.contains(words), "{arguments:?}: {told}");
        told
    };
    says(&["find", &format!("href:{SHARED}")], "\ntrip  “Trip”");
    says(&["timeline", SHARED], "“Trip” (trip): 2 acts");
    says(&["explain", SHARED, "--for", "bob"], "is in Alice Ames's calendar “plans”");
    says(&["readers", SHARED], "Bob Brown, Apple Calendar");
    says(&["permissions", collection], "+ Bob Brown may read and write");
    says(&["permissions", SHARED, "--at", "now"], "Bob Brown may read and write");
    let then = says(&["as-of", "now", SHARED], "/calendars/alice/plans/trip.ics  “Trip”");
    let since = then.split("path from #").nth(1).unwrap().split(['.', ' ']).next().unwrap().to_owned();
    office.put(ALICE, OWN, &specimens::event("trip", "DTSTART:20261210T100000Z\nSUMMARY:Journey")).await;
    let back = says(&["restore", SHARED, "--to", &format!("#{since}")], "put back plans/trip.ics: done");
    assert!(back.contains("daybook timeline request:"), "{back}");
    assert!(office.get(ALICE, OWN).await.body.contains("SUMMARY:Trip"));

    // A failed precondition is recorded with the path that Bob's program used.
    assert_eq!(office.send(BOB, "DELETE", SHARED, &[("if-match", "\"none\"")], "").await.status, 412);
    office.done(&["share", "withdraw", "alice", "bob", "--calendar", "plans"]);
    let refused = office.done(&["explain", "trip", "--for", "bob", "--why", "refused"]);
    assert!(refused.contains("412  DELETE /calendars/bob/alice-plans/trip.ics"), "{refused}");
    let was = office.done(&["as-of", "now", collection]);
    assert!(was.contains("which was shared with Bob Brown at this path from #"), "{was}");
    assert!(was.ends_with("No resource existed at or below this path at that time.\n"), "{was}");
    let late = office.run(&["restore", collection, "--to", "#999999"]);
    let why = String::from_utf8(late.stderr).unwrap();
    assert!(late.status.code() == Some(1) && why.contains("no shared calendar was at this path at that time"), "{why}");
}

#[tokio::test]
async fn a_calendar_is_restored_by_any_path_it_had_and_one_that_was_only_moved_is_named() {
    let office = Office::open();
    for (method, path) in [("MKCOL", "/calendars/alice/old/"), ("MKCALENDAR", "/calendars/alice/old/plans/")] {
        assert_eq!(office.send(ALICE, method, path, &[], "").await.status, 201);
    }
    office.put(ALICE, "/calendars/alice/old/plans/trip.ics", &specimens::event("trip", TRIP)).await;
    office.done(&["calendar", "move", "alice", "plans", "flat"]);
    let restore = |name: &str| office.run(&["calendar", "restore", "alice", name]);
    let why = String::from_utf8(restore("old/plans").stderr).unwrap();
    assert!(why.contains("`old/plans` of alice was not removed but moved: it is `flat` today"), "{why}");
    let why = String::from_utf8(restore("never").stderr).unwrap();
    assert!(why.contains("alice never had a calendar `never`"), "{why}");
    assert_eq!(office.send(ALICE, "DELETE", "/calendars/alice/flat/", &[], "").await.status, 204);
    let done = String::from_utf8(restore("old/plans").stdout).unwrap();
    assert!(done.starts_with("restored  flat: ") && done.contains("flat/trip.ics"), "{done}");
}

#[tokio::test]
async fn a_calendar_given_to_a_group_is_in_the_homes_of_its_members_alone() {
    let office = Office::open();
    assert_eq!(office.send(ALICE, "MKCALENDAR", "/calendars/alice/plans/", &[], "").await.status, 201);
    office.put(ALICE, OWN, &specimens::event("trip", TRIP)).await;
    office.done(&["principal", "add", "crew", "--kind", "group", "--display-name", "The Crew"]);
    office.done(&["principal", "member", "crew", "--add", "bob"]);
    office.done(&["share", "give", "alice", "crew", "--calendar", "plans", "--level", "read"]);
    assert_eq!(office.get(BOB, SHARED).await.status, 200);
    let told = office.done(&["timeline", "trip", "--all"]);
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("of each member of The Crew, without an invitation"), "{told}");
    assert!(!told.contains("into the home of The Crew"), "{told}");
    assert!(office.done(&["find", &format!("href:{SHARED}")]).contains("trip"));
    let refused = office.run(&["find", "href:/calendars/crew/alice-plans/trip.ics"]);
    assert!(!refused.status.success(), "{}", String::from_utf8_lossy(&refused.stdout));
}

#[tokio::test]
async fn a_delegate_is_told_where_the_meeting_is_also_in_a_calendar_that_is_newer_than_their_right() {
    let office = Office::open();
    office.put(ALICE, "/calendars/alice/calendar/trip.ics", &specimens::event("trip", TRIP)).await;
    office.done(&["share", "give", "alice", "bob", "--level", "read"]);
    assert_eq!(office.send(ALICE, "MKCALENDAR", "/calendars/alice/plans/", &[], "").await.status, 201);
    let there = [("Destination", OWN)];
    assert_eq!(office.send(ALICE, "MOVE", "/calendars/alice/calendar/trip.ics", &there, "").await.status, 201);
    let said = missing(&office, "bob");
    let there = "is in Alice Ames's calendar “plans”, which Bob Brown may read there; Bob Brown has had it since #";
    assert!(said.contains(there), "{said}");
    assert!(said.contains("“Trip” was in Alice Ames's calendar before: Alice Ames moved it"), "{said}");
    assert!(!said.contains("any more"), "{said}");
    assert_eq!(office.send(ALICE, "DELETE", "/calendars/alice/plans/", &[], "").await.status, 204);
    let said = missing(&office, "bob");
    assert!(
        said.contains("not in Bob Brown's calendars any more, where it was in Alice Ames's calendar “plans”"),
        "{said}"
    );
    assert_eq!(said.matches("any more").count(), 1, "{said}");
}

#[tokio::test]
async fn a_version_that_was_given_after_a_move_has_the_newest_text() {
    let office = Office::open();
    let (old, new) = ("/calendars/alice/calendar/trip.ics", "/calendars/alice/calendar/new.ics");
    office.put(ALICE, old, &specimens::event("trip", TRIP)).await;
    assert_eq!(office.send(ALICE, "MOVE", old, &[("Destination", new)], "").await.status, 201);
    let said = || office.done(&["explain", "trip", "--for", "alice", "--why", "seen"]);
    assert_eq!(office.get(ALICE, new).await.status, 200);
    assert!(said().contains(", was given to one of their programs on "), "{}", said());
}

#[tokio::test]
async fn one_who_was_taken_off_is_told_of_their_own_copy() {
    let office = Office::open();
    let path = "/calendars/alice/calendar/trip.ics";
    let meeting = |who: &str, title: &str| {
        let people = format!("ORGANIZER:mailto:alice@example.com\nATTENDEE:mailto:{who}@example.com\n");
        specimens::event("trip", &format!("DTSTART:20261209T100000Z\nSUMMARY:{title}\n{people}"))
    };
    office.put(ALICE, path, &meeting("bob", "Alpha")).await;
    assert_eq!(office.send(ALICE, "DELETE", path, &[], "").await.status, 204);
    office.put(ALICE, path, &meeting("carol", "Epsilon")).await;
    let said = missing(&office, "bob");
    assert!(
        said.contains("“Alpha” is in Bob Brown's calendar") && said.contains("Bob Brown's copy is cancelled."),
        "{said}"
    );
}
