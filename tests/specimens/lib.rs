//! Test code that all crates share: calendar texts, account files, comparison with expected files,
//! and small disks.
//!
//! **Invariant:** this crate contains test code only. Other crates may use it in
//! `[dev-dependencies]`, never in `[dependencies]`.

pub mod accounts;
pub mod expected;
pub mod inside;
pub mod text;

pub use text::{calendar, component, event, free_busy_request, meeting, message, task};
