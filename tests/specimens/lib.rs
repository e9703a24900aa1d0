//! Shared test code of all crates: calendar texts, and comparison with expected files.
//!
//! **Invariant:** test code only. Every crate may name it in its `[dev-dependencies]`, no crate in
//! its `[dependencies]`.

pub mod expected;
pub mod text;

pub use text::{calendar, component, event, free_busy_request, meeting, message, task};
