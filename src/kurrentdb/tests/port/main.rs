//! Runs the cases that every engine must pass, against the protocol double.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../journal/tests/port/appending.rs"]
mod appending;
#[macro_use]
#[path = "../../../journal/tests/port/cases.rs"]
mod cases;
#[path = "../../../journal/tests/port/given.rs"]
mod given;
#[path = "../../../journal/tests/port/history.rs"]
mod history;
mod laws;
#[path = "../../../journal/tests/port/reading.rs"]
mod reading;
#[path = "../../../journal/tests/port/subscribing.rs"]
mod subscribing;

use std::sync::atomic::Ordering;

use journal::{Journal, limits::MAX_APPEND_BYTES};
use kurrent_double::Double;

/// Makes a test of each case.
macro_rules! cases {
    ($($module:ident::$case:ident,)*) => {
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

async fn kurrent(double: &Double) -> Box<dyn Journal> {
    double.faults().max_append_bytes.store(2 * MAX_APPEND_BYTES, Ordering::Relaxed);
    Box::new(kurrentdb::open(&double.url()).await.unwrap())
}
