//! Tests without room for the journal: on a disk that is full for a while, and with a limit on the
//! size of files.
//!
//! Both tests start this program a second time: within a small file system, or under the limit.

use std::process::Command;

use journal::{Append, AppendError, Failure, Journal, Verdict, sqlite, verify};
use schemas::{NewEvent, Position, Revision};
use specimens::inside;

use crate::{Place, append};

const FILLING: &str = "filling";

#[test]
fn a_full_disk_refuses_appends_and_takes_them_again_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    inside::run_on_small_disk(folder.path(), "3m", "full::on_a_disk_that_is_full_for_a_while");
}

#[tokio::test]
async fn beyond_a_limit_of_file_sizes_appends_are_refused_and_nothing_is_lost() {
    let place = Place::new();
    let mut command = Command::new("sh");
    // The signal XFSZ would end the process. If it is ignored, writing fails with an error instead.
    command.args(["-c", r#"trap '' XFSZ; ulimit -f 3000; exec "$@""#, "sh"]);
    let output = inside::run(command, &place.path, "full::under_a_limit_of_file_sizes").unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let stored: u64 = said.lines().find_map(|line| line.strip_prefix("stored ")?.parse().ok()).unwrap();
    let journal = place.open();
    assert_eq!(journal.head().await.unwrap(), Position(stored));
    journal.append(large(stored)).await.unwrap();
    assert!(matches!(verify(&journal, |_| {}).await.unwrap(), Verdict::Ok { head, .. } if head.events == stored + 1));
}

/// Runs in the second process. Does nothing unless [`inside::place`] returns the path of the disk.
#[tokio::test]
async fn on_a_disk_that_is_full_for_a_while() {
    let Some(disk) = inside::place() else { return };
    std::fs::write(disk.join(FILLING), vec![0; 1_000_000]).unwrap();
    let journal = sqlite::open(&disk.join("journal.sqlite")).unwrap();
    let stored = fill_up(&journal, |failure| matches!(failure, Failure::Full(_))).await;
    let failure = journal.is_writable().await.unwrap_err();
    assert!(matches!(failure, Failure::Full(_)), "{failure}");
    std::fs::remove_file(disk.join(FILLING)).unwrap();
    journal.is_writable().await.unwrap();
    journal.append(large(stored)).await.unwrap();
    assert!(matches!(verify(&journal, |_| {}).await.unwrap(), Verdict::Ok { head, .. } if head.events == stored + 1));
    drop(journal);
    let journal = sqlite::open(&disk.join("journal.sqlite")).unwrap();
    assert_eq!(journal.head().await.unwrap(), Position(stored + 1));
}

/// Runs in the second process. Does nothing unless [`inside::place`] returns the path of the
/// journal.
#[tokio::test]
async fn under_a_limit_of_file_sizes() {
    let Some(path) = inside::place() else { return };
    let journal = sqlite::open(&path).unwrap();
    println!("\nstored {}", fill_up(&journal, |failure| matches!(failure, Failure::Storage(_))).await);
}

/// Appends until an append is refused, and checks that all earlier events can still be read.
/// Returns their number.
async fn fill_up(journal: &dyn Journal, is_expected: impl Fn(&Failure) -> bool) -> u64 {
    for revision in 0.. {
        match journal.append(large(revision)).await {
            Ok(appended) => assert_eq!(appended.position, Position(revision + 1)),
            Err(refused) => {
                assert!(matches!(&refused, AppendError::Unavailable(failure) if is_expected(failure)), "{refused}");
                let again = journal.append(large(revision)).await;
                assert!(again.is_err(), "there is still no room");
                assert_eq!(journal.head().await.unwrap(), Position(revision));
                let last = journal.read_last(large(0).stream).await.unwrap().unwrap();
                assert_eq!(last.revision, Revision(revision - 1));
                return revision;
            }
        }
    }
    panic!("there is room without end");
}

/// Returns an append of 50 KB, so that the disk is full soon.
fn large(revision: u64) -> Append {
    let small = append(1, revision);
    let filled = |event: NewEvent| NewEvent { data: format!(r#"{{"x":"{}"}}"#, "x".repeat(50_000)).into(), ..event };
    Append { events: small.events.into_iter().map(filled).collect(), ..small }
}
