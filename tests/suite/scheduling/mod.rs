//! Tests of scheduling that are written as texts: `tests/scheduling/<topic>/<behaviour>.txt`.
//!
//! A text contains the initial state, the actions of calendar users, and the expected outcome: the
//! events, then every mailbox that changed. This module plays the actions and compares the outcome
//! with the text. `docs/testing.md` describes the language.

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

/// Plays the text at `path`, relative to `tests/`, and compares the outcome with the one in the
/// text.
fn check(path: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    expected::compare(&file, &play::play(&text));
}
