//! A meeting: one row.
//!
//! Its lists are blobs, so that a change is one row on one page. A list of
//! [`LIST_BYTES`](varint::LIST_BYTES) is full: it goes to a row of its own, and the meeting's row
//! begins the next part. So an act writes as much after ten thousand acts as after ten. Each part
//! can be read without those before it.
//!
//! `objects`, `acts` and `terms` have the forms of the lists.

mod acts;
mod objects;
mod terms;

use rusqlite::{Connection, Row, params};
use schemas::Timestamp;

use super::clue::digest;
use crate::varint::{self, damaged};

const BY_DIGEST: &str =
    "SELECT key, digest, uid, title, organizer, begins, ends, position, at, request, part, objects, acts, terms
    FROM meeting WHERE digest = ? ORDER BY key";
const BY_KEY: &str =
    "SELECT key, digest, uid, title, organizer, begins, ends, position, at, request, part, objects, acts, terms
    FROM meeting WHERE key = ?";
const INSERT: &str = "INSERT INTO meeting
    (digest, uid, title, organizer, begins, ends, position, at, request, part, objects, acts, terms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const UPDATE: &str = "UPDATE meeting SET title = ?2, organizer = ?3, begins = ?4, ends = ?5, position = ?6, at = ?7,
    request = ?8, part = ?9, objects = ?10, acts = ?11, terms = ?12 WHERE key = ?1";

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Meeting {
    /// 0: it has none yet.
    pub key: i64,
    digest: i64,
    uid: Vec<u8>,
    pub title: String,
    /// A key of the names.
    pub organizer: Option<i64>,
    /// When it takes place: seconds, `None` without a bound.
    pub begins: Option<i64>,
    pub ends: Option<i64>,
    /// The last act of a person.
    pub position: u64,
    pub at: i64,
    request: Option<i64>,
    /// Full parts of the objects, before the one in the row.
    part: i64,
    objects: Vec<u8>,
    acts: Vec<u8>,
    terms: Vec<u8>,
    /// Parts that became too long for the row and have to be saved in rows of their own; the acts
    /// with the position of the last one; further terms.
    full_objects: Option<Vec<u8>>,
    full_acts: Option<(u64, Vec<u8>)>,
    further_terms: Vec<u64>,
}

impl Meeting {
    /// Returns a meeting without acts.
    pub(super) fn new(uid: &str, position: u64, at: Timestamp) -> Self {
        let (digest, uid) = (digest_of(uid), varint::packed(uid));
        Self { digest, uid, position, at: at.0, ..Self::default() }
    }

    /// Reads the meeting with a UID; `None` if no home ever had it.
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
                return Err(damaged("a UID is not that of its digest"));
            }
        }
        Ok(None)
    }

    /// Reads a meeting that exists.
    pub(super) fn by_key(rows: &Connection, key: i64) -> rusqlite::Result<Self> {
        rows.prepare_cached(BY_KEY)?.query_row([key], read)
    }

    /// Writes the row, which gets a key if it has none, and what has no room in it.
    pub(super) fn save(&mut self, rows: &Connection) -> rusqlite::Result<()> {
        let Self { key, digest, uid, title, organizer, begins, ends, position, at, request, part, .. } = &*self;
        let Self { objects, acts, terms, .. } = &*self;
        let position = position.cast_signed();
        if *key == 0 {
            let values =
                params![digest, uid, title, organizer, begins, ends, position, at, request, part, objects, acts, terms];
            self.key = rows.prepare_cached(INSERT)?.insert(values)?;
        } else {
            let values =
                params![key, title, organizer, begins, ends, position, at, request, part, objects, acts, terms];
            rows.prepare_cached(UPDATE)?.execute(values)?;
        }
        self.save_objects(rows)?;
        self.save_acts(rows)?;
        self.save_terms(rows)
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
        title: row.get(3)?,
        organizer: row.get(4)?,
        begins: row.get(5)?,
        ends: row.get(6)?,
        position: row.get::<_, i64>(7)?.cast_unsigned(),
        at: row.get(8)?,
        request: row.get(9)?,
        part: row.get(10)?,
        objects: row.get(11)?,
        acts: row.get(12)?,
        terms: row.get(13)?,
        ..Meeting::default()
    })
}
