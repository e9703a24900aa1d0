//! For people: what happened to a meeting, and whether the record is whole.
//!
//! **Invariant:** reads and never writes. Telling ([`Timeline::of`], [`text`], [`json`]) is pure and separated from reading
//! ([`read`]): the same events tell the same story. Text from outside is shown by [`foreign`] only.

mod act;
mod agent;
pub mod asked;
mod change;
pub mod copies;
pub mod csv;
mod edits;
mod entry;
mod evidence;
pub mod explain;
pub mod find;
pub mod foreign;
pub mod json;
mod moment;
mod names;
pub mod past;
pub mod permissions;
mod places;
pub mod proof;
pub mod read;
mod reasons;
mod selection;
mod sentence;
pub mod show;
mod state;
pub mod table;
pub mod text;
mod tree;
pub mod verdict;

pub use act::Act;
pub use change::{Change, Class, Value};
pub use entry::{Detail, Entry};
pub use evidence::{Evidence, Fault};
pub use moment::{Clock, rfc3339};
pub use names::{Names, NamesAt};
pub use read::Unreadable;
pub use selection::Selection;
pub use tree::Timeline;
