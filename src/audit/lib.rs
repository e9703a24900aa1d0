//! For people: what happened to a meeting, and whether the record is whole.
//!
//! **Invariant:** reads and never writes. Telling ([`Timeline::of`], [`text`], [`json`]) is pure and separated from
//! reading ([`timeline`]): the same events tell the same story.

mod change;
pub mod json;
mod names;
mod read;
mod sentence;
pub mod text;
mod tree;
pub mod verdict;
mod visible;

pub use change::Change;
pub use names::Names;
pub use read::{Unreadable, timeline};
pub use tree::{Entry, Timeline};
