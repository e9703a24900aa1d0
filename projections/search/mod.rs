//! The search index. It finds meetings by UID, words, people, programs and times, and by
//! identifiers from the logs of clients, such as ETags, Schedule-Tags and ids of requests. It also
//! returns the streams that contain copies of a meeting.
//!
//! **Invariant:** an identifier only leads to events, which are then read from the journal.

mod batch;
mod clue;
mod fold;
mod log;
mod meeting;
mod names;
mod query;
mod sorted;
mod terms;
mod words;

use rusqlite::{Connection, Transaction};
use schemas::{Event, ObjectEvent, Recorded, ShareEvent};

pub use clue::Clue;
pub use query::{Effort, Finding, Found, Query};

use crate::projection::{BatchError, Projection};

/// The projection of the search index.
pub(crate) struct Search;

impl Projection for Search {
    const NAME: &'static str = "search";
    const VERSION: u32 = 8;
    const MAY_LAG: bool = true;

    /// Version 7 has the same tables. It counts the removal of old inbox items as an act.
    fn serves(&self, version: u32) -> bool {
        version == 7
    }

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "-- The module `meeting` describes the encoding of the lists.
             CREATE TABLE meeting (
                 key INTEGER PRIMARY KEY,
                 -- Six bytes of the UID's digest. A meeting found by it is compared with the UID itself.
                 digest INTEGER NOT NULL,
                 uid BLOB NOT NULL,
                 title TEXT NOT NULL,
                 -- The organizer's key in `name`; NULL without an organizer.
                 organizer INTEGER,
                 -- The first start and the last end, in seconds since 1970; NULL without a bound.
                 begins INTEGER,
                 ends INTEGER,
                 -- Position and time of the last act, and six bytes of the digest of its request's id.
                 position INTEGER NOT NULL,
                 at INTEGER NOT NULL,
                 request INTEGER,
                 part INTEGER NOT NULL,
                 objects BLOB NOT NULL,
                 acts BLOB NOT NULL,
                 terms BLOB NOT NULL
             );
             CREATE INDEX meeting_digest ON meeting (digest);
             -- Full parts of the lists of `meeting`. `last` is the position of the last act; `earliest` and `latest` bound its times.
             CREATE TABLE full_objects (
                 meeting INTEGER NOT NULL, part INTEGER NOT NULL, objects BLOB NOT NULL, PRIMARY KEY (meeting, part)
             ) WITHOUT ROWID;
             CREATE TABLE full_acts (
                 meeting INTEGER NOT NULL, last INTEGER NOT NULL, earliest INTEGER NOT NULL, latest INTEGER NOT NULL,
                 acts BLOB NOT NULL, PRIMARY KEY (meeting, last)
             ) WITHOUT ROWID;
             CREATE TABLE further_term (
                 meeting INTEGER NOT NULL, term INTEGER NOT NULL, PRIMARY KEY (meeting, term)
             ) WITHOUT ROWID;
             -- The meeting of each object, found by six bytes of the object's id, and the part of its list that has the object.
             CREATE TABLE object (
                 digest INTEGER NOT NULL, meeting INTEGER NOT NULL, part INTEGER NOT NULL,
                 PRIMARY KEY (digest, meeting, part)
             ) WITHOUT ROWID;
             -- Addresses of organizers, and names of programs.
             CREATE TABLE name (key INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
             -- Words and people, and the meetings of each; the module `terms` describes the encoding of the lists.
             CREATE TABLE term (term BLOB PRIMARY KEY, key INTEGER NOT NULL) WITHOUT ROWID;
             CREATE TABLE counter (term INTEGER NOT NULL);
             INSERT INTO counter VALUES (0);
             CREATE TABLE posting (
                 term INTEGER NOT NULL, number INTEGER NOT NULL, last INTEGER NOT NULL, meetings BLOB NOT NULL,
                 PRIMARY KEY (term, number)
             ) WITHOUT ROWID;
             CREATE TABLE pending (meeting INTEGER PRIMARY KEY, terms BLOB NOT NULL);
             -- Clues and acts in the order of events; the module `log` describes the encoding. `acted` has the acts of earlier rows.
             CREATE TABLE log (
                 number INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, latest INTEGER NOT NULL,
                 clues BLOB NOT NULL, acts BLOB NOT NULL
             );
             CREATE TABLE acted (number INTEGER PRIMARY KEY, latest INTEGER NOT NULL, acts BLOB NOT NULL);
             -- Earlier clues in the order of their digests, and the slices to be divided: see the module `sorted`.
             CREATE TABLE clue (key INTEGER PRIMARY KEY, first INTEGER NOT NULL, clues BLOB NOT NULL);
             CREATE TABLE due (level INTEGER NOT NULL, prefix INTEGER NOT NULL, PRIMARY KEY (level, prefix)) WITHOUT ROWID;",
        )
    }

    fn handles(&self, event: &Event) -> bool {
        match event {
            Event::Object(
                ObjectEvent::DeliveryReported(_) | ObjectEvent::MessageSuppressed(_) | ObjectEvent::MessageWithdrawn(_),
            )
            | Event::Principal(_)
            | Event::File(_)
            | Event::Share(
                ShareEvent::Offered(_)
                | ShareEvent::Accepted(_)
                | ShareEvent::Declined(_)
                | ShareEvent::Moved(_)
                | ShareEvent::PropertiesChanged(_)
                | ShareEvent::Withdrawn(_),
            )
            | Event::Access(_)
            | Event::Server(_)
            | Event::Erased(_) => false,
            Event::Object(_) | Event::Collection(_) | Event::Share(ShareEvent::PersonalDataChanged(_)) => true,
        }
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        self.apply_all(rows, &[recorded]).map_err(|(_, why)| why)
    }

    fn apply_all(&self, rows: &Transaction<'_>, events: &[&Recorded]) -> Result<(), BatchError> {
        batch::apply(rows, events)
    }
}
