//! The rows that the events of a batch change. They are kept in memory until the last event, so
//! that a row is not read and written again for each event.
//!
//! **Invariant:** after [`Batch::save`] the rows are the same as if each event had been applied
//! separately.

use rusqlite::Connection;
use schemas::{Position, Recorded};

use super::{
    fold,
    log::Log,
    meeting::Meetings,
    names::Names,
    terms::{self, Pending, Terms},
};
use crate::projection::BatchError;

/// The changed rows of a batch, until they are saved.
pub(super) struct Batch<'a> {
    pub rows: &'a Connection,
    pub names: Names,
    pub terms: Terms,
    pub pending: Pending,
    pub log: Log,
    pub meetings: Meetings,
}

/// Applies events and writes the changed rows.
pub(super) fn apply(rows: &Connection, events: &[&Recorded]) -> Result<(), BatchError> {
    let mut batch = Batch {
        rows,
        names: Names::default(),
        terms: Terms::default(),
        pending: Pending::default(),
        log: Log::default(),
        meetings: Meetings::default(),
    };
    for recorded in events {
        fold::apply(&mut batch, recorded).map_err(|why| (recorded.position, why))?;
    }
    let last = events.last().map_or(Position::START, |recorded| recorded.position);
    batch.save().map_err(|why| (last, why))
}

impl Batch<'_> {
    /// Moves the terms that wait in the table `pending` to their lists.
    pub(super) fn sort_terms(&mut self) -> rusqlite::Result<()> {
        terms::sort(self.rows, &mut self.pending)
    }

    fn save(self) -> rusqlite::Result<()> {
        let Self { rows, names: _, terms, pending, log, meetings } = self;
        terms.save(rows)?;
        meetings.save(rows)?;
        pending.save(rows)?;
        log.save(rows)
    }
}
