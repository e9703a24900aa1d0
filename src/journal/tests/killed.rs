//! Kills a process with `kill -9` while it appends. No acknowledged event may be lost.
//!
//! The test starts its own program a second time as the victim. The victim appends in a loop and
//! prints each acknowledged append.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::{BTreeMap, HashSet},
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use journal::{Append, Journal, Verdict, sqlite, verify};
use schemas::{Client, Expected, Metadata, NewEvent, ObjectId, Position, Revision, Stored, Stream, Timestamp};
use uuid::Uuid;

/// The environment variable that makes the program the victim. Its value is the path of the
/// journal.
const VICTIM: &str = "DAYBOOK_JOURNAL_VICTIM";
const PRODUCERS: u32 = 4;

type Acknowledged = BTreeMap<u64, (Stream, Revision)>;

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let mut acknowledged = Acknowledged::new();
    for round in 0..6 {
        let killed_after = 10 + 37 * round;
        acknowledged.extend(run_until_killed(&path, killed_after));
        survived(&path, &acknowledged).await;
    }
}

/// Kills the victim after `count` acknowledged appends. Returns all appends that it acknowledged
/// before it died.
fn run_until_killed(path: &Path, count: usize) -> Acknowledged {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_victim_appends_until_it_is_killed", "--nocapture"])
        .env(VICTIM, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let mut acknowledged = Acknowledged::new();
    while acknowledged.len() < count {
        let line = lines.next().expect("the victim lives until it is killed").unwrap();
        acknowledged.extend(acknowledgement(&line));
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    acknowledged.extend(lines.filter_map(|line| acknowledgement(&line.unwrap())));
    acknowledged
}

/// Parses `acknowledged <position> <stream> <revision> .`; `None` for any other line, and for a
/// line that is incomplete because the victim died.
fn acknowledgement(line: &str) -> Option<(u64, (Stream, Revision))> {
    let parts: Vec<_> = line.split(' ').collect();
    let ["acknowledged", position, stream, revision, "."] = parts[..] else { return None };
    Some((position.parse().unwrap(), (stream.parse().unwrap(), Revision(revision.parse().unwrap()))))
}

async fn survived(path: &Path, acknowledged: &Acknowledged) {
    let journal = sqlite::open(path).unwrap();
    let verdict = verify(&journal, |_| {}).await.unwrap();
    assert!(matches!(verdict, Verdict::Ok { .. }), "{verdict}");

    let all = everything(&journal).await;
    let stored: BTreeMap<_, _> = all.iter().map(|event| (event.position.0, (event.stream, event.revision))).collect();
    for (position, event) in acknowledged {
        assert_eq!(stored.get(position), Some(event), "position {position}");
    }
    let ids: HashSet<_> = all.iter().map(|event| event.id).collect();
    assert_eq!(ids.len(), all.len());

    // The last append of each stream may have been stored without being acknowledged. Repeating it
    // must store nothing more.
    for number in 0..PRODUCERS {
        if let Some(last) = journal.read_last(stream(number)).await.unwrap() {
            let repeated = journal.append(append(number, last.revision.0)).await.unwrap();
            assert_eq!((repeated.position, repeated.revision), (last.position, last.revision));
        }
    }
    assert_eq!(everything(&journal).await.len(), all.len());
}

async fn everything(journal: &dyn Journal) -> Vec<Stored> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map_or(Position::START, |stored: &Stored| stored.position);
        let page = journal.read_all(after, 1_000).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// The victim's part of the test. Does nothing unless [`VICTIM`] is set.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_victim_appends_until_it_is_killed() {
    let Some(path) = std::env::var_os(VICTIM) else { return };
    let journal = Arc::new(sqlite::open(Path::new(&path)).unwrap());
    let producers: Vec<_> = (0..PRODUCERS)
        .map(|number| {
            let journal = Arc::clone(&journal);
            tokio::spawn(async move { produce(&*journal, number).await })
        })
        .collect();
    for producer in producers {
        producer.await.unwrap();
    }
}

async fn produce(journal: &dyn Journal, number: u32) {
    let last = journal.read_last(stream(number)).await.unwrap();
    for revision in last.map_or(0, |last| last.revision.0 + 1).. {
        let appended = journal.append(append(number, revision)).await.unwrap();
        let line = format!("acknowledged {} {} {revision} .\n", appended.position, stream(number));
        // Writing fails, which ends the victim, if the parent process dies first.
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    }
}

fn stream(number: u32) -> Stream {
    Stream::Object(ObjectId(Uuid::from_u128(u128::from(number))))
}

fn append(number: u32, revision: u64) -> Append {
    let words = format!("stream {number} revision {revision}");
    let event = NewEvent::json(
        Uuid::new_v5(&schemas::ids::NAMESPACE, words.as_bytes()),
        "calendar-object-put.v1",
        format!(r#"{{"words":"{words}","filling":"{}"}}"#, "x".repeat(2_000)),
    );
    let client = Client { via: "PUT".to_owned(), ..Client::default() };
    let (request, correlation) = (Uuid::from_u128(1), Uuid::from_u128(1));
    let at = Timestamp::from_seconds(1_767_614_400);
    Append {
        stream: stream(number),
        expected: revision.checked_sub(1).map_or(Expected::NoStream, |last| Expected::Exact(Revision(last))),
        metadata: Metadata { at, client, request, correlation, ..Metadata::default() },
        events: vec![event],
    }
}
