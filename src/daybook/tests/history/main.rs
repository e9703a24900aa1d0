//! What people find out afterwards, with the program as they run it.

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
