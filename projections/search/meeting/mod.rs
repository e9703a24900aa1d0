//! A meeting, which is one row of the search index.
//!
//! The lists of a meeting are blobs, so that a change writes one row on one page. A list of objects
//! or acts that has [`LIST_BYTES`](varint::LIST_BYTES) is full: it is moved to a separate row, and
//! the meeting's row begins a new part of the list. An act therefore writes as much after ten
//! thousand acts as after ten. Each part can be read without the parts before it.
//!
//! The modules `objects`, `acts` and `terms` describe the encodings of the lists.

mod acts;
mod held;
mod objects;
mod terms;

use rusqlite::{Connection, Row, params};
use schemas::Timestamp;

pub(super) use self::held::Meetings;
use super::clue::digest;
use crate::varint::{self, damaged};

const BY_DIGEST: &str =
    "SELECT key, digest, uid, title, organizer, begins, ends, position, at, request, part, objects, acts, terms
    FROM meeting WHERE digest = ? ORDER BY key";
const BY_KEY: &str =
    "SELECT key, digest, uid, title, organizer, begins, ends, position, at, request, part, objects, acts, terms
    FROM meeting WHERE key = ?";
const INSERT: &str = "INSERT INTO meeting
    (key, digest, uid, title, organizer, begins, ends, position, at, request, part, objects, acts, terms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const UPDATE: &str = "UPDATE meeting SET title = ?2, organizer = ?3, begins = ?4, ends = ?5, position = ?6, at = ?7,
    request = ?8, part = ?9, objects = ?10, acts = ?11, terms = ?12 WHERE key = ?1";

/// The row of a meeting.
#[derive(Debug, Default)]
pub(super) struct Meeting {
    pub key: i64,
    digest: i64,
    uid: Vec<u8>,
    pub about: About,
    /// Position of the first event of the last act; of the meeting's first event if there was no
    /// act. A request of the server itself, such as the check of the bookings of rooms, is an act
    /// too; the removal of old inbox items is none.
    pub position: u64,
    pub at: i64,
    request: Option<i64>,
    /// Number of full parts of the list of objects, which precede the part in the row.
    part: i64,
    objects: Vec<u8>,
    acts: Vec<u8>,
    terms: Vec<u8>,
    /// The part of the list of objects that became full and must be saved in a separate row.
    full_objects: Option<Vec<u8>>,
    /// The part of the list of acts that became full and must be saved in a separate row, with the
    /// position of its last act.
    full_acts: Option<(u64, Vec<u8>)>,
    further_terms: Vec<u64>,
    is_stored: bool,
    is_changed: bool,
}

/// Facts that the text of a meeting states.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    pub title: String,
    /// The key of the organizer's address in the table of names; `None` without an organizer.
    pub organizer: Option<i64>,
    /// Start of the first instance, in seconds since the epoch; `None` without a bound.
    pub begins: Option<i64>,
    /// End of the last instance, in seconds since the epoch; `None` without a bound.
    pub ends: Option<i64>,
}

impl Meeting {
    /// Creates a meeting without acts, which is not stored yet. `position` and `at` are those of
    /// its first event.
    fn new(key: i64, uid: &str, position: u64, at: Timestamp) -> Self {
        let (digest, uid) = (digest_of(uid), varint::packed(uid));
        Self { key, digest, uid, position, at: at.0, ..Self::default() }
    }

    /// Reads the meeting with a UID; `None` if the index has no such meeting.
    pub(super) fn by_uid(rows: &Connection, uid: &str) -> rusqlite::Result<Option<Self>> {
        let mut query = rows.prepare_cached(BY_DIGEST)?;
        let mut found = query.query([digest_of(uid)])?;
        while let Some(row) = found.next()? {
            let meeting = read(row)?;
            let own = varint::unpacked(&meeting.uid)?;
            if own == uid {
                return Ok(Some(meeting));
            }
            if digest_of(&own) != meeting.digest {
                return Err(damaged("a UID does not have the digest that is stored with it"));
            }
        }
        Ok(None)
    }

    /// Reads the meeting with a key, which must exist.
    pub(super) fn by_key(rows: &Connection, key: i64) -> rusqlite::Result<Self> {
        rows.prepare_cached(BY_KEY)?.query_row([key], read)
    }

    /// Sets the facts that the meeting's text now states.
    pub(super) fn describe(&mut self, about: About) {
        self.is_changed |= self.about != about;
        self.about = about;
    }

    /// Writes the row if it was changed, and the parts of its lists that became full.
    fn save(&mut self, rows: &Connection) -> rusqlite::Result<()> {
        let Self { key, digest, uid, about, position, at, request, part, objects, acts, terms, .. } = &*self;
        let About { title, organizer, begins, ends } = about;
        let position = position.cast_signed();
        if !self.is_stored {
            let values = params![
                key, digest, uid, title, organizer, begins, ends, position, at, request, part, objects, acts, terms
            ];
            rows.prepare_cached(INSERT)?.execute(values)?;
        } else if self.is_changed {
            let values =
                params![key, title, organizer, begins, ends, position, at, request, part, objects, acts, terms];
            rows.prepare_cached(UPDATE)?.execute(values)?;
        }
        (self.is_stored, self.is_changed) = (true, false);
        self.save_objects(rows)?;
        self.save_acts(rows)?;
        self.save_terms(rows)
    }

    /// Returns true if a part of a list became full. It must be saved before another part becomes
    /// full.
    fn is_full(&self) -> bool {
        self.full_objects.is_some() || self.full_acts.is_some()
    }

    pub(super) fn uid(&self) -> rusqlite::Result<String> {
        varint::unpacked(&self.uid)
    }
}

fn digest_of(uid: &str) -> i64 {
    digest(b"uid", uid.as_bytes())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Meeting> {
    Ok(Meeting {
        key: row.get(0)?,
        digest: row.get(1)?,
        uid: row.get(2)?,
        about: About { title: row.get(3)?, organizer: row.get(4)?, begins: row.get(5)?, ends: row.get(6)? },
        position: row.get::<_, i64>(7)?.cast_unsigned(),
        at: row.get(8)?,
        request: row.get(9)?,
        part: row.get(10)?,
        objects: row.get(11)?,
        acts: row.get(12)?,
        terms: row.get(13)?,
        is_stored: true,
        ..Meeting::default()
    })
}
