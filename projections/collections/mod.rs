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
    const VERSION: u32 = 14;
    const IS_REQUIRED: bool = true;

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

/// Separates the segments of a collection's name; a plain collection may contain collections.
pub const SEPARATOR: char = '/';

/// A collection of a home, or the home itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    pub id: CollectionId,
    pub home: PrincipalId,
    /// Path below the home, its segments joined by [`SEPARATOR`]; empty for the home itself.
    pub name: String,
    pub kind: CollectionKind,
    /// Component types that it accepts; empty for all.
    pub components: Vec<String>,
    pub properties: Vec<Property>,
    pub settings: Settings,
    /// The access control list of the collection itself (RFC 3744 §5.5), without inherited ones.
    pub acl: Vec<AccessControlEntry>,
    /// The access control lists inherited from the collections above: the parent's first, the
    /// home's last.
    pub inherited: Vec<Inherited>,
    pub created: Timestamp,
    pub modified: Timestamp,
    /// The position since which it has had this name. A sync token before it belongs to an earlier
    /// collection of the same name.
    pub born: Position,
    /// The position of the last change of the collection or its members: `getctag` and sync token.
    pub changed: Position,
    /// Length of the bodies of its members, in bytes.
    pub bytes: u64,
    /// Where it was looked up in the home of somebody it is shared with; `None`: in its own.
    pub shared_as: Option<Box<SharedAs>>,
}

/// The access control list of a collection above.
#[derive(Debug, Clone, PartialEq)]
pub struct Inherited {
    /// The name of that collection; empty for the home.
    pub from: String,
    /// Shared by all collections below that one: many may inherit long lists.
    pub entries: Arc<[AccessControlEntry]>,
}

/// How much a home has of what every request about the home reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HomeCounts {
    /// Collections, the home among them.
    pub collections: usize,
    /// Entries of the access control lists of all collections together.
    pub entries: usize,
}

impl Collection {
    /// Returns whether this collection contains `other`, at any depth.
    pub fn is_above(&self, other: &Self) -> bool {
        self.home == other.home && self.is_above_name(&other.name)
    }

    /// Returns whether this collection contains the collection of this name in its home, at any
    /// depth.
    pub fn is_above_name(&self, name: &str) -> bool {
        let below = if self.name.is_empty() { Some(name) } else { name.strip_prefix(&self.name) };
        below.is_some_and(|below| !below.is_empty() && (self.name.is_empty() || below.starts_with(SEPARATOR)))
    }

    /// Returns whether `name` is the name of a direct child of this collection.
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
    /// The position since which this resource has had its name. Before it, the name belonged to
    /// another resource.
    pub born: Position,
    /// Its own access control list. That of its collection applies too.
    pub acl: Vec<AccessControlEntry>,
    /// Dead properties, as clients set them.
    pub properties: Vec<Property>,
}

/// The state of a collection that a client has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The client knows all changes up to here.
    pub position: Position,
    /// The client began here, knowing nothing. It never knew the names that were removed before. If
    /// `position` is lower, it has not read all pages of that time yet.
    pub began: Position,
}

impl Seen {
    /// Returns the position after which removals are news to the client.
    #[must_use]
    pub fn removals_after(self) -> Position {
        self.position.max(self.began)
    }
}

impl From<Position> for Seen {
    /// The client knows all that was there at `position`.
    fn from(position: Position) -> Self {
        Self { position, began: position }
    }
}

/// The changes in a collection since a position.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// Members that were added or changed, ordered by their last change.
    pub changed: Vec<Member>,
    /// Names of removed members, in the order of their removal. A name that is in use again is
    /// among `changed`.
    pub removed: Vec<String>,
    /// The position up to which the changes are complete: the next sync token.
    pub up_to: Position,
    /// True if there are more changes after `up_to`.
    pub truncated: bool,
}
