//! Request headers with a meaning of their own, read once and typed.
//!
//! **Invariant:** a header that cannot be read is refused (400), never ignored, unless its RFC says so: a condition that
//! is not understood must not let a write through.

mod conditions;
mod depth;
mod prefer;
mod range;
mod state_lists;
mod target;
mod timezones;

pub(crate) use conditions::{Comparison, date, require, tags};
pub(crate) use depth::Depth;
pub(crate) use prefer::Prefer;
pub(crate) use range::{Part, part};
pub(crate) use state_lists::{State, StateList, state_lists};
pub(crate) use target::{destination, overwrite};
pub(crate) use timezones::Timezones;
