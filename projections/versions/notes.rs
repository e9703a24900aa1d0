//! The changes of ACLs and properties of a resource, found by the event that created the resource.
//! They stay valid after an `ObjectMoved`, which keeps the resource.
//!
//! The column `positions` is a list of the positions of the changes, in order, each written as its
//! difference from the one before it. A list of [`LIST_BYTES`] is full, and the next change begins
//! a new row.

use rusqlite::{Connection, OptionalExtension, params};
use schemas::Position;

use crate::varint::{self, LIST_BYTES};

/// Records a change at `position` of the resource that was created by the event at `born`.
pub(super) fn add(rows: &Connection, born: u64, position: u64) -> rusqlite::Result<()> {
    let sql = "SELECT first, positions FROM note WHERE born = ? ORDER BY first DESC LIMIT 1";
    let open: Option<(i64, Vec<u8>)> =
        rows.prepare_cached(sql)?.query_row([born.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let open = open.filter(|(_, list)| list.len() < LIST_BYTES);
    let (first, mut list) = open.unwrap_or((position.cast_signed(), vec![]));
    let before = varint::ascending(&list)?.pop().unwrap_or(0);
    varint::push(&mut list, position.saturating_sub(before));
    let sql = "INSERT OR REPLACE INTO note (born, first, positions) VALUES (?, ?, ?)";
    rows.prepare_cached(sql)?.execute(params![born.cast_signed(), first, list]).map(drop)
}

/// Returns the positions of the changes of a resource, in order.
pub(super) fn of(rows: &Connection, born: Position) -> rusqlite::Result<Vec<Position>> {
    let mut query = rows.prepare_cached("SELECT positions FROM note WHERE born = ? ORDER BY first")?;
    let lists = query.query_map([born.0.cast_signed()], |row| row.get(0))?.collect::<Result<Vec<Vec<u8>>, _>>()?;
    let mut found = vec![];
    for list in lists {
        found.extend(varint::ascending(&list)?.into_iter().map(Position));
    }
    Ok(found)
}
