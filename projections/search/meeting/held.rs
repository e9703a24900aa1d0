//! Meetings that are read once and written once for all events of a batch.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;
use schemas::{ObjectId, Timestamp};

use super::Meeting;

/// Meetings that were looked at.
#[derive(Default)]
pub(in crate::search) struct Meetings {
    held: BTreeMap<i64, Meeting>,
    keys: HashMap<String, i64>,
    /// The last key that was given; `None`: as the rows say.
    last: Option<i64>,
}

impl Meetings {
    /// Takes the meeting with a UID; `None` if no home ever had it. It is to be given back by
    /// [`hold`](Self::hold).
    pub(in crate::search) fn by_uid(&mut self, rows: &Connection, uid: &str) -> rusqlite::Result<Option<Meeting>> {
        if let Some(held) = self.keys.get(uid).and_then(|key| self.held.remove(key)) {
            return Ok(Some(held));
        }
        let Some(known) = Meeting::by_uid(rows, uid)? else { return Ok(None) };
        self.keys.insert(uid.to_owned(), known.key);
        Ok(Some(self.held.remove(&known.key).unwrap_or(known)))
    }

    /// Begins a meeting, without acts. It is to be given back.
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

    /// Takes the meeting of an object; `None` for an unknown one.
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

    /// Takes a meeting back. It is written with the others, unless it has more than there is room
    /// for in memory.
    pub(in crate::search) fn hold(&mut self, rows: &Connection, mut meeting: Meeting) -> rusqlite::Result<()> {
        if meeting.is_full() {
            meeting.save(rows)?;
        }
        self.held.insert(meeting.key, meeting);
        Ok(())
    }

    /// Writes those that were changed.
    pub(in crate::search) fn save(self, rows: &Connection) -> rusqlite::Result<()> {
        self.held.into_values().try_for_each(|mut meeting| meeting.save(rows))
    }
}
