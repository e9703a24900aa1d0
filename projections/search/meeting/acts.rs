//! The acts on a meeting, as a list in the meeting's row.
//!
//! The list has three numbers for each act: the difference between its position and that of the act
//! before it, the difference of their times in seconds, and the key of the client program (0 for
//! none). For the first act of a part, the differences are from 0.

use rusqlite::{Connection, params};
use schemas::Timestamp;
use uuid::Uuid;

use super::Meeting;
use crate::{
    search::clue::digest,
    varint::{self, LIST_BYTES},
};

/// An act, with the fields that searches compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::search) struct Act {
    /// Time of the act, in seconds since the epoch.
    pub at: i64,
    /// The key of the client program's name; 0 if it is unknown.
    pub agent: i64,
}

impl Meeting {
    /// Adds an act. `agent` is the key of the client program's name. Returns false, and adds
    /// nothing, if the act belongs to the same request as the last one.
    pub(in crate::search) fn act(&mut self, position: u64, at: Timestamp, request: Uuid, agent: i64) -> bool {
        let request = Some(digest(b"request", request.as_bytes()));
        if self.request == request {
            return false;
        }
        if self.acts.len() >= LIST_BYTES {
            self.full_acts = Some((self.position, std::mem::take(&mut self.acts)));
        }
        let (last, then) = if self.acts.is_empty() { (0, 0) } else { (self.position, Timestamp(self.at).seconds()) };
        varint::push(&mut self.acts, position.saturating_sub(last));
        varint::push_signed(&mut self.acts, at.seconds().wrapping_sub(then));
        varint::push(&mut self.acts, agent.cast_unsigned());
        (self.request, self.position, self.at) = (request, position, at.0);
        self.is_changed = true;
        true
    }

    /// Writes the part of the list of acts that became full; nothing if none did.
    pub(super) fn save_acts(&mut self, rows: &Connection) -> rusqlite::Result<()> {
        let Some((last, acts)) = self.full_acts.take() else { return Ok(()) };
        let times = read_acts(&acts)?.into_iter().map(|act| act.at);
        let (earliest, latest) = (times.clone().min(), times.max());
        let sql = "INSERT INTO full_acts (meeting, last, earliest, latest, acts) VALUES (?, ?, ?, ?, ?)";
        rows.prepare_cached(sql)?.execute(params![self.key, last.cast_signed(), earliest, latest, acts]).map(drop)
    }

    /// Returns true if `fits` accepts one of the acts. `range` is the time of the wanted acts, in
    /// seconds since the epoch (from the first, before the second): full parts of the list outside
    /// it are not read. `fits` must check the time too, because a part that is read can have acts
    /// outside the range.
    pub(in crate::search) fn was_acted_upon(
        &self,
        rows: &Connection,
        range: (Option<i64>, Option<i64>),
        fits: impl Fn(&Act) -> bool,
    ) -> rusqlite::Result<bool> {
        if read_acts(&self.acts)?.iter().any(&fits) {
            return Ok(true);
        }
        let sql = "SELECT acts FROM full_acts WHERE meeting = ?1 AND (?2 IS NULL OR latest >= ?2)
            AND (?3 IS NULL OR earliest < ?3) ORDER BY last DESC";
        let mut query = rows.prepare_cached(sql)?;
        let mut parts = query.query(params![self.key, range.0, range.1])?;
        while let Some(row) = parts.next()? {
            if read_acts(&row.get::<_, Vec<u8>>(0)?)?.iter().any(&fits) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Reads one part of the list of acts.
fn read_acts(mut bytes: &[u8]) -> rusqlite::Result<Vec<Act>> {
    let (mut acts, mut at) = (vec![], 0_i64);
    while !bytes.is_empty() {
        varint::take(&mut bytes)?;
        at = at.wrapping_add(varint::take_signed(&mut bytes)?);
        acts.push(Act { at, agent: varint::take(&mut bytes)?.cast_signed() });
    }
    Ok(acts)
}
