//! Tests that the engine survives faults of servers and defects of the client library.
//!
//! For every known defect of the crate `eventstore` 4.0.0 there is a test that fails without the
//! engine's workaround.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../journal/tests/port/given.rs"]
mod given;

mod appending;
mod connecting;
mod subscribing;
mod tampering;
mod version_1;

use std::{sync::Arc, time::Duration};

use journal::Journal;
use kurrent_double::Double;
use kurrentdb::{Kurrent, Patience};

/// Timeouts that are long enough for a busy machine and short enough for a test.
const PATIENCE: Patience =
    Patience { answer: Duration::from_secs(2), operation: Duration::from_secs(30), silence: Duration::from_secs(3) };

async fn open(double: &Double) -> Arc<Kurrent> {
    Arc::new(kurrentdb::open_with(&double.url(), PATIENCE).await.unwrap())
}

/// Returns the value of one of the engine's figures.
fn figure(journal: &dyn Journal, name: &str) -> u64 {
    journal.figures().into_iter().find(|figure| figure.name == name).map(|figure| figure.value).unwrap()
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE.operation, async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_ok(), "{what}");
}
