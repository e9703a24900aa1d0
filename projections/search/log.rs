//! Clues and acts in the order of events, a page full of them in each row, so that an event writes to one page only.
//!
//! `clues` is a list of three bytes of a clue's digest, each followed by the distance of its event from that of the clue
//! before it. `acts` are the keys of the meetings that were acted upon. The first event of a row is its key.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};
use schemas::Position;

use super::Clue;
use crate::varint::{self, damaged};

/// Bytes of a row after which the next one is begun: such a row fits on a page.
const ROW_BYTES: usize = 3_900;
/// Bytes of a clue's digest.
const MARK_BYTES: usize = 3;

/// What an event adds.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub clues: Vec<Clue>,
    /// The meeting that it acts upon.
    pub act: Option<i64>,
}

/// Adds what an event leads to. Returns true if a row was begun.
pub(super) fn add(rows: &Connection, position: u64, entry: &Entry) -> rusqlite::Result<bool> {
    if entry.clues.is_empty() && entry.act.is_none() {
        return Ok(false);
    }
    let sql = "SELECT first, last, clues, acts FROM log ORDER BY first DESC LIMIT 1";
    let open: Option<(i64, i64, Vec<u8>, Vec<u8>)> = rows
        .prepare_cached(sql)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let open = open.filter(|(.., clues, acts)| clues.len() + acts.len() < ROW_BYTES);
    let is_begun = open.is_none();
    let at = position.cast_signed();
    let (first, last, mut clues, mut acts) = open.unwrap_or((at, at, vec![], vec![]));
    let mut last = last.cast_unsigned();
    for clue in &entry.clues {
        clues.extend(clue.mark());
        varint::push(&mut clues, position.saturating_sub(last));
        last = position;
    }
    if let Some(meeting) = entry.act {
        varint::push(&mut acts, meeting.cast_unsigned());
    }
    let sql = "INSERT INTO log (first, last, clues, acts) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET last = excluded.last, clues = excluded.clues, acts = excluded.acts";
    rows.prepare_cached(sql)?.execute(params![first, last.cast_signed(), clues, acts])?;
    Ok(is_begun)
}

/// Returns the positions that a clue may lead to, in order.
pub(super) fn follow(rows: &Connection, clue: &Clue) -> rusqlite::Result<Vec<Position>> {
    let mark = clue.mark();
    let mut found = vec![];
    let mut query = rows.prepare_cached("SELECT first, clues FROM log ORDER BY first")?;
    let mut blocks = query.query([])?;
    while let Some(row) = blocks.next()? {
        let mut position = row.get::<_, i64>(0)?.cast_unsigned();
        let mut clues = row.get_ref(1)?.as_blob().map_err(|_| damaged("a list of clues has another form"))?;
        while !clues.is_empty() {
            let known = clues.split_off(..MARK_BYTES).ok_or_else(|| damaged("a clue is cut off"))?;
            position = position.saturating_add(varint::take(&mut clues)?);
            if known == mark {
                found.push(Position(position));
            }
        }
    }
    found.dedup();
    Ok(found)
}

/// Hands each meeting to `take`, the one that was acted upon last first, until it returns false.
pub(super) fn latest<E: From<rusqlite::Error>>(
    rows: &Connection,
    mut take: impl FnMut(i64) -> Result<bool, E>,
) -> Result<(), E> {
    let mut seen = HashSet::new();
    let mut query = rows.prepare_cached("SELECT acts FROM log ORDER BY first DESC")?;
    let mut blocks = query.query([])?;
    while let Some(row) = blocks.next()? {
        let mut acts = row.get_ref(0)?.as_blob().map_err(|_| damaged("a list of acts has another form"))?;
        let mut meetings = vec![];
        while !acts.is_empty() {
            meetings.push(varint::take(&mut acts)?.cast_signed());
        }
        for meeting in meetings.into_iter().rev() {
            if seen.insert(meeting) && !take(meeting)? {
                return Ok(());
            }
        }
    }
    Ok(())
}
