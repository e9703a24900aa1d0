//! Request headers with a meaning of their own, read once and typed.
//!
//! **Invariant:** a header that cannot be read is refused (400), never ignored: a condition that is not understood
//! must not let a write through.

mod conditions;
mod depth;
mod prefer;
mod target;

pub(crate) use conditions::{Comparison, if_modified_since, require, tags};
pub(crate) use depth::Depth;
pub(crate) use prefer::Prefer;
pub(crate) use target::{destination, overwrite};
