//! Tests of the commands with which operators use the history while the server runs: restore,
//! repair, replay and export.

use std::path::Path;

use crate::{
    office::{CURL, IPHONE, Office, PYTHON, THUNDERBIRD},
    story::{self, play},
};

const LUNCH: &str = "lunch-uid@example.com";
const OWN: &str = "/calendars/alice/calendar/lunch.ics";

fn lunch(title: &str) -> String {
    let people = ["bob", "carol"].map(|name| format!("ATTENDEE;RSVP=TRUE:mailto:{name}@example.com\n"));
    let lines = format!(
        "DTSTART:20261209T100000Z\nDTEND:20261209T110000Z\nSUMMARY:{title}\nORGANIZER:mailto:alice@example.com\n\
         ATTENDEE;PARTSTAT=ACCEPTED:mailto:alice@example.com\n{}",
        people.concat()
    );
    specimens::event(LUNCH, &lines)
}

/// Replaces the access control list of a user's inbox.
async fn set_acl(office: &Office, who: &str, entries: &str) {
    let body = format!("<D:acl xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\">{entries}</D:acl>");
    let answer = office.send((who, CURL), "ACL", &format!("/calendars/{who}/inbox/"), &[], &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

const DENY_DELIVERY: &str = "<D:ace><D:principal><D:all/></D:principal><D:deny><D:privilege><C:schedule-deliver/>\
                             </D:privilege></D:deny></D:ace>";

#[tokio::test]
async fn copies_that_came_apart_are_repaired_while_the_server_runs_and_when_it_is_stopped() {
    let mut office = Office::open();
    office.put(("alice", THUNDERBIRD), OWN, &lunch("Lunch")).await;
    let [bob, carol] = [office.copy("bob", LUNCH).await, office.copy("carol", LUNCH).await];
    // Carol does not receive a change. Bob deletes his copy without a reply.
    set_acl(&office, "carol", DENY_DELIVERY).await;
    office
        .edit(("alice", THUNDERBIRD), OWN, |text| text.replace("T100000Z", "T120000Z").replace("T110000Z", "T130000Z"))
        .await;
    set_acl(&office, "carol", "").await;
    assert_eq!(office.send(("bob", IPHONE), "DELETE", &bob, &[("schedule-reply", "F")], "").await.status, 204);

    let apart = office.done(&["copies", LUNCH]);
    assert!(
        apart.contains("differs from the organizer's copy: ") && apart.contains("Bob Brown is invited and has no copy"),
        "{apart}"
    );
    let planned = office.done(&["copies", LUNCH, "--repair", "--dry-run"]);
    for step in ["would update the copy of carol", "would send the invitation again to bob"] {
        assert!(planned.contains(step), "{planned}");
    }
    assert_eq!(office.done(&["copies", LUNCH]), apart, "a trial changes nothing");
    let done = office.done(&["copies", LUNCH, "--repair"]);
    assert!(done.contains("update the copy of carol: done\nsend the invitation again to bob: done\n"), "{done}");
    let repaired = office.done(&["copies", LUNCH]);
    assert!(!repaired.contains("differs") && !repaired.contains("has no copy"), "{repaired}");
    assert!(office.get(("carol", PYTHON), &carol).await.body.contains("DTSTART:20261209T120000Z"));
    let request = done.split("request:").nth(1).unwrap().trim();
    let told = office.done(&["timeline", &format!("request:{request}")]);
    assert!(told.contains("operator"), "{told}");
    let all = office.done(&["timeline", LUNCH, "--all"]);
    assert!(all.contains("repair made Carol Chan's copy agree with the others"), "{all}");

    office.stop();
    assert!(office.done(&["copies", LUNCH, "--repair"]).ends_with("There is nothing to repair.\n"));
    assert!(office.done(&["verify", "--read-models"]).ends_with("read models: ok\n"));
    assert!(office.done(&["replay"]).contains(" 0 of them differently"));
}

#[tokio::test]
async fn a_copy_whose_meeting_was_cancelled_is_said_to_stay_cancelled() {
    let office = Office::open();
    office.put(("alice", THUNDERBIRD), OWN, &lunch("Lunch")).await;
    let bob = office.copy("bob", LUNCH).await;
    let event = specimens::event("later", "DTSTART:20261210T100000Z");
    office.put(("alice", THUNDERBIRD), "/calendars/alice/calendar/later.ics", &event).await;
    let timeline = office.done(&["timeline", "later"]);
    let position = timeline.split('#').nth(1).and_then(|rest| rest.split(|found: char| !found.is_ascii_digit()).next());
    let invited = format!("#{}", position.expect("a position"));
    assert_eq!(office.send(("alice", THUNDERBIRD), "DELETE", OWN, &[], "").await.status, 204);
    // When Bob reads the meeting, his copy receives the cancellation at once.
    assert!(office.get(("bob", IPHONE), &bob).await.body.contains("STATUS:CANCELLED"));
    let restored = office.done(&["restore", &bob, "--to", &invited]);
    assert!(
        restored.contains("done; the organizer cancelled this meeting after that time, so it stays cancelled"),
        "{restored}"
    );
    assert!(office.get(("bob", IPHONE), &bob).await.body.contains("STATUS:CANCELLED"));

    // The meeting takes place again, without Bob.
    let without = lunch("Lunch").lines().filter(|line| !line.contains("bob@")).collect::<Vec<_>>().join("\r\n");
    office.put(("alice", THUNDERBIRD), OWN, &without).await;
    let copies = office.done(&["copies", LUNCH]);
    let line = copies.lines().find(|line| line.starts_with("Bob Brown")).expect("Bob's copy");
    assert!(line.contains("is not invited any more") && line.contains(", cancelled, "), "{copies}");
    assert!(!copies.contains("differs"), "{copies}");
}

#[tokio::test]
async fn the_organizers_own_object_does_not_stay_cancelled() {
    let office = Office::open();
    office.put(("alice", THUNDERBIRD), OWN, &lunch("Lunch")).await;
    let timeline = office.done(&["timeline", LUNCH]);
    let position = timeline.split('#').nth(1).and_then(|rest| rest.split(|found: char| !found.is_ascii_digit()).next());
    let invited = format!("#{}", position.expect("a position"));
    let cancelled = lunch("Lunch").replace("SUMMARY:", "STATUS:CANCELLED\r\nSUMMARY:");
    office.put(("alice", THUNDERBIRD), OWN, &cancelled).await;
    for dry_run in [&["--dry-run"][..], &[]] {
        let restored = office.done(&[&["restore", OWN, "--to", &invited], dry_run].concat());
        assert!(restored.contains("put back") && !restored.contains("stays cancelled"), "{restored}");
    }
    assert!(!office.get(("alice", THUNDERBIRD), OWN).await.body.contains("STATUS:CANCELLED"));
}

#[tokio::test]
async fn what_was_deleted_is_put_back_while_the_server_runs() {
    let mut office = Office::open();
    let marks = play(&mut office).await;
    let before = marks.seen.iter().find(|(_, path, _)| path.ends_with("/private/3.ics")).unwrap();
    let to = format!("#{}", before.0);
    let home = "/calendars/bob/private/";
    let planned = office.done(&["restore", home, "--to", &to, "--dry-run"]);
    assert_eq!(planned.matches("would put back private/").count(), 12, "{planned}");
    let done = office.done(&["restore", home, "--to", &to]);
    assert_eq!(done.matches(": done\n").count(), 13, "{done}");
    let again = office.done(&["restore", home, "--to", &to, "--tell"]);
    assert!(again.starts_with("Nothing is to be restored: outside of inboxes and outboxes, all"), "{again}");
    let path = "/calendars/bob/private/3.ics";
    assert_eq!(office.get(("bob", PYTHON), path).await.body, before.2);
    let timeline = office.done(&["timeline", "training-3"]);
    assert!(timeline.contains("with everything in it") && timeline.contains("operator"), "{timeline}");

    // A restored meeting sends messages to its attendees, as any change does.
    let review = "/calendars/alice/calendar/review.ics";
    let first = format!("#{}", marks.seen[0].0);
    let silently = office.run(&["restore", review, "--to", &first, "--silently"]);
    assert_eq!(silently.status.code(), Some(1));
    assert!(String::from_utf8(silently.stdout).unwrap().contains("NOT DONE: "));
    office.done(&["restore", review, "--to", &first, "--tell"]);
    let last = office.done(&["timeline", "project review"]);
    let last = last.rsplit("\n#").next().unwrap();
    assert!(last.contains("operator") && last.contains("told: "), "{last}");
    office.stop();
    assert!(office.done(&["replay"]).contains(" 0 of them differently"));
}

#[tokio::test]
async fn a_home_goes_not_back_behind_its_account() {
    let office = Office::open();
    let early = office.run(&["restore", "/calendars/alice/", "--to", "2000-01-01"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(String::from_utf8(early.stderr).unwrap().contains("the home of this account did not exist at that time"));
}

#[tokio::test]
async fn refused_requests_and_reads_stand_between_the_acts() {
    let mut office = Office::open();
    let marks = play(&mut office).await;
    office.stop();
    let notes = "m4-notes@example.com";
    let told = office.done(&["timeline", notes, "--with", "refused,reads"]);
    assert!(told.contains("·     refused: ") && told.contains("412  PUT /calendars/bob/calendar/notes.ics"), "{told}");
    let read = office.done(&["timeline", story::REVIEW, "--with", "reads", "--who", "erin"]);
    assert!(read.contains("·     read: ") && read.contains("Erin Evans") && !read.contains("refused: "), "{read}");
    let why = office.done(&["explain", notes, "--for", "bob", "--why", "refused"]);
    assert!(
        why.contains("412") && why.contains(&marks.old_etag.replace('"', "")) && why.contains("Apple Calendar"),
        "{why}"
    );
    let nobody = office.done(&["explain", notes, "--for", "carol", "--why", "refused"]);
    assert!(nobody.starts_with("No refused request of Carol Chan about this meeting is recorded"), "{nobody}");

    let graph = office.done(&["timeline", "budget", "--dot"]);
    assert!(graph.starts_with("digraph timeline {\n") && graph.ends_with("}\n"), "{graph}");
    assert!(graph.contains(" -> e"), "{graph}");
    // The title of a meeting cannot end a label of the graph.
    let is_node = |line: &str| line.ends_with("\"];") && line.matches('"').count() - line.matches("\\\"").count() == 2;
    assert!(graph.lines().filter(|line| line.contains("label=")).all(is_node), "{graph}");
}

#[tokio::test]
async fn one_request_is_decided_again_and_settings_ask_what_if() {
    let mut office = Office::open();
    play(&mut office).await;
    let whole = office.done(&["replay"]);
    assert!(whole.contains(" 0 of them differently"), "{whole}");
    let timeline = office.done(&["timeline", "budget", "--format", "json"]);
    let timeline: serde_json::Value = serde_json::from_str(&timeline).unwrap();
    let request = timeline["acts"][0]["request"].as_str().unwrap();
    let one = office.done(&["replay", "--request", request]);
    let acts: usize = one.split(' ').next().unwrap().parse().unwrap();
    assert!((2..8).contains(&acts), "the put, and what came of its messages: {one}");
    let what_if = office.run(&["replay", "--setting", "limits.max_attendees_per_instance=2"]);
    let told = String::from_utf8(what_if.stdout).unwrap();
    assert_eq!(what_if.status.code(), Some(1), "{told}");
    assert!(told.contains("is decided differently, in its decision:\n  recorded: calendar-object-put"), "{told}");
    let unknown = office.run(&["replay", "--setting", "limits.nothing=2"]);
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("there is no setting `limits.nothing`"));
    office.stop();
}

#[tokio::test]
async fn an_export_holds_nothing_that_anybody_wrote() {
    let mut office = Office::open();
    play(&mut office).await;
    let folder = tempfile::tempdir().unwrap();
    let texts = folder.path().join("texts");
    let told = office.done(&["replay", "--export", texts.to_str().unwrap()]);
    assert!(told.contains("Texts of acts, one for each meeting, written to "), "{told}");
    let all = read(&texts);
    assert!(all.contains("given alice puts\n    BEGIN:VEVENT\n") && all.contains("\nwhen "), "{all}");
    for kept in
        ["lake answers invitations: automatic", "RRULE:FREQ=WEEKLY;COUNT=6", "TZID=Europe/Berlin:20261207T090000"]
    {
        assert!(all.contains(kept), "{kept}: {all}");
    }
    let originals = [
        "review",
        "Project",
        "Bring figures",
        "m1-",
        "m2-",
        "m3-",
        "m4-",
        "Standup",
        "Budget",
        "Notes",
        "Training",
        "training",
        "Ames",
        "Brown",
        "Chan",
        "Dunn",
        "Evans",
        "Hahn",
        "Erin",
        "erin",
        "heidi",
        "stranger",
        "Thunderbird",
        "example.net>",
        "Soon",
        "deleted it",
        "PRODID",
        "Home grown",
        "192.0.2",
        "127.0.0.1",
    ];
    for original in originals {
        assert!(!all.contains(original), "{original} is in the export:\n{all}");
    }
    // An export does not overwrite existing files.
    let again = office.run(&["replay", "--export", texts.to_str().unwrap()]);
    assert!(!again.status.success());
}

fn read(folder: &Path) -> String {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect::<Vec<_>>().join("\n====\n")
}

#[tokio::test]
async fn an_auditor_looks_at_the_past_of_everybody_and_at_nothing_of_today() {
    let office = Office::open();
    office.put(("alice", THUNDERBIRD), OWN, &lunch("Lunch")).await;
    let position = office.done(&["journal", "stats", "--format", "json"]);
    let position: serde_json::Value = serde_json::from_str(&position).unwrap();
    let then = format!("/asof/{}{OWN}", position["position"]);
    let status = async |path: &str| office.send(("heidi", CURL), "GET", path, &[], "").await.status.as_u16();
    assert_eq!(status(&then).await, 404);
    office.done(&["principal", "set", "heidi", "--auditor"]);
    assert!(office.done(&["principal", "list"]).contains("  auditor\n"));
    assert_eq!((status(&then).await, status(OWN).await), (200, 403));
    let put = office.send(("heidi", CURL), "PUT", OWN, &[("content-type", "text/calendar")], &lunch("Mine")).await;
    assert!(put.status.is_client_error());
    office.done(&["principal", "set", "heidi", "--auditor=false"]);
    assert_eq!(status(&then).await, 404);
}

#[tokio::test]
async fn objects_that_were_renamed_get_their_names_back_and_none_is_lost() {
    let office = Office::open();
    let by = ("bob", THUNDERBIRD);
    let path = |name: &str| format!("/calendars/bob/calendar/{name}.ics");
    let texts = ["one", "two", "three"].map(|uid| specimens::event(uid, "DTSTART:20261209T100000Z"));
    for (name, text) in ["a", "b", "c"].iter().zip(&texts) {
        office.put(by, &path(name), text).await;
    }
    let head: String =
        office.done(&["head"]).chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let (a, b, c) = (path("a"), path("b"), path("c"));
    for (from, to) in [(&a, &path("between")), (&b, &a), (&path("between"), &b), (&c, &path("later"))] {
        assert_eq!(office.send(by, "MOVE", from, &[("destination", to.as_str())], "").await.status, 201);
    }
    office.put(by, &c, &specimens::event("four", "DTSTART:20261209T100000Z")).await;

    let calendar = "/calendars/bob/calendar/";
    let done = office.done(&["restore", calendar, "--to", &format!("#{head}")]);
    assert!(done.contains("delete calendar/c.ics: done\n"), "{done}");
    assert!(done.contains("move calendar/later.ics to calendar/c.ics: done\n"), "{done}");
    for (name, text) in ["a", "b", "c"].iter().zip(&texts) {
        let found = office.get(by, &path(name)).await;
        assert_eq!((found.status.as_u16(), &found.body), (200, text), "{name}: {done}");
    }
    assert_eq!(office.send(by, "GET", &path("later"), &[], "").await.status, 404);

    // A single resource is restored by its path.
    assert_eq!(office.send(by, "MOVE", &a, &[("destination", path("z").as_str())], "").await.status, 201);
    office.done(&["restore", &a, "--to", &format!("#{head}")]);
    assert_eq!(office.get(by, &a).await.body, texts[0]);
}

/// Returns the current permissions on a path, as `daybook permissions` prints them.
fn permitted(office: &Office, path: &str) -> String {
    office.done(&["permissions", path, "--at", "now"])
}

#[tokio::test]
async fn permissions_follow_resources_and_not_names() {
    let office = Office::open();
    let by = ("alice", CURL);
    let acl = "<D:acl xmlns:D=\"DAV:\"><D:ace><D:principal><D:href>/principals/bob/</D:href></D:principal><D:grant>\
               <D:privilege><D:read/></D:privilege></D:grant></D:ace></D:acl>";
    let path = |name: &str| format!("/calendars/alice/{name}");
    let send = async |method: &str, name: &str, to: &str, body: &str| {
        let to = path(to);
        let answer = office.send(by, method, &path(name), &[("destination", &to)], body).await;
        assert!(answer.status.is_success(), "{method} {name}: {} {}", answer.status, answer.body);
    };
    let may_read = "Bob Brown may read";

    // A renamed resource keeps its access control list. A new resource with the old name has no
    // list.
    office.put(by, &path("calendar/1.ics"), &specimens::event("one", "DTSTART:20261209T100000Z")).await;
    send("ACL", "calendar/1.ics", "", acl).await;
    send("MOVE", "calendar/1.ics", "calendar/2.ics", "").await;
    office.put(by, &path("calendar/1.ics"), &specimens::event("two", "DTSTART:20261209T100000Z")).await;
    let told = permitted(&office, &path("calendar/2.ics"));
    assert!(told.contains(&format!("the resource “2.ics”: {may_read}")), "{told}");
    assert!(!permitted(&office, &path("calendar/1.ics")).contains(may_read));

    // A new calendar with the name of a removed one has no access control list.
    send("MKCALENDAR", "new/", "", "").await;
    send("ACL", "new/", "", acl).await;
    assert!(permitted(&office, &path("new/")).contains(may_read));
    send("DELETE", "new/", "", "").await;
    send("MKCALENDAR", "new/", "", "").await;
    assert!(!permitted(&office, &path("new/")).contains(may_read));

    // The access control lists of all parent collections apply too.
    send("MKCOL", "folder/", "", "").await;
    send("ACL", "folder/", "", acl).await;
    send("MOVE", "new/", "folder/new/", "").await;
    let told = permitted(&office, &path("folder/new/"));
    assert!(told.contains("folder “folder”: Bob Brown may read"), "{told}");
}

#[tokio::test]
async fn nothing_is_put_back_into_a_collection_of_another_kind() {
    let office = Office::open();
    let alice = ("alice", CURL);
    let event = specimens::event("1", "DTSTART:20261209T100000Z");
    let rows = [("plans", "MKCALENDAR", "MKCOL", event.as_str()), ("notes", "MKCOL", "MKCALENDAR", "buy milk")];
    for (name, was, is, text) in rows {
        let (collection, member) = (format!("/calendars/alice/{name}/"), format!("/calendars/alice/{name}/1.ics"));
        assert_eq!(office.send(alice, was, &collection, &[], "").await.status, 201);
        assert_eq!(office.send(alice, "PUT", &member, &[], text).await.status, 201);
        let head = office.done(&["head"]);
        let number: String =
            head.chars().skip_while(|one| !one.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        assert_eq!(office.send(alice, "DELETE", &collection, &[], "").await.status, 204);
        assert_eq!(office.send(alice, is, &collection, &[], "").await.status, 201);
        let restored = office.run(&["restore", &collection, "--to", &format!("#{number}")]);
        let told = String::from_utf8_lossy(&restored.stdout);
        assert!(!restored.status.success() && told.contains(&format!("`{name}` is no")), "{told}");
        assert_eq!(office.send(alice, "GET", &member, &[], "").await.status, 404, "{told}");
    }
}
