//! The versions of every resource: which event made the content that stood at a place, from which position on.
//!
//! **Invariant:** holds numbers and names, no content. The content as of a position is read from the events that are named
//! here, so it is what clients were given at that time.

mod content;
mod fold;
mod query;

use rusqlite::{Connection, Transaction};
use schemas::{Event, ObjectEvent, Recorded};

pub use content::{Body, Stored};
pub use query::{CollectionThen, Version};

use crate::projection::Projection;

/// The fold.
pub(crate) struct Versions;

impl Projection for Versions {
    const NAME: &'static str = "versions";
    const VERSION: u32 = 2;
    const MAY_LAG: bool = true;

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "CREATE TABLE collection (key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, home BLOB NOT NULL);
             CREATE INDEX collection_home ON collection (home);
             -- The path below the home from a position on; NULL: it is gone.
             CREATE TABLE name (
                 collection INTEGER NOT NULL, since INTEGER NOT NULL, name TEXT, PRIMARY KEY (collection, since)
             ) WITHOUT ROWID;
             CREATE TABLE member (
                 collection INTEGER NOT NULL, name TEXT NOT NULL, key INTEGER NOT NULL,
                 -- The object or file that was stored there last.
                 occupant BLOB NOT NULL, PRIMARY KEY (collection, name)
             ) WITHOUT ROWID;
             -- One row: the last key. Names are the largest part of this index, and stand in it once.
             CREATE TABLE counter (key INTEGER NOT NULL);
             INSERT INTO counter VALUES (0);
             -- The event with the content from a position on; 0: nothing is there any more.
             CREATE TABLE version (
                 member INTEGER NOT NULL, since INTEGER NOT NULL, content INTEGER NOT NULL,
                 -- The event that created the resource, wherever it lay then.
                 born INTEGER NOT NULL, PRIMARY KEY (member, since)
             ) WITHOUT ROWID;
             -- Changes of the ACL and of properties; a resource that is moved takes them with it.
             CREATE TABLE note (member INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (member, position)) WITHOUT ROWID;",
        )
    }

    fn handles(&self, event: &Event) -> bool {
        match event {
            Event::Object(event) => match event {
                ObjectEvent::MessageReceived(received) => received.item.is_some(),
                ObjectEvent::MessageIssued(_)
                | ObjectEvent::MessageSuppressed(_)
                | ObjectEvent::MessageWithdrawn(_)
                | ObjectEvent::DeliveryReported(_) => false,
                _ => true,
            },
            Event::Collection(_) | Event::File(_) => true,
            Event::Principal(_) | Event::Access(_) | Event::Server(_) | Event::Erased(_) => false,
        }
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        fold::apply(rows, recorded)
    }
}
