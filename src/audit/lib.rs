//! Reports for people about the history of a meeting, and about whether its record is complete and
//! unaltered.
//!
//! **Invariant:** this crate reads and never writes. Creating a report ([`Timeline::of`], [`text`],
//! [`json`]) is pure and separate from reading the events ([`read`]): the same events give the same
//! report. Sentences show text from clients only through [`foreign`].

pub mod access_report;
mod act;
mod agent;
mod calendars;
mod change;
mod conditions;
pub mod copies;
pub mod csv;
pub mod dot;
mod edits;
mod entry;
mod evidence;
pub mod explain;
pub mod find;
pub mod foreign;
pub mod given;
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
pub use tree::{LeftOut, Timeline};
