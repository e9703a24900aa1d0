//! What the client library does wrong, and what can go wrong with servers: the engine survives it.
//!
//! Every defect of the `eventstore` crate 4.0.0 that is known has a test here that fails without
//! what the engine does about it.

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

/// Enough for a busy machine, and little enough to wait for.
const PATIENCE: Patience =
    Patience { answer: Duration::from_secs(2), operation: Duration::from_secs(30), silence: Duration::from_secs(3) };

async fn open(double: &Double) -> Arc<Kurrent> {
    Arc::new(kurrentdb::open_with(&double.url(), PATIENCE).await.unwrap())
}

/// One of the engine's figures.
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
