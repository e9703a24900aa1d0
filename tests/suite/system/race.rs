//! Tests in which the organizer and attendees store changes at the same time: no change is lost,
//! and all copies agree.

use reqwest::StatusCode;

use super::Server;

const ROUNDS: usize = 8;

fn meeting(uid: &str) -> String {
    specimens::meeting(uid, "alice", &["bob", "carol"])
}

/// A copy, with the Schedule-Tag that the same GET returned.
struct Read {
    path: String,
    ics: String,
    tag: String,
}

async fn read(server: &Server, who: &str, path: &str) -> Read {
    let answer = server.get(who, path).await;
    let tag = answer.headers()["schedule-tag"].to_str().expect("a tag is ASCII").to_owned();
    let ics = answer.text().await.expect("text").replace("\r\n ", "");
    Read { path: path.to_owned(), ics, tag }
}

async fn save(server: &Server, who: &str, read: &Read, ics: String) -> StatusCode {
    let request = server.request(who, "PUT", &read.path).header("content-type", "text/calendar");
    let request = request.header("if-schedule-tag-match", &read.tag).body(ics);
    request.send().await.expect("an answer").status()
}

/// Stores an attendee's answer. If the organizer's change came first, reads the copy again and
/// retries.
async fn answer(server: &Server, who: &str, path: &str, partstat: &str) {
    loop {
        let copy = read(server, who, path).await;
        let status = save(server, who, &copy, answered(&copy.ics, who, partstat)).await;
        if status != StatusCode::PRECONDITION_FAILED {
            assert_eq!(status, StatusCode::NO_CONTENT, "{who}");
            return;
        }
    }
}

fn entry<'t>(ics: &'t str, who: &str) -> &'t str {
    let address = format!(":mailto:{who}@example.org");
    ics.lines().find(|line| line.starts_with("ATTENDEE") && line.ends_with(&address)).expect("somebody invited")
}

fn answered(ics: &str, who: &str, partstat: &str) -> String {
    ics.replace(entry(ics, who), &format!("ATTENDEE;PARTSTAT={partstat}:mailto:{who}@example.org"))
}

fn partstat(ics: &str, who: &str) -> String {
    let stands = entry(ics, who).split([';', ':']).find_map(|part| part.strip_prefix("PARTSTAT="));
    stands.unwrap_or("NEEDS-ACTION").to_owned()
}

/// Returns the path of the copy with the UID `uid`.
async fn copy_of(server: &Server, who: &str, uid: &str) -> String {
    let collection = format!("/calendars/{who}/calendar/");
    for path in server.members(who, &collection).await {
        if server.get(who, &path).await.text().await.expect("text").contains(&format!("UID:{uid}\r\n")) {
            return path;
        }
    }
    panic!("{who} has a copy of {uid}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_and_two_replies_at_the_same_time_are_all_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path()).await.with(&["alice", "bob", "carol"], &[]).await;
    for round in 0..ROUNDS {
        let uid = format!("lunch{round}");
        let path = format!("/calendars/alice/calendar/{uid}.ics");
        assert_eq!(server.put("alice", &path, &meeting(&uid)).await.status(), 201);
        let (bob, carol) = (copy_of(&server, "bob", &uid).await, copy_of(&server, "carol", &uid).await);
        let organizers = read(&server, "alice", &path).await;
        let renamed = organizers.ics.replace("SUMMARY:Lunch", "SUMMARY:Dinner");
        let (saved, (), ()) = tokio::join!(
            save(&server, "alice", &organizers, renamed),
            answer(&server, "bob", &bob, "ACCEPTED"),
            answer(&server, "carol", &carol, "DECLINED"),
        );
        // RFC 6638 §3.2.10: replies do not change the organizer's Schedule-Tag.
        assert_eq!(saved, StatusCode::NO_CONTENT);
        for (who, path) in [("alice", &path), ("bob", &bob), ("carol", &carol)] {
            let copy = read(&server, who, path).await.ics;
            assert!(copy.contains("SUMMARY:Dinner"), "{who}: {copy}");
            assert_eq!(partstat(&copy, "bob"), "ACCEPTED", "{who}: {copy}");
            assert_eq!(partstat(&copy, "carol"), "DECLINED", "{who}: {copy}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_racing_a_reschedule_counts_in_all_copies_or_in_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path()).await.with(&["alice", "bob", "carol"], &[]).await;
    for round in 0..ROUNDS {
        let uid = format!("lunch{round}");
        let path = format!("/calendars/alice/calendar/{uid}.ics");
        assert_eq!(server.put("alice", &path, &meeting(&uid)).await.status(), 201);
        let bob = copy_of(&server, "bob", &uid).await;
        let organizers = read(&server, "alice", &path).await;
        let moved = organizers.ics.replace("T12", "T14").replace("T13", "T15");
        let (saved, ()) =
            tokio::join!(save(&server, "alice", &organizers, moved), answer(&server, "bob", &bob, "ACCEPTED"));
        assert_eq!(saved, StatusCode::NO_CONTENT);
        let (organizers, copy) = (read(&server, "alice", &path).await.ics, read(&server, "bob", &bob).await.ics);
        assert!(
            organizers.contains("DTSTART:20260107T14") && copy.contains("DTSTART:20260107T14"),
            "{organizers}{copy}"
        );
        assert_eq!(partstat(&organizers, "bob"), partstat(&copy, "bob"), "{organizers}{copy}");
    }
    server.stop().await;
}
