//! Meetings that are kept in memory while the events of a batch are applied.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;
use schemas::{ObjectId, Timestamp};

use super::Meeting;

/// The meetings that were read in this batch.
#[derive(Default)]
pub(in crate::search) struct Meetings {
    held: BTreeMap<i64, Meeting>,
    keys: HashMap<String, i64>,
    /// The last key that was assigned to a meeting; `None` if it must be read from the rows.
    last: Option<i64>,
}

impl Meetings {
    /// Removes the meeting with a UID from memory, or reads it, and returns it; `None` if the index
    /// has no such meeting. The caller must give it back with [`hold`](Self::hold).
    pub(in crate::search) fn by_uid(&mut self, rows: &Connection, uid: &str) -> rusqlite::Result<Option<Meeting>> {
        if let Some(held) = self.keys.get(uid).and_then(|key| self.held.remove(key)) {
            return Ok(Some(held));
        }
        let Some(known) = Meeting::by_uid(rows, uid)? else { return Ok(None) };
        self.keys.insert(uid.to_owned(), known.key);
        Ok(Some(self.held.remove(&known.key).unwrap_or(known)))
    }

    /// Creates a meeting without acts, with the position and time of its first event. The caller
    /// must give it back with [`hold`](Self::hold).
    pub(in crate::search) fn begin(
        &mut self,
        rows: &Connection,
        uid: &str,
        (position, at): (u64, Timestamp),
    ) -> rusqlite::Result<Meeting> {
        let last = match self.last {
            Some(last) => last,
            None => rows.prepare_cached("SELECT ifnull(max(key), 0) FROM meeting")?.query_row([], |row| row.get(0))?,
        };
        let key = last + 1;
        self.last = Some(key);
        self.keys.insert(uid.to_owned(), key);
        Ok(Meeting::new(key, uid, position, at))
    }

    /// Removes the meeting of an object from memory, or reads it, and returns it; `None` if the
    /// object is unknown. The caller must give it back with [`hold`](Self::hold).
    pub(in crate::search) fn of_object(
        &mut self,
        rows: &Connection,
        object: ObjectId,
    ) -> rusqlite::Result<Option<Meeting>> {
        for (key, part) in Meeting::led_to(rows, object)? {
            let meeting = match self.held.remove(&key) {
                Some(held) => held,
                None => Meeting::by_key(rows, key)?,
            };
            if meeting.has_in(rows, part, object)? {
                return Ok(Some(meeting));
            }
            self.held.insert(key, meeting);
        }
        Ok(None)
    }

    /// Keeps a meeting in memory until all are written. It is written immediately if a part of one
    /// of its lists became full.
    pub(in crate::search) fn hold(&mut self, rows: &Connection, mut meeting: Meeting) -> rusqlite::Result<()> {
        if meeting.is_full() {
            meeting.save(rows)?;
        }
        self.held.insert(meeting.key, meeting);
        Ok(())
    }

    /// Writes the meetings that were changed.
    pub(in crate::search) fn save(self, rows: &Connection) -> rusqlite::Result<()> {
        self.held.into_values().try_for_each(|mut meeting| meeting.save(rows))
    }
}
