//! Clues in the order of their digests. A clue is found by reading the rows of one slice in each
//! level.
//!
//! The digests are divided into slices. Digests in a slice of level 1 have their first four bits in
//! common, in level 2 their first eight, and so on. Each row contains clues of one slice. When a
//! slice has [`FAN`] rows, their clues are divided among the sixteen slices of the next level below
//! it, whose rows are as long. A given digest therefore belongs to one slice in each level, and
//! each slice has about [`FAN`] rows at most, except in the last level. Each further level has room
//! for sixteen times as many clues.
//!
//! Each time the log begins a row, at most one slice of each level is divided. This limits the work
//! for one event, and a rebuild gives the same rows.
//!
//! The column `clues` of a row is a list in ascending order. For each clue it has the difference
//! between its digest and that of the clue before it, and the difference between its position and
//! `first`; if the digests are equal, the difference between both positions.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::varint::{self, damaged};

/// Number of bits of the digest by which a slice is divided.
const FAN_BITS: u32 = 4;
/// Number of rows of a slice that are divided together; also the number of slices among which they
/// are divided.
const FAN: i64 = 1 << FAN_BITS;
/// Number of levels. In the last one, each slice has a single digest.
const LEVELS: u32 = u32::BITS / FAN_BITS;
/// Maximum number of clues in a row, so that it fits on a page. A typical row has about 600.
const ROW_CLUES: usize = 720;
/// Number of bits for the number of a row in its slice.
const NUMBER_BITS: u32 = 24;

/// A clue's digest with the position of an event that it may identify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hint {
    /// The first 32 bits of the digest.
    pub mark: u32,
    pub position: u64,
}

/// A part of the space of digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slice {
    level: u32,
    /// The first bits of all digests in the slice.
    prefix: u32,
}

impl Slice {
    fn of(level: u32, mark: u32) -> Self {
        Self { level, prefix: mark >> (u32::BITS - level * FAN_BITS) }
    }

    /// Returns the smallest and the largest key that a row of the slice can have.
    fn keys(self) -> (i64, i64) {
        let level = i64::from(self.level) << (u32::BITS + NUMBER_BITS);
        let first = level | i64::from(self.prefix) << NUMBER_BITS;
        (first, first | ((1 << NUMBER_BITS) - 1))
    }
}

/// Adds clues in any order. Then divides, in each level except the last, one slice that has at
/// least [`FAN`] rows, if there is one.
pub(super) fn settle(rows: &Connection, hints: Vec<Hint>) -> rusqlite::Result<()> {
    file(rows, 1, hints)?;
    for level in 1..LEVELS {
        let sql = "SELECT prefix FROM due WHERE level = ? ORDER BY prefix LIMIT 1";
        let due: Option<u32> = rows.prepare_cached(sql)?.query_row([level], |row| row.get(0)).optional()?;
        if let Some(prefix) = due {
            divide(rows, Slice { level, prefix })?;
        }
    }
    Ok(())
}

/// Writes clues into the slices of a level.
fn file(rows: &Connection, level: u32, mut hints: Vec<Hint>) -> rusqlite::Result<()> {
    hints.sort_unstable();
    for part in hints.chunk_by(|one, other| Slice::of(level, one.mark) == Slice::of(level, other.mark)) {
        let Some(Hint { mark, .. }) = part.first() else { continue };
        let slice = Slice::of(level, *mark);
        let (mut next, mut count) = numbers(rows, slice)?;
        for part in part.chunks(ROW_CLUES) {
            let (first, clues) = written(part);
            let sql = "INSERT INTO clue (key, first, clues) VALUES (?, ?, ?)";
            rows.prepare_cached(sql)?.execute(params![next, first.cast_signed(), clues])?;
            (next, count) = (next + 1, count + 1);
        }
        if count >= FAN && level < LEVELS {
            let sql = "INSERT OR IGNORE INTO due (level, prefix) VALUES (?, ?)";
            rows.prepare_cached(sql)?.execute(params![level, slice.prefix])?;
        }
    }
    Ok(())
}

/// Returns the key for the next row of a slice, and the number of its rows. Their keys have no
/// gaps.
fn numbers(rows: &Connection, slice: Slice) -> rusqlite::Result<(i64, i64)> {
    let (first, last) = slice.keys();
    let end = |order: &str| {
        let sql = format!("SELECT key FROM clue WHERE key BETWEEN ? AND ? ORDER BY key {order} LIMIT 1");
        rows.prepare_cached(&sql)?.query_row([first, last], |row| row.get::<_, i64>(0)).optional()
    };
    Ok(match (end("ASC")?, end("DESC")?) {
        (Some(first), Some(last)) => (last + 1, last + 1 - first),
        _ => (first, 0),
    })
}

/// Divides the first [`FAN`] rows of a slice among the slices of the next level.
fn divide(rows: &Connection, slice: Slice) -> rusqlite::Result<()> {
    let (first, last) = slice.keys();
    let sql = "SELECT key, first, clues FROM clue WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?";
    let mut query = rows.prepare_cached(sql)?;
    let mut found = query.query([first, last, FAN])?;
    let (mut hints, mut until) = (vec![], first);
    while let Some(row) = found.next()? {
        until = row.get(0)?;
        read(row, |hint| {
            hints.push(hint);
            true
        })?;
    }
    drop(found);
    rows.prepare_cached("DELETE FROM clue WHERE key BETWEEN ? AND ?")?.execute([first, until])?;
    if numbers(rows, slice)?.1 < FAN {
        let sql = "DELETE FROM due WHERE level = ? AND prefix = ?";
        rows.prepare_cached(sql)?.execute([slice.level, slice.prefix])?;
    }
    file(rows, slice.level + 1, hints)
}

/// Returns the positions of all clues whose digest begins with `mark`.
pub(super) fn positions(rows: &Connection, mark: u32) -> rusqlite::Result<Vec<u64>> {
    let mut positions = vec![];
    for level in 1..=LEVELS {
        let (first, last) = Slice::of(level, mark).keys();
        let mut query = rows.prepare_cached("SELECT key, first, clues FROM clue WHERE key BETWEEN ? AND ?")?;
        let mut found = query.query([first, last])?;
        while let Some(row) = found.next()? {
            read(row, |hint| {
                positions.extend((hint.mark == mark).then_some(hint.position));
                hint.mark <= mark
            })?;
        }
    }
    Ok(positions)
}

/// Returns the smallest position of some clues, which are in ascending order, and their encoded
/// list.
fn written(hints: &[Hint]) -> (u64, Vec<u8>) {
    let first = hints.iter().map(|hint| hint.position).min().unwrap_or(0);
    let (mut bytes, mut before) = (vec![], Hint { mark: 0, position: first });
    for hint in hints {
        let from = if hint.mark == before.mark { before.position } else { first };
        varint::push(&mut bytes, u64::from(hint.mark - before.mark));
        varint::push(&mut bytes, hint.position - from);
        before = *hint;
    }
    (first, bytes)
}

/// Passes the clues of a row to `take`, in ascending order, until `take` returns false.
fn read(row: &Row<'_>, mut take: impl FnMut(Hint) -> bool) -> rusqlite::Result<()> {
    let first = row.get::<_, i64>(1)?.cast_unsigned();
    let mut bytes = row.get_ref(2)?.as_blob().map_err(|_| damaged("a stored list of search terms is not bytes"))?;
    let mut before = Hint { mark: 0, position: first };
    while !bytes.is_empty() {
        let distance =
            u32::try_from(varint::take(&mut bytes)?).map_err(|_| damaged("a stored search term has a wrong digest"))?;
        let mark =
            before.mark.checked_add(distance).ok_or_else(|| damaged("a stored search term has a wrong digest"))?;
        let from = if distance == 0 { before.position } else { first };
        before = Hint { mark, position: from.saturating_add(varint::take(&mut bytes)?) };
        if !take(before) {
            return Ok(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{projection::Projection, search::Search};

    /// The number of clues that the log adds at once.
    const CLUES: u64 = 10_000;
    /// The number of rows that the log begins between two times at which it adds clues.
    const TIMES: usize = 16;
    /// Maximum number of rows that are written or removed at once: in each level the rows of one
    /// slice, and for each of them at most two new ones.
    const CHANGES: u64 = (LEVELS as u64) * 4 * FAN.cast_unsigned();
    /// Maximum bytes of a row, so that it fits on a page of 4,096 bytes.
    const ROW_BYTES: i64 = 4_000;

    /// Adds clues as the log does. `mark` returns the digest of a clue from its position.
    fn taken_in(clues: u64, mark: impl Fn(u64) -> u32) -> Connection {
        let rows = Connection::open_in_memory().unwrap();
        Projection::create(&Search, &rows).unwrap();
        let hint = |position| Hint { mark: mark(position), position };
        for first in (1..=clues).step_by(usize::try_from(CLUES).unwrap()) {
            let before = rows.total_changes();
            settle(&rows, (first..first + CLUES).map(hint).collect()).unwrap();
            let filed = (CLUES / 2).min(FAN.cast_unsigned() * 2);
            assert!(rows.total_changes() - before <= CHANGES + filed, "{}", rows.total_changes() - before);
            for _ in 1..TIMES {
                let before = rows.total_changes();
                settle(&rows, vec![]).unwrap();
                assert!(rows.total_changes() - before <= CHANGES, "{}", rows.total_changes() - before);
            }
        }
        rows
    }

    /// Returns a number that looks like a digest. Different numbers give different results.
    fn digest(number: u64) -> u32 {
        u32::try_from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).unwrap()
    }

    fn number(rows: &Connection, sql: &str) -> i64 {
        rows.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Returns the number of rows that are read to find a digest.
    fn rows_read(rows: &Connection, mark: u32) -> i64 {
        let count = |level| numbers(rows, Slice::of(level, mark)).unwrap().1;
        (1..=LEVELS).map(count).sum()
    }

    #[test]
    fn a_clue_is_found_by_reading_a_few_rows_among_any_number() {
        let rows = taken_in(400_000, digest);
        assert_eq!(number(&rows, "SELECT max(key) >> 56 FROM clue"), 2, "there are two levels");
        for position in (1..=400_000).step_by(997) {
            assert!(positions(&rows, digest(position)).unwrap().contains(&position), "{position}");
            assert!(rows_read(&rows, digest(position)) <= 2 * 2 * FAN);
        }
        assert!(number(&rows, "SELECT max(length(clues)) FROM clue") <= ROW_BYTES);
        let full = number(&rows, "SELECT sum(length(clues)) / count(*) FROM clue");
        assert!(full >= ROW_BYTES * 3 / 5, "rows of {full} bytes waste pages");
    }

    #[test]
    fn a_digest_of_many_clues_leads_to_all_of_them_and_burdens_no_other() {
        const COMMON: u32 = 0xabcd_ef01;
        let mark = |position| if position % 2 == 0 { COMMON } else { digest(position) };
        let rows = taken_in(200_000, mark);
        let found: std::collections::BTreeSet<u64> = positions(&rows, COMMON).unwrap().into_iter().collect();
        assert_eq!(found, (1..=200_000).filter(|position| position % 2 == 0).collect());
        assert!(rows_read(&rows, digest(1)) <= 2 * 2 * FAN);
        assert!(number(&rows, "SELECT max(length(clues)) FROM clue") <= ROW_BYTES);
    }

    #[test]
    fn digests_that_begin_alike_are_divided_where_they_differ() {
        let rows = taken_in(200_000, |position| 0xabc0_0000 | digest(position) >> 12);
        for position in (1..=200_000).step_by(991) {
            let mark = 0xabc0_0000 | digest(position) >> 12;
            assert!(positions(&rows, mark).unwrap().contains(&position), "{position}");
            assert!(rows_read(&rows, mark) <= 6 * 2 * FAN, "{}", rows_read(&rows, mark));
        }
    }

    #[test]
    fn rows_of_another_form_are_an_error() {
        let rows = Connection::open_in_memory().unwrap();
        Projection::create(&Search, &rows).unwrap();
        for clues in [&[0x80_u8][..], &[1], &[0xff, 0xff, 0xff, 0xff, 0x7f, 1]] {
            rows.execute("INSERT OR REPLACE INTO clue VALUES (?, 1, ?)", params![Slice::of(1, 7).keys().0, clues])
                .unwrap();
            positions(&rows, 7).unwrap_err();
        }
    }
}
