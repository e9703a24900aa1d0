//! The cases every engine must pass, the same for all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod appending;
#[macro_use]
mod cases;
mod given;
mod laws;
mod reading;
mod subscribing;

use std::sync::atomic::Ordering;

use journal::{Journal, kurrentdb, limits::MAX_APPEND_BYTES, memory::Memory, sqlite};
use kurrent_double::Double;

/// Each case as a test per engine.
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

        mod in_kurrent_double {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let double = kurrent_double::Double::start();
                crate::$module::$case(crate::kurrent(&double).await).await;
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

async fn kurrent(double: &Double) -> Box<dyn Journal> {
    double.faults().max_append_bytes.store(2 * MAX_APPEND_BYTES, Ordering::Relaxed);
    Box::new(kurrentdb::open(&double.url()).await.unwrap())
}
