//! The read model of collections (calendars, homes, inboxes, plain collections) and their members.

mod busy;
mod fold;
mod personal;
pub(crate) mod queries;
mod rows;
mod share;
mod snapshot;
mod span;
mod sync;
mod tables;

use std::sync::Arc;

use rusqlite::{Connection, Transaction};
use schemas::{
    CollectionId, Event, ObjectId, Position, PrincipalId, Recorded, Timestamp,
    access::AccessControlEntry,
    collection::{CollectionKind, Property, Settings},
    object::Role,
};

use crate::{Failure, projection::Projection, recent::Recent, scope::Scope};

pub use personal::Viewed;
pub use share::{Accepted, InvitationAnswer, OfferedCalendar, SharedAs};
pub use snapshot::Snapshot;

/// The projection: folds events into the rows of collections and members.
pub(crate) struct Collections {
    texts: fold::Texts,
    recent: Recent,
}

impl Collections {
    pub(crate) fn new(recent: Recent) -> Self {
        Self { texts: fold::Texts::default(), recent }
    }
}

impl Projection for Collections {
    const NAME: &'static str = "collections";
    const VERSION: u32 = 15;
    const IS_REQUIRED: bool = true;

    /// Version 14 has the same tables. It gives some collections with doubled names another path.
    fn serves(&self, version: u32) -> bool {
        version == 14
    }

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(tables::CREATE)
    }

    fn handles(&self, event: &Event) -> bool {
        match Scope::of(event) {
            Scope::Collections | Scope::Resources(..) => true,
            Scope::Principals | Scope::Nothing => false,
        }
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        fold::apply(rows, &self.texts, recorded)
    }

    fn prepare(&self, events: &[Recorded]) {
        self.recent.note(events);
    }

    fn replaced(&self, _rows: &Connection) -> Result<(), Failure> {
        self.recent.forget();
        Ok(())
    }
}

/// The character between the segments of a collection's name. A plain collection may contain other
/// collections.
pub const SEPARATOR: char = '/';

/// A collection of a home, or the home itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    pub id: CollectionId,
    pub home: PrincipalId,
    /// Path below the home: segments joined by [`SEPARATOR`]. Empty for the home itself.
    pub name: String,
    pub kind: CollectionKind,
    /// Component types that a calendar accepts; empty if it accepts all.
    pub components: Vec<String>,
    pub properties: Vec<Property>,
    pub settings: Settings,
    /// The access control list of the collection itself (RFC 3744 §5.5), without inherited entries.
    pub acl: Vec<AccessControlEntry>,
    /// The access control lists, without empty ones, that the collection inherits from the
    /// collections above: the parent's first, the home's last.
    pub inherited: Vec<Inherited>,
    pub created: Timestamp,
    pub modified: Timestamp,
    /// Position of the last event that gave the collection its name in its owner's home or, if
    /// `shared_as` has a value, in the sharee's. An earlier sync token may belong to a former
    /// collection of the same name.
    pub born: Position,
    /// Position of the last change of the collection, of its members or, if `shared_as` has a
    /// value, of the share. Used for `getctag` and sync tokens.
    pub changed: Position,
    /// Total length of the members' bodies, in bytes.
    pub bytes: u64,
    /// The share, if the collection was looked up in the home of a sharee; `None` if in its owner's
    /// home.
    pub shared_as: Option<Box<SharedAs>>,
}

/// The access control list of a collection above another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Inherited {
    /// Name of the collection above; empty for the home.
    pub from: String,
    /// The entries. They are in an `Arc` because many collections may inherit the same long list.
    pub entries: Arc<[AccessControlEntry]>,
}

/// The numbers of collections and ACL entries in a home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HomeCounts {
    /// Number of collections, including the home itself.
    pub collections: usize,
    /// Number of entries in the access control lists of all collections of the home together.
    pub entries: usize,
}

impl Collection {
    /// Returns true if this collection contains `other`, at any depth.
    pub fn is_above(&self, other: &Self) -> bool {
        self.home == other.home && self.is_above_name(&other.name)
    }

    /// Returns true if this collection contains the collection of this name in the same home, at
    /// any depth.
    pub fn is_above_name(&self, name: &str) -> bool {
        let below = if self.name.is_empty() { Some(name) } else { name.strip_prefix(&self.name) };
        below.is_some_and(|below| !below.is_empty() && (self.name.is_empty() || below.starts_with(SEPARATOR)))
    }

    /// Returns true if `name` is the name of a direct child of this collection.
    pub fn is_parent_of(&self, name: &str) -> bool {
        let above = name.rsplit_once(SEPARATOR).map_or("", |(above, _)| above);
        !name.is_empty() && above == self.name
    }
}

/// A resource in a collection, without its body.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub object: ObjectId,
    pub name: String,
    pub uid: String,
    pub component: String,
    /// Media type of a file; `None` for a calendar object, which is `text/calendar`.
    pub media_type: Option<String>,
    pub etag: String,
    pub schedule_tag: Option<String>,
    pub role: Role,
    /// Length of the body in bytes.
    pub size: usize,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub changed: Position,
    /// Position of the event that created the resource. It stays the same when the resource is
    /// moved, and when another object is stored under its name.
    pub born: Position,
    /// The access control list of the member itself. That of its collection applies too.
    pub acl: Vec<AccessControlEntry>,
    /// Dead properties (RFC 4918 §4), as clients set them.
    pub properties: Vec<Property>,
}

/// The state of a collection that a client has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The client knows all changes up to this position.
    pub position: Position,
    /// Position at which the client's initial synchronisation began. The client never knew names
    /// that were removed before. If `position` is lower, the client has not yet read all pages of
    /// the initial synchronisation.
    pub began: Position,
}

impl Seen {
    /// Returns the position after which removals must be reported to the client.
    #[must_use]
    pub fn removals_after(self) -> Position {
        self.position.max(self.began)
    }
}

impl From<Position> for Seen {
    /// Creates the state of a client that knows everything up to `position`.
    fn from(position: Position) -> Self {
        Self { position, began: position }
    }
}

/// The changes in a collection since a position.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// Members that were added or changed, ordered by the position of their last change.
    pub changed: Vec<Member>,
    /// Names of removed members, ordered by removal. A name that is in use again is in `changed`
    /// instead.
    pub removed: Vec<String>,
    /// The position up to which the changes are complete: the next sync token.
    pub up_to: Position,
    /// True if there are more changes after `up_to`.
    pub truncated: bool,
}
