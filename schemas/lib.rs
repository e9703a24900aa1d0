//! The event contract: all facts that Daybook stores, and the envelope of each event.
//!
//! An event is stored as JSON under its type and version. An older version is lifted step by step
//! to today's when it is read:
//!
//! ```
//! use schemas::{CollectionEvent, Event, Fact};
//!
//! // A grant, as the first version of this event wrote it.
//! let stored = br#"{"grants":[{"to":"authenticated","privileges":["read"]}]}"#;
//! let event = Event::read("calendar-acl-changed.v1", stored)?;
//! let Event::Collection(CollectionEvent::AclChanged(changed)) = &event else { panic!("{event:?}") };
//! assert_eq!(changed.entries[0].privileges, ["read"]);
//! assert_eq!(event.kind(), "calendar-acl-changed.v2");
//! # Ok::<(), schemas::Unreadable>(())
//! ```
//!
//! **Invariant:** a version `.vN` never changes its meaning after it was released. A new form is a
//! new version with a lift, a JSON Schema and a fixture. This crate is pure: no I/O, no clock, no
//! randomness.

#![warn(missing_docs)]

pub mod access;
pub mod access_journal;
pub mod collection;
pub mod edit;
pub mod envelope;
pub mod event;
pub mod file;
pub mod ids;
mod ignored;
mod lifts;
pub mod metadata;
pub mod object;
mod payload;
pub mod principal;
mod right;
mod scheduling;
pub mod server;
pub mod share;
mod words;

pub use envelope::{Encoding, Expected, Hash, NewEvent, Part, Position, Recorded, Revision, Stored, Timestamp};
pub use event::{
    AccessEvent, CollectionEvent, Event, Fact, FileEvent, ObjectEvent, PrincipalEvent, ServerEvent, ShareEvent,
    Unreadable,
};
pub use ids::{
    AccessId, CollectionId, FileId, ObjectId, PasswordId, PrincipalId, ServerId, ShareId, Stream, StreamKind,
};
pub use ignored::Ignored;
pub use metadata::{Client, Metadata, Operator, Right};
