//! The words and people of a meeting that are known already, as keys of terms.
//!
//! The list is in ascending order, each written as its distance from the one before it. What has no
//! room in it has a row of its own, so that a meeting may have any number of words, and each costs
//! the same.

use rusqlite::{Connection, params};

use super::Meeting;
use crate::varint;

/// Terms in the row of a meeting: more than nearly all meetings have.
const ROW_TERMS: usize = 256;

impl Meeting {
    /// Adds terms. Returns those that it did not have.
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

    /// Writes the terms that have no room in the row.
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
