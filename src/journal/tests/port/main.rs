//! The test cases that every engine must pass. The crate of the KurrentDB engine runs the same
//! cases, which it includes from this folder.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod appending;
#[macro_use]
mod cases;
mod given;
mod history;
mod laws;
mod reading;
mod storing;
mod subscribing;

use given::{after, append, event, fill, words};
use journal::{Append, AppendError, Journal, limits::MAX_APPEND_EVENTS, memory::Memory, sqlite};
use schemas::{Expected, Position, Revision};

/// Makes each case a test for each engine.
macro_rules! cases {
    ($($module:ident::$case:ident,)*) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                crate::$module::$case(crate::memory()).await;
            })*
        }

        mod in_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let folder = tempfile::tempdir().unwrap();
                crate::$module::$case(crate::sqlite(folder.path())).await;
            })*
        }
    };
}

every_case!(cases);

/// The engines of this crate have transactions over several streams.
#[tokio::test]
async fn appends_together_are_all_stored_or_none() {
    let folder = tempfile::tempdir().unwrap();
    for journal in [memory(), sqlite(folder.path())] {
        fill(&*journal, 1, &["a"]).await;
        let other = append(3, Expected::NoStream, &["c"]);
        let together =
            |second: Append| vec![append(2, Expected::NoStream, &["b"]), second, append(4, Expected::NoStream, &["d"])];
        let refused = journal.append_together(together(append(1, after(1), &["x"]))).await.unwrap_err();
        assert!(matches!(refused, AppendError::WrongExpectedRevision { actual: Some(Revision(0)) }), "{refused}");
        let long = vec![event("y"); MAX_APPEND_EVENTS + 1];
        let refused = journal.append_together(together(Append { events: long, ..other.clone() })).await.unwrap_err();
        assert!(matches!(refused, AppendError::TooLarge { .. }), "{refused}");
        assert_eq!(words(&journal.read_all(Position::START, 9).await.unwrap()), ["a"]);
        journal.append_together(together(other)).await.unwrap();
        assert_eq!(words(&journal.read_all(Position::START, 9).await.unwrap()), ["a", "b", "c", "d"]);
    }
}

fn memory() -> Box<dyn Journal> {
    Box::new(Memory::new())
}

fn sqlite(folder: &std::path::Path) -> Box<dyn Journal> {
    Box::new(sqlite::open(&folder.join("journal.sqlite")).unwrap())
}
