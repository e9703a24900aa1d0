//! The objects of a meeting in all homes, as a list in the meeting's row.
//!
//! The list has the ids of the objects, 16 bytes each, in the order in which they appeared. The row
//! of an object in the table `object` refers to its meeting, and to the part of the list that
//! contains it.

use rusqlite::{Connection, OptionalExtension, params};
use schemas::ObjectId;
use uuid::Uuid;

use super::Meeting;
use crate::varint::{LIST_BYTES, damaged};

impl Meeting {
    /// Reads the meeting of an object; `None` if the object is unknown.
    pub(in crate::search) fn of_object(rows: &Connection, object: ObjectId) -> rusqlite::Result<Option<Self>> {
        for (key, part) in Self::led_to(rows, object)? {
            let meeting = Self::by_key(rows, key)?;
            if meeting.has_in(rows, part, object)? {
                return Ok(Some(meeting));
            }
        }
        Ok(None)
    }

    /// Returns the meetings to which an object may belong, each with the part of its list that may
    /// contain the object.
    pub(super) fn led_to(rows: &Connection, object: ObjectId) -> rusqlite::Result<Vec<(i64, i64)>> {
        let mut query =
            rows.prepare_cached("SELECT meeting, part FROM object WHERE digest = ? ORDER BY meeting, part")?;
        let found = query.query_map([of_id(object)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.collect()
    }

    /// Returns true if the meeting's list contains the object.
    pub(in crate::search) fn has(&self, rows: &Connection, object: ObjectId) -> rusqlite::Result<bool> {
        if holds(&self.objects, object) || self.part == 0 {
            return Ok(holds(&self.objects, object));
        }
        let sql = "SELECT part FROM object WHERE digest = ? AND meeting = ? AND part < ? ORDER BY part";
        let mut query = rows.prepare_cached(sql)?;
        let parts = query.query_map(params![of_id(object), self.key, self.part], |row| row.get(0))?;
        let parts: Vec<i64> = parts.collect::<Result<_, _>>()?;
        for part in parts {
            if self.has_in(rows, part, object)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn has_in(&self, rows: &Connection, part: i64, object: ObjectId) -> rusqlite::Result<bool> {
        if part == self.part {
            return Ok(holds(&self.objects, object));
        }
        let sql = "SELECT objects FROM full_objects WHERE meeting = ? AND part = ?";
        let full = rows.prepare_cached(sql)?.query_row(params![self.key, part], |row| row.get(0)).optional()?;
        let full: Vec<u8> =
            full.ok_or_else(|| damaged("a part of the stored list of a meeting's objects is missing"))?;
        Ok(holds(&full, object))
    }

    /// Adds an object to the list. The caller must then call [`lead`](Self::lead).
    pub(in crate::search) fn add(&mut self, object: ObjectId) {
        if self.objects.len() >= LIST_BYTES {
            self.full_objects = Some(std::mem::take(&mut self.objects));
            self.part += 1;
        }
        self.objects.extend(object.0.as_bytes());
        self.is_changed = true;
    }

    /// Writes the part of the list of objects that became full; nothing if none did.
    pub(super) fn save_objects(&mut self, rows: &Connection) -> rusqlite::Result<()> {
        let Some(objects) = self.full_objects.take() else { return Ok(()) };
        let sql = "INSERT INTO full_objects (meeting, part, objects) VALUES (?, ?, ?)";
        rows.prepare_cached(sql)?.execute(params![self.key, self.part - 1, objects]).map(drop)
    }

    /// Writes the row by which the meeting of an object is found.
    pub(in crate::search) fn lead(&self, rows: &Connection, object: ObjectId) -> rusqlite::Result<()> {
        let sql = "INSERT OR IGNORE INTO object (digest, meeting, part) VALUES (?, ?, ?)";
        rows.prepare_cached(sql)?.execute(params![of_id(object), self.key, self.part]).map(drop)
    }

    /// Returns the meeting's objects in the order in which they appeared. Returns an error if the
    /// list is damaged, or if an object does not have a row that refers back to the meeting.
    pub(in crate::search) fn objects(&self, rows: &Connection) -> rusqlite::Result<Vec<ObjectId>> {
        let mut query = rows.prepare_cached("SELECT objects FROM full_objects WHERE meeting = ? ORDER BY part")?;
        let full = query.query_map([self.key], |row| row.get(0))?;
        let parts: Vec<Vec<u8>> = full.chain(std::iter::once(Ok(self.objects.clone()))).collect::<Result<_, _>>()?;
        if i64::try_from(parts.len()).ok() != Some(self.part + 1) {
            return Err(damaged("a part of the stored list of a meeting's objects is missing"));
        }
        let all = parts.concat();
        let (ids, rest) = all.as_chunks();
        if !rest.is_empty() {
            return Err(damaged("the stored id of an object has a wrong length"));
        }
        let mut back = rows.prepare_cached("SELECT 1 FROM object WHERE digest = ? AND meeting = ?")?;
        let object = |id: &[u8; 16]| {
            let object = ObjectId(Uuid::from_bytes(*id));
            let is_known = back.exists(params![of_id(object), self.key])?;
            is_known.then_some(object).ok_or_else(|| {
                damaged("an object in the stored list of a meeting's objects has no row that leads to the meeting")
            })
        };
        ids.iter().map(object).collect()
    }
}

fn holds(objects: &[u8], object: ObjectId) -> bool {
    objects.chunks(object.0.as_bytes().len()).any(|id| id == object.0.as_bytes())
}

/// Returns the first six bytes of the id as a number. They serve as a digest, because an id is a
/// digest or random.
fn of_id(object: ObjectId) -> i64 {
    let [first, second, third, fourth, fifth, sixth, ..] = *object.0.as_bytes();
    i64::from_be_bytes([0, 0, first, second, third, fourth, fifth, sixth])
}
