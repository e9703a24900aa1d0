//! Reads rows of the tables: as unparsed entries for auditors, as parsed events for all other
//! readers.
//!
//! A file of version 1 does not have the last columns until the first event of version 2 is stored.
//!
//! **Invariant:** a page in the journal's order skips no row. In a column of bytes or text, a
//! number or NULL is read as empty, and an event without a stream gets an empty stream name. The
//! hash chain detects both.

use rusqlite::{CachedStatement, Connection, ErrorCode, OptionalExtension, Row, params, types::ValueRef};
use schemas::{Hash, Position, Revision, Stored, Stream, Timestamp};

use crate::{
    Failure, Restored,
    chain::{Added, Entry, Head},
    limits::PAGE_BYTES,
};

const IN_ORDER: &str = "
    SELECT name, events.*
    FROM events LEFT JOIN streams USING (stream) WHERE position > ?1 ORDER BY position LIMIT ?2";

const NEWEST: &str = "
    SELECT name, events.*
    FROM events LEFT JOIN streams USING (stream) ORDER BY position DESC LIMIT ?1";

const OF_STREAM: &str = "
    SELECT name, events.*
    FROM streams JOIN events USING (stream) WHERE name = ?1 AND revision >= ?2 ORDER BY revision LIMIT ?3";

const LAST_OF_STREAM: &str = "
    SELECT name, events.*
    FROM streams JOIN events USING (stream) WHERE name = ?1 ORDER BY revision DESC LIMIT 1";

/// Returns at most `limit` entries after a position, up to the maximum bytes of a page.
pub(super) fn entries(connection: &Connection, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
    let mut statement = connection.prepare_cached(IN_ORDER)?;
    let mut rows = statement.query((integer(after.0), count(limit)))?;
    let (mut entries, mut bytes) = (Vec::<Entry>::new(), 0);
    while bytes < PAGE_BYTES {
        let next = rows.next().and_then(|row| row.map(entry).transpose());
        match (next, entries.last()) {
            (Ok(Some(entry)), _) => {
                bytes += entry.data.len() + entry.metadata.len() + entry.added.personal.len();
                entries.push(entry);
            }
            (Ok(None), _) => break,
            // The entries before the damaged one are returned. The next page then starts at the
            // damaged one and returns the error.
            (Err(cause), Some(_)) if is_damage(&cause) => break,
            (Err(cause), None) if is_damage(&cause) => {
                return Err(Failure::Unreadable { after, why: cause.to_string() });
            }
            (Err(cause), _) => return Err(cause.into()),
        }
    }
    Ok(entries)
}

/// Returns the position and hash of at most `limit` events after a position.
pub(super) fn hashes(
    connection: &Connection,
    after: Position,
    limit: usize,
) -> rusqlite::Result<Vec<(Position, Vec<u8>)>> {
    let sql = "SELECT position, hash FROM events WHERE position > ?1 ORDER BY position LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let hash = |row: &Row<'_>| Ok((Position(natural(row.get(0)?)), bytes(row, 1)?));
    statement.query_map((integer(after.0), count(limit)), hash)?.collect()
}

fn is_damage(cause: &rusqlite::Error) -> bool {
    cause.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt)
}

/// Passes at most `limit` entries to `is_fine`, the newest first, until it returns false. Returns
/// true if it accepted all of them.
pub(super) fn newest_first(
    connection: &Connection,
    limit: usize,
    mut is_fine: impl FnMut(Entry) -> bool,
) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare(NEWEST)?;
    let mut rows = statement.query((count(limit),))?;
    while let Some(row) = rows.next()? {
        if !is_fine(entry(row)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn in_order(connection: &Connection, after: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
    entries(connection, after, limit)?.into_iter().map(Entry::stored).collect()
}

pub(super) fn of_stream(
    connection: &Connection,
    stream: Stream,
    from: Revision,
    limit: usize,
) -> Result<Vec<Stored>, Failure> {
    let statement = connection.prepare_cached(OF_STREAM)?;
    all(statement, params![stream.to_string(), integer(from.0), count(limit)])
}

pub(super) fn last_of_stream(connection: &Connection, stream: Stream) -> Result<Option<Stored>, Failure> {
    let statement = connection.prepare_cached(LAST_OF_STREAM)?;
    Ok(all(statement, params![stream.to_string()])?.pop())
}

fn all(mut statement: CachedStatement<'_>, parameters: &[&dyn rusqlite::ToSql]) -> Result<Vec<Stored>, Failure> {
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(entry(row)?.stored()?);
    }
    Ok(found)
}

/// Maximum number of faults that SQLite is asked to report.
const MAX_FAULTS: i64 = 100;

/// Returns the faults that SQLite finds in the whole file, at most [`MAX_FAULTS`]: for example in
/// pages and indexes, and values of a wrong type.
pub(super) fn storage_faults(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut check = connection.prepare(&format!("PRAGMA integrity_check({MAX_FAULTS})"))?;
    let faults = check.query_map((), |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(faults.into_iter().filter(|fault| fault != "ok").collect())
}

/// Returns the position of the last event in the events table; [`Position::START`] if it is empty.
pub(super) fn last_position(connection: &Connection) -> rusqlite::Result<Position> {
    let last = "SELECT position FROM events ORDER BY position DESC LIMIT 1";
    let position = connection.prepare_cached(last)?.query_row((), |row| row.get(0)).optional()?;
    Ok(position.map_or(Position::START, |position| Position(natural(position))))
}

/// Returns the recorded end of the chain. If the row is missing, returns the end of a chain without
/// events. A hash that does not have 32 bytes is read as zeros.
pub(super) fn chain_head(connection: &Connection) -> rusqlite::Result<Head> {
    let mut statement = connection.prepare_cached("SELECT events, position, hash FROM chain")?;
    let head = |row: &Row<'_>| {
        let hash: Vec<u8> = row.get(2)?;
        let hash = Hash(hash.try_into().unwrap_or_default());
        Ok(Head { events: natural(row.get(0)?), position: Position(natural(row.get(1)?)), hash })
    };
    Ok(statement.query_row((), head).optional()?.unwrap_or_default())
}

/// Returns the recorded restores, oldest first.
pub(super) fn restores(connection: &Connection) -> rusqlite::Result<Vec<Restored>> {
    if !has_restores(connection)? {
        return Ok(vec![]);
    }
    let mut query = connection.prepare("SELECT position, at FROM restores ORDER BY rowid")?;
    let rows = query
        .query_map((), |row| Ok(Restored { position: Position(natural(row.get(0)?)), at: Timestamp(row.get(1)?) }))?;
    rows.collect()
}

/// Records a restore in the table of restores, which is created if necessary.
pub(super) fn add_restore(connection: &Connection, Restored { position, at }: Restored) -> rusqlite::Result<()> {
    if !has_restores(connection)? {
        connection.execute_batch("CREATE TABLE restores (position INTEGER NOT NULL, at INTEGER NOT NULL) STRICT")?;
    }
    connection.execute("INSERT INTO restores VALUES (?1, ?2)", (integer(position.0), at.0)).map(drop)
}

/// Returns true if the table of restores exists. A journal that was never restored does not have
/// it.
fn has_restores(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) > 0 FROM sqlite_schema WHERE name = 'restores'", (), |row| row.get(0))
}

/// Returns the time of storage of the last event; the epoch if there is no event, or the last one
/// is in version 1.
pub(super) fn latest(connection: &Connection) -> rusqlite::Result<Timestamp> {
    let last = "SELECT stored_at FROM events ORDER BY position DESC LIMIT 1";
    let stored_at = connection.query_row(last, (), |row| row.get::<_, Option<i64>>(0)).optional()?;
    Ok(stored_at.flatten().map_or_else(Timestamp::default, Timestamp))
}

/// Returns the hash of the event at a position; `None` if there is no such event.
pub(super) fn hash_at(connection: &Connection, position: Position) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached("SELECT hash FROM events WHERE position = ?1")?;
    statement.query_row((integer(position.0),), |row| row.get(0)).optional()
}

/// The index of the column with the version of the chain in which an event was hashed: the first of
/// the columns that version 2 of the tables added. Before it are the name of the stream and the
/// eight columns of version 1.
const COLUMN_OF_VERSION: usize = 9;
// The other columns that version 2 of the tables added, in this order.
const STORED_AT: usize = 10;
const DATA_ENCODING: usize = 11;
const PERSONAL: usize = 12;
const PERSONAL_ENCODING: usize = 13;

fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<u8>> {
    match row.get_ref(column)? {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => Ok(bytes.to_vec()),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => Ok(Vec::new()),
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let bytes = |column| bytes(row, column);
    let text = |column| bytes(column).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let is_version_2 = row.as_ref().column_count() > PERSONAL_ENCODING;
    Ok(Entry {
        position: Position(natural(row.get(1)?)),
        stream: text(0)?,
        revision: natural(row.get(3)?),
        id: bytes(4)?,
        kind: text(5)?,
        metadata: bytes(6)?,
        data: bytes(7)?,
        hash: bytes(8)?,
        version: if is_version_2 { row.get(COLUMN_OF_VERSION)? } else { 1 },
        added: if is_version_2 {
            Added {
                stored_at: row.get(STORED_AT)?,
                data_encoding: text(DATA_ENCODING)?,
                personal: bytes(PERSONAL)?,
                personal_encoding: text(PERSONAL_ENCODING)?,
            }
        } else {
            Added::default()
        },
    })
}

/// Converts a number for SQLite, whose integers are signed. A number above `i64::MAX`, which no
/// journal reaches, becomes `i64::MAX`.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn natural(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
