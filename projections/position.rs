//! Converts positions to and from SQLite's integers.

use rusqlite::{Row, RowIndex};
use schemas::Position;

/// Converts a position to a column value.
pub(crate) fn stored(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

/// Reads a position from a row.
pub(crate) fn read(row: &Row<'_>, index: impl RowIndex) -> rusqlite::Result<Position> {
    row.get::<_, i64>(index).map(|position| Position(position.unsigned_abs()))
}
