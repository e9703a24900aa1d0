//! The lists of meetings for each term, which is a word or a person.
//!
//! The list of terms in a meeting's row shows which terms are known already. New terms first wait
//! in the table `pending`, with one row for each meeting. They are moved to the lists of the terms
//! when the [log](super::log) of the index begins a new row, or when many terms of a meeting are
//! waiting. Storing a meeting thus seldom writes to the lists of its words, which are on as many
//! pages. The column `meetings` is a list of keys, each written as its difference from the one
//! before it.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, btree_map::Entry};

use rusqlite::{Connection, OptionalExtension, params};
use schemas::PrincipalId;

use crate::varint::{self, LIST_BYTES, damaged};

/// Length in bytes at which a row of a term's list is full.
const ROW_BYTES: usize = 400;
/// The first byte of the term of a person. No word begins with it.
const PERSON: u8 = 0;

/// Returns the term of a person.
pub(super) fn person(id: PrincipalId) -> Vec<u8> {
    [&[PERSON], &id.0.as_bytes()[..]].concat()
}

/// A cache of the keys of terms, and the new terms.
#[derive(Default)]
pub(super) struct Terms {
    keys: HashMap<Vec<u8>, u64>,
    /// The last key that was assigned to a term; `None` if it must be read from the rows.
    last: Option<i64>,
    news: BTreeMap<Vec<u8>, i64>,
}

impl Terms {
    /// Returns the key of a term, which is created when the term is first used.
    pub(super) fn key(&mut self, rows: &Connection, term: &[u8]) -> rusqlite::Result<u64> {
        if let Some(key) = self.keys.get(term) {
            return Ok(*key);
        }
        let key = match known(rows, term)? {
            Some(known) => known,
            None => self.begin(rows, term)?.cast_unsigned(),
        };
        self.keys.insert(term.to_vec(), key);
        Ok(key)
    }

    fn begin(&mut self, rows: &Connection, term: &[u8]) -> rusqlite::Result<i64> {
        let last = match self.last {
            Some(last) => last,
            None => rows.prepare_cached("SELECT term FROM counter")?.query_row([], |row| row.get(0))?,
        };
        let key = last + 1;
        self.last = Some(key);
        self.news.insert(term.to_vec(), key);
        Ok(key)
    }

    /// Writes the new terms.
    pub(super) fn save(self, rows: &Connection) -> rusqlite::Result<()> {
        let Some(last) = self.last else { return Ok(()) };
        rows.prepare_cached("UPDATE counter SET term = ?")?.execute([last])?;
        let mut insert = rows.prepare_cached("INSERT INTO term (term, key) VALUES (?, ?)")?;
        self.news.into_iter().try_for_each(|(term, key)| insert.execute(params![term, key]).map(drop))
    }
}

/// Returns the key of a term; `None` if no meeting has it.
pub(super) fn known(rows: &Connection, term: &[u8]) -> rusqlite::Result<Option<u64>> {
    let sql = "SELECT key FROM term WHERE term = ?";
    let key: Option<i64> = rows.prepare_cached(sql)?.query_row([term], |row| row.get(0)).optional()?;
    Ok(key.map(i64::cast_unsigned))
}

/// Returns the keys of all words that begin with `word`.
pub(super) fn beginning_with(rows: &Connection, word: &str) -> rusqlite::Result<Vec<u64>> {
    let mut query = rows.prepare_cached("SELECT key FROM term WHERE term >= ? AND term < ?")?;
    // Every byte of a UTF-8 text is less than 0xff.
    let end = [word.as_bytes(), &[0xff]].concat();
    let keys = query.query_map(params![word.as_bytes(), end], |row| row.get::<_, i64>(0).map(i64::cast_unsigned))?;
    keys.collect()
}

/// The waiting terms of the meetings that received new ones in this batch.
#[derive(Default)]
pub(super) struct Pending(BTreeMap<i64, BTreeSet<u64>>);

impl Pending {
    /// Adds new terms of a meeting to those that wait for the next [`sort`]. Returns true if so
    /// many wait that it is time to sort.
    pub(super) fn wait(&mut self, rows: &Connection, meeting: i64, news: &[u64]) -> rusqlite::Result<bool> {
        let all = match self.0.entry(meeting) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(waiting(rows, meeting)?),
        };
        all.extend(news);
        Ok(varint::distances(all.iter().copied()).len() >= LIST_BYTES)
    }

    /// Writes the waiting terms.
    pub(super) fn save(self, rows: &Connection) -> rusqlite::Result<()> {
        let mut insert = rows.prepare_cached("INSERT OR REPLACE INTO pending (meeting, terms) VALUES (?, ?)")?;
        let mut waiting = self.0.into_iter();
        waiting.try_for_each(|(meeting, terms)| insert.execute(params![meeting, varint::distances(terms)]).map(drop))
    }
}

/// Reads the waiting terms of a meeting.
fn waiting(rows: &Connection, meeting: i64) -> rusqlite::Result<BTreeSet<u64>> {
    let sql = "SELECT terms FROM pending WHERE meeting = ?";
    let waiting: Option<Vec<u8>> = rows.prepare_cached(sql)?.query_row([meeting], |row| row.get(0)).optional()?;
    Ok(varint::ascending(&waiting.unwrap_or_default())?.into_iter().collect())
}

/// Moves all waiting terms to the lists of the terms.
pub(super) fn sort(rows: &Connection, pending: &mut Pending) -> rusqlite::Result<()> {
    let held = std::mem::take(&mut pending.0);
    let mut news: BTreeMap<u64, BTreeSet<i64>> = BTreeMap::new();
    for_pending(rows, |meeting, term| {
        if !held.contains_key(&meeting) {
            news.entry(term).or_default().insert(meeting);
        }
    })?;
    for (meeting, terms) in held {
        for term in terms {
            news.entry(term).or_default().insert(meeting);
        }
    }
    for (term, meetings) in news {
        extend(rows, term.cast_signed(), meetings)?;
    }
    rows.prepare_cached("DELETE FROM pending")?.execute([]).map(drop)
}

/// Appends meetings to the last row of a term's list, or to a new row.
fn extend(rows: &Connection, term: i64, meetings: BTreeSet<i64>) -> rusqlite::Result<()> {
    let sql = "SELECT number, last, meetings FROM posting WHERE term = ? ORDER BY number DESC LIMIT 1";
    let open: Option<(i64, i64, Vec<u8>)> =
        rows.prepare_cached(sql)?.query_row([term], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let next = open.as_ref().map_or(0, |(number, ..)| number + 1);
    let open = open.filter(|(.., list)| list.len() < ROW_BYTES);
    let (number, mut before, mut list) = open.unwrap_or((next, 0, vec![]));
    for meeting in meetings {
        varint::push_signed(&mut list, meeting.wrapping_sub(before));
        before = meeting;
    }
    let sql = "INSERT INTO posting (term, number, last, meetings) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET last = excluded.last, meetings = excluded.meetings";
    rows.prepare_cached(sql)?.execute(params![term, number, before, list]).map(drop)
}

/// Returns meetings that have one of the terms, in ascending order, and true if others were left
/// out. For each term, the meetings that received it last are read first; of several terms, the
/// list with the newest meeting. Once `most` are found, only terms that still wait are read.
pub(super) fn meetings(rows: &Connection, terms: &[u64], most: usize) -> rusqlite::Result<(Vec<i64>, bool)> {
    let mut found = vec![];
    let mut next: BinaryHeap<Part> = BinaryHeap::new();
    for term in terms {
        next.extend(Part::before(rows, term.cast_signed(), i64::MAX)?);
    }
    while found.len() < most
        && let Some(part) = next.pop()
    {
        part.read(rows, &mut found)?;
        next.extend(Part::before(rows, part.term, part.number)?);
    }
    let is_cut = !next.is_empty();
    let wanted: BTreeSet<u64> = terms.iter().copied().collect();
    for_pending(rows, |meeting, term| {
        if wanted.contains(&term) {
            found.push(meeting);
        }
    })?;
    found.sort_unstable();
    found.dedup();
    Ok((found, is_cut))
}

/// One row of a term's list. The greatest is the one with the newest meeting.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    /// Key of the meeting that received the term last of those in the row.
    last: i64,
    term: i64,
    number: i64,
}

impl Part {
    /// Finds the last row of a term's list before the row `number`; `None` if there is none.
    fn before(rows: &Connection, term: i64, number: i64) -> rusqlite::Result<Option<Self>> {
        let sql = "SELECT last, number FROM posting WHERE term = ? AND number < ? ORDER BY number DESC LIMIT 1";
        let mut query = rows.prepare_cached(sql)?;
        query.query_row([term, number], |row| Ok(Self { last: row.get(0)?, term, number: row.get(1)? })).optional()
    }

    /// Adds the meetings of the row.
    fn read(&self, rows: &Connection, found: &mut Vec<i64>) -> rusqlite::Result<()> {
        let mut query = rows.prepare_cached("SELECT meetings FROM posting WHERE term = ? AND number = ?")?;
        query.query_row([self.term, self.number], |row| {
            let mut list = row.get_ref(0)?.as_blob().map_err(|_| damaged("a stored list of meetings is not bytes"))?;
            let mut meeting = 0_i64;
            while !list.is_empty() {
                meeting = meeting.wrapping_add(varint::take_signed(&mut list)?);
                found.push(meeting);
            }
            Ok(())
        })
    }
}

fn for_pending(rows: &Connection, mut take: impl FnMut(i64, u64)) -> rusqlite::Result<()> {
    let mut query = rows.prepare_cached("SELECT meeting, terms FROM pending ORDER BY meeting")?;
    let mut waiting = query.query([])?;
    while let Some(row) = waiting.next()? {
        let meeting = row.get(0)?;
        let terms = row.get_ref(1)?.as_blob().map_err(|_| damaged("a stored list of search terms is not bytes"))?;
        varint::ascending(terms)?.into_iter().for_each(|term| take(meeting, term));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{projection::Projection, search::Search};

    #[test]
    fn of_several_terms_the_newest_meetings_are_listed_whatever_the_order_of_the_terms() {
        let rows = Connection::open_in_memory().expect("a database");
        Search.create(&rows).expect("tables");
        let list = |term, meetings: std::ops::Range<i64>| extend(&rows, term, meetings.collect()).expect("stored");
        for part in 0..5 {
            list(1, part * 400..(part + 1) * 400);
        }
        list(2, 5_000..5_010);
        let listed = |terms: &[u64], most| meetings(&rows, terms, most).expect("read");
        for terms in [[1, 2], [2, 1]] {
            let (found, is_cut) = listed(&terms, 300);
            let expected: Vec<i64> = (1_600..2_000).chain(5_000..5_010).collect();
            assert_eq!((found, is_cut), (expected, true), "{terms:?}");
        }
        assert_eq!(listed(&[1], 300), ((1_600..2_000).collect(), true));
        assert_eq!(listed(&[1, 2], usize::MAX), ((0..2_000).chain(5_000..5_010).collect(), false));
        assert_eq!(listed(&[2], 10), ((5_000..5_010).collect(), false));
        assert_eq!(listed(&[3], 10), (vec![], false));
    }
}
