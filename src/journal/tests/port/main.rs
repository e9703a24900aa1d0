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

use journal::{Journal, memory::Memory, sqlite};

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

fn memory() -> Box<dyn Journal> {
    Box::new(Memory::new())
}

fn sqlite(folder: &std::path::Path) -> Box<dyn Journal> {
    Box::new(sqlite::open(&folder.join("journal.sqlite")).unwrap())
}
