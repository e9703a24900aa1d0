//! Tests of the commands with which people examine the history, run as separate processes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod answers;
mod differences;
mod long_ago;
mod office;
mod operators;
mod proof;
mod replayed;
#[path = "../served/mod.rs"]
mod served;
mod shared;
mod slips;
mod story;
mod tampering;
