//! Scheduling behaviour as texts: `tests/scheduling/<topic>/<behaviour>.txt`.
//!
//! A text says what is given, what a calendar user does, and what follows: the events, then every
//! mailbox that changed. This module plays the first two and compares the third. `docs/testing.md`
//! describes the language.

mod edit;
mod homes;
mod large;
pub mod play;
mod render;
mod sentence;
mod world;

use std::{fs, path::Path};

use specimens::expected;

include!(concat!(env!("OUT_DIR"), "/scheduling.rs"));

/// Plays the text at this path below `tests/` and compares what it says with what happened.
fn check(path: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    expected::compare(&file, &play::play(&text));
}
