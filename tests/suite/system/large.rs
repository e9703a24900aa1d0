//! Tests a meeting with two hundred attendees: every attendee has a copy when the PUT returns.

use super::Server;

const GUESTS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_invitation_is_delivered_and_reported_when_the_put_returns() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path()).await.with(&["alice"], &[]).await.with_guests(GUESTS).await;
    let answer = server.put("alice", "/calendars/alice/calendar/party.ics", &party()).await;
    assert_eq!(answer.status(), 201);
    for number in 0..GUESTS {
        let guest = format!("guest{number:03}");
        assert_eq!(server.count(&guest, "calendar"), 1, "{guest}");
        assert_eq!(server.count(&guest, "inbox"), 1, "{guest}");
    }
    let text = server.get("alice", "/calendars/alice/calendar/party.ics").await.text().await.expect("text");
    assert_eq!(text.replace("\r\n ", "").matches("SCHEDULE-STATUS=1.2").count(), GUESTS);
    server.stop().await;
}

fn party() -> String {
    let guests: String = (0..GUESTS).map(|number| format!("ATTENDEE:mailto:guest{number:03}@example.org\n")).collect();
    specimens::event("party", &format!("DTSTART:20260107T120000Z\nORGANIZER:mailto:alice@example.org\n{guests}"))
}
