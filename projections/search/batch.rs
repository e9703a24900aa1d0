//! The rows that the events of a batch touch. They are held until the last event, so that what
//! several events change is read once and written once.
//!
//! **Invariant:** after [`Batch::save`] the rows are those that the events make one by one.

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

/// Holds the rows that the events of a batch changed, until they are saved.
pub(super) struct Batch<'a> {
    pub rows: &'a Connection,
    pub names: Names,
    pub terms: Terms,
    pub pending: Pending,
    pub log: Log,
    pub meetings: Meetings,
}

/// Applies events, and writes what they mean.
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
    /// Sorts the terms that wait into their lists.
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
