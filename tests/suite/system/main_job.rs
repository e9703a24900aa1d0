//! Tests the main use: somebody is invited and answers, and every copy and inbox is current when
//! the requests return.

use super::Server;

/// Returns Alice's lunch with Bob and the room Lake.
pub fn lunch() -> String {
    specimens::meeting("lunch", "alice", &["bob", "lake"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alice_invites_bob_and_a_room_and_bob_accepts() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path()).await.with(&["alice", "bob"], &["lake"]).await;

    let answer = server.put("alice", "/calendars/alice/calendar/lunch.ics", &lunch()).await;
    assert_eq!(answer.status(), 201);
    assert!(answer.headers().contains_key("schedule-tag"));
    assert!(!answer.headers().contains_key("etag"), "the statuses were added: what is stored is not what was sent");

    let stored = text(&server, "alice", "/calendars/alice/calendar/lunch.ics").await;
    let bob = line(&stored, "bob@");
    assert!(bob.contains("SCHEDULE-STATUS=1.2"), "{bob}");
    let room = line(&stored, "lake@");
    assert!(room.contains("PARTSTAT=ACCEPTED") && room.contains("SCHEDULE-STATUS=2.0"), "{room}");

    assert_eq!(server.members("bob", "/calendars/bob/inbox/").await.len(), 1);
    let (path, invitation) = server.only("bob", "/calendars/bob/calendar/").await;
    assert!(line(&invitation, "lake@").contains("PARTSTAT=ACCEPTED"), "the room's answer reached bob's copy");
    let accepted = invitation.replace(line(&invitation, "bob@"), "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org");
    assert_eq!(server.put("bob", &path, &accepted).await.status(), 204);

    let answered = text(&server, "alice", "/calendars/alice/calendar/lunch.ics").await;
    assert!(line(&answered, "bob@").contains("PARTSTAT=ACCEPTED"), "{answered}");
    // The inbox contains the replies of the room and of Bob.
    assert_eq!(server.members("alice", "/calendars/alice/inbox/").await.len(), 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_read_models_rebuilds_the_same_answers() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path()).await.with(&["alice", "bob"], &["lake"]).await;
    server.put("alice", "/calendars/alice/calendar/lunch.ics", &lunch()).await;
    let before = everything(&server).await;
    server.stop().await;

    std::fs::remove_dir_all(folder.path().join("read-models")).expect("the read models are deleted");
    std::fs::remove_file(folder.path().join("outbox.json")).expect("so is the outbox");
    let server = Server::start(folder.path()).await;
    assert_eq!(everything(&server).await, before);
    server.stop().await;
}

/// Returns the answers to PROPFIND and GET for several collections.
async fn everything(server: &Server) -> Vec<String> {
    let mut all = vec![];
    for (who, collection) in
        [("alice", "calendar"), ("alice", "inbox"), ("bob", "calendar"), ("bob", "inbox"), ("alice", "tasks")]
    {
        let path = format!("/calendars/{who}/{collection}/");
        let request = server.request(who, "PROPFIND", &path).header("depth", "1");
        all.push(request.send().await.expect("an answer").text().await.expect("text"));
        for member in server.members(who, &path).await {
            all.push(text(server, who, &member).await);
        }
    }
    all
}

async fn text(server: &Server, who: &str, path: &str) -> String {
    server.get(who, path).await.text().await.expect("text").replace("\r\n ", "")
}

fn line<'a>(text: &'a str, part: &str) -> &'a str {
    text.lines().find(|line| line.starts_with("ATTENDEE") && line.contains(part)).unwrap_or_default()
}
