//! The terms (words and people) that a meeting is known to have, as a list of keys in the meeting's
//! row.
//!
//! The list is in ascending order; each key is written as its difference from the key before it.
//! Keys for which the list has no room have separate rows. A meeting can thus have any number of
//! words, and the cost of each stays the same.

use rusqlite::{Connection, params};

use super::Meeting;
use crate::varint;

/// Maximum number of terms in a meeting's row.
const ROW_TERMS: usize = 256;

impl Meeting {
    /// Adds terms. Returns those that the meeting did not have before.
    pub(in crate::search) fn learn(
        &mut self,
        rows: &Connection,
        terms: impl IntoIterator<Item = u64>,
    ) -> rusqlite::Result<Vec<u64>> {
        let mut known = varint::ascending(&self.terms)?;
        let mut news = vec![];
        for term in terms {
            let Err(at) = known.binary_search(&term) else { continue };
            if known.len() < ROW_TERMS {
                known.insert(at, term);
            } else if self.has_further(rows, term)? {
                continue;
            } else {
                self.further_terms.push(term);
            }
            news.push(term);
        }
        if !news.is_empty() {
            self.terms = varint::distances(known);
            self.is_changed = true;
        }
        Ok(news)
    }

    /// Writes the terms for which the row has no room.
    pub(super) fn save_terms(&mut self, rows: &Connection) -> rusqlite::Result<()> {
        for term in self.further_terms.drain(..) {
            let sql = "INSERT INTO further_term (meeting, term) VALUES (?, ?)";
            rows.prepare_cached(sql)?.execute(params![self.key, term.cast_signed()])?;
        }
        Ok(())
    }

    fn has_further(&self, rows: &Connection, term: u64) -> rusqlite::Result<bool> {
        let mut query = rows.prepare_cached("SELECT 1 FROM further_term WHERE meeting = ? AND term = ?")?;
        Ok(self.further_terms.contains(&term) || query.exists(params![self.key, term.cast_signed()])?)
    }
}
