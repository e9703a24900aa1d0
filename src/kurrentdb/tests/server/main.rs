//! Runs the cases that every engine must pass, against the real server that `KURRENTDB_URL` names.
//!
//! The server must accept appends of Daybook's maximum size: `ops/compose.yaml` starts such a
//! server. The cases run one after another, each with its own streams. Their events stay on the
//! server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../../journal/tests/port/appending.rs"]
mod appending;
#[macro_use]
#[path = "../../../journal/tests/port/cases.rs"]
mod cases;
mod fresh;
#[path = "../../../journal/tests/port/given.rs"]
mod given;
#[path = "../../../journal/tests/port/reading.rs"]
mod reading;
#[path = "../../../journal/tests/port/subscribing.rs"]
mod subscribing;

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hasher as _},
    io::Write as _,
    sync::atomic::Ordering,
};

use journal::Journal;

use self::fresh::Fresh;

macro_rules! one_after_another {
    ($($module:ident::$case:ident,)*) => {
        async fn every_case(url: &str) {
            $(
                say(concat!("  ", stringify!($case)));
                crate::$module::$case(open(url).await).await;
            )*
        }
    };
}

every_case!(one_after_another);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_server_passes_every_case() {
    match std::env::var_os("KURRENTDB_URL") {
        Some(url) => every_case(url.to_str().unwrap()).await,
        None => say("KURRENTDB_URL is not set: no case was tried against a real KurrentDB, only against its double."),
    }
}

/// Prints a line, even if the output of tests is captured.
#[expect(clippy::explicit_write, reason = "what `eprintln!` says is captured with a passing test")]
fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").unwrap();
}

async fn open(url: &str) -> Box<dyn Journal> {
    given::SPACE.store(RandomState::new().build_hasher().finish(), Ordering::Relaxed);
    Box::new(Fresh::new(kurrentdb::open(url).await.unwrap()).await)
}
