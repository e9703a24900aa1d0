//! Shared test code of all crates: calendar texts, files of accounts, comparison with expected
//! files, and small disks.
//!
//! **Invariant:** test code only. Every crate may name it in its `[dev-dependencies]`, no crate in
//! its `[dependencies]`.

pub mod accounts;
pub mod expected;
pub mod inside;
pub mod text;

pub use text::{calendar, component, event, free_busy_request, meeting, message, task};
