//! Tests that the journal of a server can be exported as a scheduling text, and that playing this
//! text has the recorded outcome.

use std::collections::BTreeSet;

use super::Server;
use crate::scheduling::play::play;

/// Returns the owner and the type of the event in each line, without duplicates. A line has the
/// form `alice: calendar-object-put as organizer`.
fn outcome<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let words = |line: &str| {
        let mut words = line.split(' ').map(|word| word.trim_end_matches(','));
        let (who, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        format!("{who} {kind}")
    };
    lines.map(words).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_meeting_is_played_as_a_scheduling_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path()).await.with(&["zoe", "yuri"], &["attic"]).await;
    let own = "/calendars/zoe/calendar/secret.ics";
    let meeting = specimens::meeting("secret-uid", "zoe", &["yuri", "attic"]).replace(":20260107T", ":20990107T");
    assert_eq!(server.put("zoe", own, &meeting).await.status(), 201);
    let (path, copy) = server.only("yuri", "/calendars/yuri/calendar/").await;
    let line = copy.lines().find(|line| line.contains("yuri@")).expect("yuri is invited");
    let accepted = copy.replace(line, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:yuri@example.org");
    assert_eq!(server.put("yuri", &path, &accepted).await.status(), 204);
    let stored = server.get("zoe", own).await.text().await.expect("text").replace("\r\n ", "");
    let moved = stored.replace("DTSTART:20990107T120000Z", "DTSTART:20990107T113000Z").replace("Lunch", "Secret");
    assert_eq!(server.put("zoe", own, &moved).await.status(), 204);
    server.get("yuri", &path).await;
    assert_eq!(server.request("yuri", "DELETE", &path).send().await.expect("an answer").status(), 204);

    let models = server.service.models();
    // The server gathers answers for the copies of the other attendees. A read of a copy delivers
    // them.
    for entry in models.directory().all() {
        server.service.refresh(entry.id).await.expect("gathered answers arrive");
    }
    let head = server.service.head().await.expect("a head");
    models.wait_for_past(head, std::time::Duration::from_secs(60)).await.expect("the read models catch up");
    let evidence = audit::read::meeting(server.service.journal(), models, "secret-uid").await.expect("it is read");
    let text = audit::given::text(&evidence).expect("people did something");
    for original in ["secret", "Secret", "Lunch", "zoe", "yuri", "attic"] {
        assert!(!text.contains(original), "{original} is in\n{text}");
    }
    assert!(text.contains("given lake answers invitations: automatic\n"), "{text}");

    let played = play(&text);
    let paragraphs: Vec<&str> = played.split("\n\n").collect();
    let (mut recorded, mut happened) = (vec![], vec![]);
    for paragraph in &paragraphs {
        if let Some(lines) = paragraph.strip_prefix("# Recorded:\n") {
            recorded.push(outcome(lines.lines().filter_map(|line| line.strip_prefix("#     "))));
        } else if let Some(lines) = paragraph.strip_prefix("then\n") {
            let is_event = |line: &&str| line.starts_with("    ") && !line.starts_with("     ");
            happened.push(outcome(lines.lines().filter(is_event).map(str::trim_start)));
        }
    }
    assert_eq!((happened.len(), recorded.len()), (4, 4), "{played}");
    assert_eq!(happened[0], recorded[0], "{played}");
    // The outcomes of all acts are compared together, because some gathered answers arrive with a
    // later act.
    let [happened, recorded] = [happened, recorded].map(|all| all.into_iter().flatten().collect::<BTreeSet<_>>());
    assert_eq!(happened, recorded, "{played}");
    server.stop().await;
}
