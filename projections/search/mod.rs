//! The search index: meetings by words, people, programs, times, and by what clients log: entity tags, Schedule-Tags, requests,
//! paths.
//!
//! **Invariant:** finds where to look; what happened is read from the journal. Grows with the number of objects and acts, not
//! with the size of texts.

mod clue;
mod fold;
mod query;
mod words;

use rusqlite::{Connection, Transaction};
use schemas::{Event, ObjectEvent, Recorded};

pub use clue::Clue;
pub use query::{Found, Query};

use crate::projection::Projection;

/// The fold.
pub(crate) struct Search;

impl Projection for Search {
    const NAME: &'static str = "search";
    const VERSION: u32 = 2;
    const MAY_LAG: bool = true;

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "CREATE TABLE meeting (
                 key INTEGER PRIMARY KEY,
                 uid TEXT NOT NULL UNIQUE,
                 title TEXT NOT NULL DEFAULT '',
                 organizer TEXT NOT NULL DEFAULT '',
                 -- When it takes place: seconds, NULL without a bound.
                 begins INTEGER,
                 ends INTEGER,
                 -- The last act of a person.
                 position INTEGER NOT NULL,
                 at INTEGER NOT NULL
             );
             CREATE INDEX meeting_position ON meeting (position);
             CREATE TABLE object (
                 key INTEGER PRIMARY KEY,
                 id BLOB NOT NULL UNIQUE,
                 meeting INTEGER NOT NULL,
                 home BLOB NOT NULL,
                 -- The last clues, which the next event mostly repeats.
                 tag INTEGER,
                 request INTEGER
             );
             CREATE INDEX object_meeting ON object (meeting);
             CREATE INDEX object_home ON object (home, meeting);
             CREATE TABLE word (word TEXT NOT NULL, meeting INTEGER NOT NULL, PRIMARY KEY (word, meeting)) WITHOUT ROWID;
             CREATE TABLE person (key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE);
             CREATE TABLE agent (key INTEGER PRIMARY KEY, agent TEXT NOT NULL UNIQUE);
             CREATE TABLE act (
                 meeting INTEGER NOT NULL, position INTEGER NOT NULL, at INTEGER NOT NULL, person INTEGER, agent INTEGER,
                 PRIMARY KEY (meeting, position)
             ) WITHOUT ROWID;
             -- The first eight bytes of a digest. What is found is compared with the event at the position. Digests are
             -- random: the week keeps those that are written together on few pages.
             CREATE TABLE clue (
                 week INTEGER NOT NULL, clue INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (week, clue, position)
             ) WITHOUT ROWID;
             CREATE TABLE spot (clue INTEGER NOT NULL, object INTEGER NOT NULL, PRIMARY KEY (clue, object)) WITHOUT ROWID;",
        )
    }

    fn handles(&self, event: &Event) -> bool {
        match event {
            Event::Object(
                ObjectEvent::DeliveryReported(_) | ObjectEvent::MessageSuppressed(_) | ObjectEvent::MessageWithdrawn(_),
            )
            | Event::Principal(_)
            | Event::File(_)
            | Event::Access(_)
            | Event::Server(_)
            | Event::Erased(_) => false,
            Event::Object(_) | Event::Collection(_) => true,
        }
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        fold::apply(rows, recorded)
    }
}
