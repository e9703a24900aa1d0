//! The event contract: every fact Daybook ever stores, and the envelope around it.
//!
//! **Invariant:** once shipped, a `.vN` never changes meaning. A new form is a new version, one lift,
//! a JSON Schema and a fixture. No I/O, no clock, no randomness.

pub mod access;
pub mod collection;
pub mod envelope;
pub mod event;
pub mod file;
pub mod ids;
mod lifts;
pub mod object;
pub mod principal;

pub use envelope::{Client, Expected, Hash, Metadata, NewEvent, Position, Recorded, Revision, Stored, Timestamp};
pub use event::{CollectionEvent, Event, Fact, FileEvent, ObjectEvent, PrincipalEvent, Unreadable};
pub use ids::{CollectionId, FileId, ObjectId, PrincipalId, Stream, StreamKind};
