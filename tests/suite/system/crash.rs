//! Tests that a crash between any two appends loses nothing: from any prefix of a conversation in
//! the journal, the next start completes the conversation.

use std::{collections::BTreeMap, path::Path, time::Duration};

use journal::{Append, Journal};
use schemas::{Expected, NewEvent, Position, Revision, Stored, Stream};

use super::{Server, main_job::lunch, server::open};

/// More than the number of events in the conversation.
const ALL: usize = 10_000;
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_prefix_of_a_conversation_is_completed_after_a_crash() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path()).await.with(&["alice", "bob"], &["lake"]).await;
    let before = server.service.models().position();
    server.put("alice", "/calendars/alice/calendar/lunch.ics", &lunch()).await;
    let whole = counts(&server);
    assert_eq!(whole, [1, 1, 1, 1, 1], "alice, her inbox, bob, his inbox, the lake");
    server.stop().await;

    let history = history(folder.path()).await;
    let conversation = history.iter().filter(|stored| stored.position > before).count();
    let appends = history.windows(2).enumerate().filter(|(_, pair)| pair[0].stream != pair[1].stream);
    let cuts: Vec<usize> = appends.map(|(at, _)| at + 1).filter(|cut| history.len() - cut < conversation).collect();
    assert!(cuts.len() > 2, "the conversation has several appends");
    for cut in cuts {
        let folder = tempfile::tempdir().expect("a folder");
        replay(folder.path(), &history[..cut]).await;
        for start in ["first", "second"] {
            let server = Server::start(folder.path()).await;
            settle(&server, whole).await;
            assert_eq!(counts(&server), whole, "cut after {cut} events, {start} start");
            server.stop().await;
        }
    }
}

/// Waits, at most `PATIENCE`, until every mailbox contains the result of the whole conversation.
async fn settle(server: &Server, whole: [usize; 5]) {
    let settled = async {
        while counts(server) != whole {
            tokio::task::yield_now().await;
        }
    };
    // A timeout is ignored, because the caller compares the result and reports what is missing.
    drop(tokio::time::timeout(PATIENCE, settled).await);
}

fn counts(server: &Server) -> [usize; 5] {
    [("alice", "calendar"), ("alice", "inbox"), ("bob", "calendar"), ("bob", "inbox"), ("lake", "calendar")]
        .map(|(who, collection)| server.count(who, collection))
}

async fn history(folder: &Path) -> Vec<Stored> {
    let journal = open(folder).await;
    journal.read_all(Position::START, ALL).await.expect("events")
}

/// Writes a journal that contains only `history`, the events before the crash.
async fn replay(folder: &Path, history: &[Stored]) {
    let journal = open(folder).await;
    let mut revisions: BTreeMap<Stream, Revision> = BTreeMap::new();
    for stored in history {
        let expected = revisions.get(&stored.stream).map_or(Expected::NoStream, |last| Expected::Exact(*last));
        let events = vec![NewEvent::json(stored.id, stored.kind.clone(), stored.data.clone())];
        let append = Append { stream: stored.stream, expected, metadata: stored.metadata.clone(), events };
        let appended = journal.append(append).await.expect("appended");
        revisions.insert(stored.stream, appended.revision);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_journal_restored_from_a_backup_replaces_newer_read_models() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path()).await.with(&["alice", "bob"], &["lake"]).await;
    let before = server.service.models().position();
    server.put("alice", "/calendars/alice/calendar/lunch.ics", &lunch()).await;
    server.stop().await;
    let mut history = history(folder.path()).await;
    history.retain(|stored| stored.position <= before);
    for file in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "journal.sqlite-end"] {
        // The result is ignored, because SQLite removes its log with the last connection.
        drop(std::fs::remove_file(folder.path().join(file)));
    }
    replay(folder.path(), &history).await;

    let server = Server::start(folder.path()).await;
    assert_eq!(counts(&server), [0; 5], "what the journal does not know did not happen");
    server.put("alice", "/calendars/alice/calendar/lunch.ics", &lunch()).await;
    assert_eq!(counts(&server), [1; 5], "and may happen again");
    server.stop().await;
}
