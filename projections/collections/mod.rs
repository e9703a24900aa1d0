//! Collections and what is in them: calendars, homes, inboxes, plain ones.

mod busy;
mod fold;
pub(crate) mod queries;
mod rows;
mod snapshot;
mod span;
mod sync;
mod tables;

use rusqlite::{Connection, Transaction};
use schemas::{
    CollectionId, Event, ObjectId, Position, PrincipalId, Recorded, Timestamp,
    access::AccessControlEntry,
    collection::{CollectionKind, Property, Settings},
    object::Role,
};

use crate::{Failure, projection::Projection, recent::Recent, scope::Scope};

pub use snapshot::Snapshot;

/// The fold.
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
    const VERSION: u32 = 9;
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

/// Separates the segments of a collection's name: collections may lie in plain ones.
pub const SEPARATOR: char = '/';

/// A collection of a home, or the home itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    pub id: CollectionId,
    pub home: PrincipalId,
    /// Path below the home, its segments joined by [`SEPARATOR`]; empty for the home itself.
    pub name: String,
    pub kind: CollectionKind,
    /// Components it accepts; empty: all.
    pub components: Vec<String>,
    pub properties: Vec<Property>,
    pub settings: Settings,
    /// Who may do what (RFC 3744 §5.5), as it was set.
    pub acl: Vec<AccessControlEntry>,
    /// What holds here because it was set on a collection above: the nearest first, the home last.
    pub inherited: Vec<Inherited>,
    pub created: Timestamp,
    pub modified: Timestamp,
    /// Where its story under this name begins: an older sync token speaks of another collection.
    pub born: Position,
    /// The last change of it or in it: `getctag` and sync token.
    pub changed: Position,
    /// What the bodies of its own members take together.
    pub bytes: u64,
}

/// Entries that were set on a collection above.
#[derive(Debug, Clone, PartialEq)]
pub struct Inherited {
    /// The name of that collection; empty: the home.
    pub from: String,
    pub entries: Vec<AccessControlEntry>,
}

impl Collection {
    /// Whether another collection of its home lies in it, however deep.
    pub fn is_above(&self, other: &Self) -> bool {
        self.home == other.home && self.is_above_name(&other.name)
    }

    /// The same of a name below its home.
    pub fn is_above_name(&self, name: &str) -> bool {
        let below = if self.name.is_empty() { Some(name) } else { name.strip_prefix(&self.name) };
        below.is_some_and(|below| !below.is_empty() && (self.name.is_empty() || below.starts_with(SEPARATOR)))
    }

    /// Whether a name below its home is that of a collection directly in it.
    pub fn is_parent_of(&self, name: &str) -> bool {
        let above = name.rsplit_once(SEPARATOR).map_or("", |(above, _)| above);
        !name.is_empty() && above == self.name
    }
}

/// A resource in a collection. Its body is fetched only when asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub object: ObjectId,
    pub name: String,
    pub uid: String,
    pub component: String,
    /// Of a file, as it was stored; `None`: `text/calendar`.
    pub media_type: Option<String>,
    pub etag: String,
    pub schedule_tag: Option<String>,
    pub role: Role,
    /// Bytes of the body.
    pub size: usize,
    pub created: Timestamp,
    pub modified: Timestamp,
    pub changed: Position,
    /// Where its story begins: what was stored under its name before was another resource.
    pub born: Position,
    /// Who may do what with it, beside what its collection says.
    pub acl: Vec<AccessControlEntry>,
    /// Kept as clients set them.
    pub properties: Vec<Property>,
}

/// What happened in a collection since a position.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// In the order of their last change.
    pub changed: Vec<Member>,
    /// Names that are gone, in the order they went. What came back is changed, not removed.
    pub removed: Vec<String>,
    /// Everything up to here is in this answer: the next token.
    pub up_to: Position,
    /// There is more after `up_to`.
    pub truncated: bool,
}
