//! `kill -9` in the middle of appending: nothing acknowledged is lost.
//!
//! The test runs its own program again as the victim, which appends in a loop and says what was
//! acknowledged.

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

/// Tells the program that it is the victim, and where its journal lies.
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

/// Kills the victim after so many acknowledgements; answers all that it gave until it died.
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

/// `acknowledged <position> <stream> <revision>`; other lines, and one cut off by death, are none.
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

    // The last append of each stream may have been stored without an answer. Repeating it changes
    // nothing.
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

/// Does nothing unless [`VICTIM`] says so.
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
        // Ends with the parent too, should that die first.
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
