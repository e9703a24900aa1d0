//! The index of versions: for every resource and position, the event that stored the content which
//! the resource had.
//!
//! **Invariant:** the index has numbers and names, but no content. The content at a past position
//! is read from the events.

mod batch;
mod content;
mod fold;
mod member;
mod notes;
mod query;
mod shared;

use rusqlite::{Connection, Transaction};
use schemas::{Event, ObjectEvent, Recorded};

pub use content::{Body, Stored};
pub use query::{CollectionThen, Version};
pub use shared::Shown;

use crate::projection::{BatchError, Projection};

/// The projection of the index of versions.
pub(crate) struct Versions;

impl Projection for Versions {
    const NAME: &'static str = "versions";
    const VERSION: u32 = 6;
    const MAY_LAG: bool = true;

    /// Version 5 has the same tables, perhaps without an index. It gives some collections with
    /// doubled names another path.
    fn serves(&self, version: u32) -> bool {
        version == 5
    }

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "CREATE TABLE collection (
                 key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, home BLOB NOT NULL,
                 -- 1 until the collection is removed, then 0.
                 is_open INTEGER NOT NULL
             );
             CREATE INDEX collection_home ON collection (home, is_open);
             -- The path below the home from the position `since` on; NULL if the collection was removed.
             CREATE TABLE name (
                 collection INTEGER NOT NULL, since INTEGER NOT NULL, name TEXT, PRIMARY KEY (collection, since)
             ) WITHOUT ROWID;
             -- The shares of calendars. `shared_name` has the name in the sharee's home from the position `since` on; NULL if none.
             CREATE TABLE share (key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, home BLOB NOT NULL, calendar BLOB NOT NULL);
             CREATE INDEX share_home ON share (home);
             CREATE INDEX share_calendar ON share (calendar);
             CREATE TABLE shared_name (
                 share INTEGER NOT NULL, since INTEGER NOT NULL, name TEXT, PRIMARY KEY (share, since)
             ) WITHOUT ROWID;
             -- A name in a collection, with the last parts of its lists: the module `member` describes their encoding.
             CREATE TABLE member (
                 collection INTEGER NOT NULL, name BLOB NOT NULL, occupants BLOB NOT NULL, versions BLOB NOT NULL,
                 PRIMARY KEY (collection, name)
             ) WITHOUT ROWID;
             -- Full parts of the lists of `member`. `first` is the position of the first version of a part, `until` that of the
             -- first occupant after it.
             CREATE TABLE full_versions (
                 collection INTEGER NOT NULL, name BLOB NOT NULL, first INTEGER NOT NULL, versions BLOB NOT NULL,
                 PRIMARY KEY (collection, name, first)
             ) WITHOUT ROWID;
             CREATE TABLE full_occupants (
                 collection INTEGER NOT NULL, name BLOB NOT NULL, until INTEGER NOT NULL, occupants BLOB NOT NULL,
                 PRIMARY KEY (collection, name, until)
             ) WITHOUT ROWID;
             -- Changes of ACLs and properties of the resource that the event at `born` created: see the module `notes`.
             CREATE TABLE note (
                 born INTEGER NOT NULL, first INTEGER NOT NULL, positions BLOB NOT NULL, PRIMARY KEY (born, first)
             ) WITHOUT ROWID;",
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
            Event::Share(event) => event.is_of_offer(),
            Event::Collection(_) | Event::File(_) => true,
            Event::Principal(_) | Event::Access(_) | Event::Server(_) | Event::Erased(_) => false,
        }
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        self.apply_all(rows, &[recorded]).map_err(|(_, why)| why)
    }

    fn apply_all(&self, rows: &Transaction<'_>, events: &[&Recorded]) -> Result<(), BatchError> {
        batch::apply(rows, events)
    }
}
