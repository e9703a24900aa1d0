//! Tests of the journal's files: their permissions, their lock, and the size of the write-ahead
//! log.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use journal::{
    AppendError, Failure, Journal,
    sqlite::{self, OpenError},
};
use schemas::{NewEvent, Position};

use crate::{Place, append, fill};

/// The environment variable that tells the program that it is the second process, and which journal
/// it opens.
const INSIDE: &str = "DAYBOOK_JOURNAL_OF_ANOTHER_PROCESS";
/// A time limit that is long enough even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn log(journal: &Path) -> PathBuf {
    journal.with_extension("sqlite-wal")
}

fn log_bytes(journal: &Path) -> u64 {
    fs::metadata(log(journal)).map_or(0, |log| log.len())
}

#[tokio::test]
async fn no_file_can_be_removed_to_open_a_journal_twice() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    for entry in fs::read_dir(place.path.parent().unwrap()).unwrap() {
        let file = entry.unwrap().path();
        if file != place.path && file != log(&place.path) {
            fs::remove_file(file).unwrap();
        }
    }
    let refused = sqlite::open(&place.path).unwrap_err();
    assert!(matches!(refused, OpenError::InUse { .. }), "{refused}");
    let mut other = Command::new(std::env::current_exe().unwrap());
    other.args(["--exact", "keeping::opens_what_it_is_told_to", "--nocapture"]).env(INSIDE, &place.path);
    let said = String::from_utf8(other.output().unwrap().stdout).unwrap();
    let expected = format!("is in use by process {}: stop", std::process::id());
    assert!(said.contains(&expected), "{said}");
}

/// Runs in the second process. Does nothing unless [`INSIDE`] is set.
#[test]
fn opens_what_it_is_told_to() {
    let Some(path) = std::env::var_os(INSIDE) else { return };
    println!("\n{}", sqlite::open(Path::new(&path)).unwrap_err());
}

#[tokio::test]
async fn a_journal_whose_file_vanished_acknowledges_nothing() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    journal.is_writable().await.unwrap();
    fs::rename(&place.path, place.path.with_file_name("elsewhere")).unwrap();
    let failure = journal.is_writable().await.unwrap_err();
    assert!(matches!(failure, Failure::Vanished(_)), "{failure}");
    let head = journal.head().await.unwrap();
    let refused = journal.append(append(3, 0)).await.unwrap_err();
    assert!(matches!(refused, AppendError::Unavailable(Failure::Vanished(_))), "{refused}");
    assert_eq!(journal.head().await.unwrap(), head, "nothing is shown of it");
    fs::rename(place.path.with_file_name("elsewhere"), &place.path).unwrap();
    let refused = journal.append(append(4, 0)).await.unwrap_err();
    assert!(matches!(refused, AppendError::Unavailable(Failure::Vanished(_))), "until the next start: {refused}");
    journal.is_writable().await.unwrap_err();
    drop(journal);
    let journal = place.open();
    journal.append(append(4, 0)).await.unwrap();
    assert_eq!(journal.head().await.unwrap(), Position(head.0 + 2), "what was not acknowledged is in the file");
}

#[tokio::test]
async fn the_files_are_the_owners_alone_from_the_first_moment() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    sqlite::backup(&place.path, &place.path.with_file_name("copy"), |_, _| {}).unwrap();
    let mut found = 0;
    for entry in fs::read_dir(place.path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
        found += 1;
    }
    assert_eq!(found, 5, "the file, its log, the index of that, the witness, and the copy");
}

#[tokio::test]
async fn a_closed_journal_leaves_no_log_also_beside_a_reader() {
    let place = Place::new();
    let journal = place.open();
    let reader = sqlite::open_read_only(&place.path).unwrap();
    fill(&journal).await;
    assert!(log_bytes(&place.path) > 0);
    drop(journal);
    assert_eq!(log_bytes(&place.path), 0);
    assert_eq!(reader.head().await.unwrap(), Position(5));
}

#[tokio::test]
async fn the_log_stays_small_while_much_is_written() {
    const LIMIT: u64 = 8 * 1024 * 1024;
    let place = Place::new();
    let journal = place.open();
    let mut largest = 0;
    for revision in 0..400 {
        let small = append(1, revision);
        let large = |event| NewEvent { data: format!(r#"{{"x":"{}"}}"#, "x".repeat(50_000)).into(), ..event };
        let events = small.events.into_iter().map(large).collect();
        journal.append(journal::Append { events, ..small }).await.unwrap();
        largest = largest.max(log_bytes(&place.path));
    }
    assert!(largest > 0 && largest < LIMIT, "{largest} bytes");
}

#[tokio::test]
async fn what_was_written_last_comes_into_the_file_when_nothing_follows() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    #[expect(clippy::disallowed_methods, reason = "a test that waits must end")]
    let begun = Instant::now();
    loop {
        let alone = Place::new();
        fs::copy(&place.path, &alone.path).unwrap();
        if let Ok(copy) = sqlite::open(&alone.path)
            && copy.head().await.unwrap() == Position(5)
        {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "the log is not copied into the file");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
