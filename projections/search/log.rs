//! The log of the search index: clues and acts in the order of events. Each row is about one page
//! long.
//!
//! The column `clues` is a list: for each clue, four bytes of its digest, and the difference
//! between the position of its event and that of the clue before it. The column `acts` has the keys
//! of the meetings that began, or on which an act began. `first` is the position of the first event
//! of the row, `last` that of the last one with a clue; `latest` is the latest time of these
//! events, in seconds since the epoch.
//!
//! After [`ROWS`] rows are full, their clues are moved to the [sorted](super::sorted) clues, and
//! their acts are moved unchanged to a separate table.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Clue,
    sorted::{self, Hint},
};
use crate::varint::{self, damaged};

/// Length in bytes at which a row is full, so that it fits on a page.
const ROW_BYTES: usize = 3_900;
/// Number of full rows whose clues are sorted together.
const ROWS: i64 = 16;

/// The data that one event adds to the log.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub clues: Vec<Clue>,
    /// The key of the meeting, if the event begins an act on it or is its first event; `None`
    /// otherwise.
    pub act: Option<i64>,
}

#[derive(Debug, Default)]
struct Row {
    number: i64,
    first: u64,
    last: u64,
    latest: i64,
    clues: Vec<u8>,
    acts: Vec<u8>,
}

/// The last row of the log, if it was changed but not yet saved.
#[derive(Default)]
pub(super) struct Log(Option<Row>);

impl Log {
    /// Adds the clues and the act of an event. `at` is its time in seconds since the epoch. Returns
    /// true if a new row was begun.
    pub(super) fn add(&mut self, rows: &Connection, position: u64, at: i64, entry: &Entry) -> rusqlite::Result<bool> {
        if entry.clues.is_empty() && entry.act.is_none() {
            return Ok(false);
        }
        let open = match self.0.take() {
            Some(held) => Some(held),
            None => open(rows)?,
        };
        let (mut row, is_begun) = match open {
            Some(open) if open.clues.len() + open.acts.len() < ROW_BYTES => (open, false),
            full => {
                full.as_ref().map_or(Ok(()), |full| full.save(rows))?;
                let number = full.map_or(0, |full| full.number + 1);
                (Row { number, first: position, last: position, latest: at, ..Row::default() }, true)
            }
        };
        row.add(position, at, entry);
        if is_begun {
            sort(rows, row.number)?;
        }
        self.0 = Some(row);
        Ok(is_begun)
    }

    /// Writes the last row of the log, if it was changed.
    pub(super) fn save(self, rows: &Connection) -> rusqlite::Result<()> {
        self.0.map_or(Ok(()), |row| row.save(rows))
    }
}

fn open(rows: &Connection) -> rusqlite::Result<Option<Row>> {
    let sql = "SELECT number, first, last, latest, clues, acts FROM log ORDER BY number DESC LIMIT 1";
    let mut query = rows.prepare_cached(sql)?;
    let open = query.query_row([], |row| {
        let [first, last] = [row.get::<_, i64>(1)?, row.get(2)?].map(i64::cast_unsigned);
        Ok(Row { number: row.get(0)?, first, last, latest: row.get(3)?, clues: row.get(4)?, acts: row.get(5)? })
    });
    open.optional()
}

impl Row {
    fn add(&mut self, position: u64, at: i64, entry: &Entry) {
        for clue in &entry.clues {
            self.clues.extend(clue.mark().to_be_bytes());
            varint::push(&mut self.clues, position.saturating_sub(self.last));
            self.last = position;
        }
        if let Some(meeting) = entry.act {
            varint::push(&mut self.acts, meeting.cast_unsigned());
        }
        self.latest = self.latest.max(at);
    }

    fn save(&self, rows: &Connection) -> rusqlite::Result<()> {
        let Self { number, first, last, latest, clues, acts } = self;
        let (first, last) = (first.cast_signed(), last.cast_signed());
        let sql = "INSERT OR REPLACE INTO log (number, first, last, latest, clues, acts) VALUES (?, ?, ?, ?, ?, ?)";
        rows.prepare_cached(sql)?.execute(params![number, first, last, latest, clues, acts]).map(drop)
    }
}

/// Called when the log begins the row `begun`. If this completes [`ROWS`] full rows, moves their
/// clues to the sorted clues. Then divides slices of the sorted clues.
fn sort(rows: &Connection, begun: i64) -> rusqlite::Result<()> {
    let mut hints = vec![];
    if begun % ROWS == 0 {
        each(rows, begun, |hint| hints.push(hint))?;
        let sql = "INSERT INTO acted (number, latest, acts) SELECT number, latest, acts FROM log WHERE number < ?";
        rows.prepare_cached(sql)?.execute([begun])?;
        rows.prepare_cached("DELETE FROM log WHERE number < ?")?.execute([begun])?;
    }
    sorted::settle(rows, hints)
}

/// Passes the clues of the rows before `end` to `take`, in order.
fn each(rows: &Connection, end: i64, mut take: impl FnMut(Hint)) -> rusqlite::Result<()> {
    let mut query = rows.prepare_cached("SELECT first, clues FROM log WHERE number < ? ORDER BY number")?;
    let mut found = query.query([end])?;
    while let Some(row) = found.next()? {
        let mut position = row.get::<_, i64>(0)?.cast_unsigned();
        let mut clues = row.get_ref(1)?.as_blob().map_err(|_| damaged("a stored list of search terms is not bytes"))?;
        while !clues.is_empty() {
            let (mark, rest) = clues.split_first_chunk().ok_or_else(|| damaged("a stored search term is cut off"))?;
            clues = rest;
            position = position.saturating_add(varint::take(&mut clues)?);
            take(Hint { mark: u32::from_be_bytes(*mark), position });
        }
    }
    Ok(())
}

/// Returns the positions of events that a clue may identify, in order.
pub(super) fn follow(rows: &Connection, clue: &Clue) -> rusqlite::Result<Vec<u64>> {
    let mark = clue.mark();
    let mut found = sorted::positions(rows, mark)?;
    each(rows, i64::MAX, |hint| {
        if hint.mark == mark {
            found.push(hint.position);
        }
    })?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Passes meetings to `take`, the one with the last act first, until `take` returns false. Every
/// meeting with an act at or after `since` (seconds since the epoch; `None`: any time) is included,
/// and other meetings whose acts are in the same rows.
pub(super) fn latest<E: From<rusqlite::Error>>(
    rows: &Connection,
    since: Option<i64>,
    mut take: impl FnMut(i64) -> Result<bool, E>,
) -> Result<(), E> {
    let mut seen = HashSet::new();
    for table in ["log", "acted"] {
        let sql = format!("SELECT acts FROM {table} WHERE latest >= ? ORDER BY number DESC");
        let mut query = rows.prepare_cached(&sql)?;
        let mut found = query.query([since.unwrap_or(i64::MIN)])?;
        while let Some(row) = found.next()? {
            let mut acts = row.get_ref(0)?.as_blob().map_err(|_| damaged("a stored list of acts is not bytes"))?;
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
    }
    Ok(())
}
