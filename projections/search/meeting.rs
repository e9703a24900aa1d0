//! A meeting: one row.
//!
//! Its lists are blobs, so that a change is one row on one page. `objects` are the identities of its objects in all homes, 16
//! bytes each, in the order in which they appeared. `acts` is a list of acts: the distance of the position from the act
//! before it, the distance of the time in seconds, and the key of the program, 0 for none. `terms` are the keys of its words
//! and people, in ascending order, each written as its distance from the one before it.

use rusqlite::{Connection, Row, params};
use schemas::{ObjectId, Timestamp};
use uuid::Uuid;

use super::clue::digest;
use crate::varint::{self, damaged};

const BY_DIGEST: &str =
    "SELECT key, digest, uid, title, organizer, begins, ends, position, at, request, objects, acts, terms
    FROM meeting WHERE digest = ? ORDER BY key";
const BY_KEY: &str =
    "SELECT key, digest, uid, title, organizer, begins, ends, position, at, request, objects, acts, terms
    FROM meeting WHERE key = ?";
const INSERT: &str = "INSERT INTO meeting
    (digest, uid, title, organizer, begins, ends, position, at, request, objects, acts, terms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
const UPDATE: &str = "UPDATE meeting SET title = ?2, organizer = ?3, begins = ?4, ends = ?5, position = ?6, at = ?7,
    request = ?8, objects = ?9, acts = ?10, terms = ?11 WHERE key = ?1";

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
    objects: Vec<u8>,
    acts: Vec<u8>,
    terms: Vec<u8>,
}

/// An act, as searches look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Act {
    /// Seconds since the epoch.
    pub at: i64,
    /// The program, as a key of the names; 0: unknown.
    pub agent: i64,
}

impl Meeting {
    /// A meeting that nobody has acted upon.
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

    /// Reads the meeting of an object; `None` for an unknown one.
    pub(super) fn of_object(rows: &Connection, object: ObjectId) -> rusqlite::Result<Option<Self>> {
        let mut query = rows.prepare_cached("SELECT meeting FROM object WHERE digest = ? ORDER BY meeting")?;
        let keys: Vec<i64> = query.query_map([of_id(object)], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for key in keys {
            let meeting = Self::by_key(rows, key)?;
            if meeting.has(object) {
                return Ok(Some(meeting));
            }
        }
        Ok(None)
    }

    /// Writes the row, which gets a key if it has none.
    pub(super) fn save(&mut self, rows: &Connection) -> rusqlite::Result<()> {
        let Self { key, digest, uid, title, organizer, begins, ends, position, at, request, objects, acts, terms } =
            &*self;
        let position = position.cast_signed();
        if *key == 0 {
            let values =
                params![digest, uid, title, organizer, begins, ends, position, at, request, objects, acts, terms];
            self.key = rows.prepare_cached(INSERT)?.insert(values)?;
            return Ok(());
        }
        let values = params![key, title, organizer, begins, ends, position, at, request, objects, acts, terms];
        rows.prepare_cached(UPDATE)?.execute(values).map(drop)
    }

    pub(super) fn uid(&self) -> rusqlite::Result<String> {
        varint::unpacked(&self.uid)
    }

    pub(super) fn has(&self, object: ObjectId) -> bool {
        self.objects.chunks(object.0.as_bytes().len()).any(|id| id == object.0.as_bytes())
    }

    /// Adds an object, to which [`lead`](Self::lead) then leads.
    pub(super) fn add(&mut self, object: ObjectId) {
        self.objects.extend(object.0.as_bytes());
    }

    /// Lets an object lead to the meeting, which is saved.
    pub(super) fn lead(&self, rows: &Connection, object: ObjectId) -> rusqlite::Result<()> {
        let sql = "INSERT OR IGNORE INTO object (digest, meeting) VALUES (?, ?)";
        rows.prepare_cached(sql)?.execute(params![of_id(object), self.key]).map(drop)
    }

    /// Returns its objects, in the order in which they appeared. Each must have a row that leads back.
    pub(super) fn objects(&self, rows: &Connection) -> rusqlite::Result<Vec<ObjectId>> {
        let (ids, rest) = self.objects.as_chunks();
        if !rest.is_empty() {
            return Err(damaged("an identity has a wrong length"));
        }
        let mut back = rows.prepare_cached("SELECT 1 FROM object WHERE digest = ? AND meeting = ?")?;
        let object = |id: &[u8; 16]| {
            let object = ObjectId(Uuid::from_bytes(*id));
            let is_known = back.exists(params![of_id(object), self.key])?;
            is_known.then_some(object).ok_or_else(|| damaged("an object does not lead back to its meeting"))
        };
        ids.iter().map(object).collect()
    }

    /// Notes an act of a person. Returns false if the last act was of the same request.
    pub(super) fn act(&mut self, position: u64, at: Timestamp, request: Uuid, agent: i64) -> bool {
        let request = Some(digest(b"request", request.as_bytes()));
        if self.request == request {
            return false;
        }
        let (last, then) = if self.acts.is_empty() { (0, 0) } else { (self.position, Timestamp(self.at).seconds()) };
        varint::push(&mut self.acts, position.saturating_sub(last));
        varint::push_signed(&mut self.acts, at.seconds().wrapping_sub(then));
        varint::push(&mut self.acts, agent.cast_unsigned());
        (self.request, self.position, self.at) = (request, position, at.0);
        true
    }

    /// Returns the acts of people.
    pub(super) fn acts(&self) -> rusqlite::Result<Vec<Act>> {
        let (mut bytes, mut acts, mut at) = (self.acts.as_slice(), vec![], 0_i64);
        while !bytes.is_empty() {
            varint::take(&mut bytes)?;
            at = at.wrapping_add(varint::take_signed(&mut bytes)?);
            acts.push(Act { at, agent: varint::take(&mut bytes)?.cast_signed() });
        }
        Ok(acts)
    }

    /// Adds terms. Returns those that it did not have.
    pub(super) fn learn(&mut self, terms: impl IntoIterator<Item = u64>) -> rusqlite::Result<Vec<u64>> {
        let mut known = varint::ascending(&self.terms)?;
        let mut news = vec![];
        for term in terms {
            if let Err(at) = known.binary_search(&term) {
                known.insert(at, term);
                news.push(term);
            }
        }
        if !news.is_empty() {
            self.terms = varint::distances(known);
        }
        Ok(news)
    }
}

fn digest_of(uid: &str) -> i64 {
    digest(b"uid", uid.as_bytes())
}

/// Identities are digests already.
fn of_id(object: ObjectId) -> i64 {
    let [first, second, third, fourth, fifth, sixth, ..] = *object.0.as_bytes();
    i64::from_be_bytes([0, 0, first, second, third, fourth, fifth, sixth])
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
        objects: row.get(10)?,
        acts: row.get(11)?,
        terms: row.get(12)?,
    })
}
