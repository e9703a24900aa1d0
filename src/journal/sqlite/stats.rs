//! Measures the size of a journal, in total and by type of event.

use std::path::Path;

use rusqlite::Connection;
use schemas::{Metadata, Timestamp};

use super::{
    OpenError,
    lock::with_suffix,
    reading, restore,
    rows::{self, natural},
    schema,
};
use crate::chain::Head;

/// The sizes of a journal at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// The recorded end of the chain.
    pub head: Head,
    /// Number of streams.
    pub streams: u64,
    /// The name of the stream with the most events, and their number; `None` if there are no
    /// events.
    pub longest: Option<(String, u64)>,
    /// When the first event was decided; `None` if there is no event or its metadata cannot be
    /// read.
    pub first: Option<Timestamp>,
    /// When the last event was decided; `None` if there is no event or its metadata cannot be read.
    pub last: Option<Timestamp>,
    /// Sizes by type of event. The type with the most bytes comes first.
    pub kinds: Vec<KindStats>,
    /// Size of the journal's file, in bytes.
    pub file_bytes: u64,
    /// Size of the write-ahead log, in bytes.
    pub log_bytes: u64,
    /// Bytes of the file's pages that are not used.
    pub free_bytes: u64,
}

/// The number and size of all events of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindStats {
    /// Type and version of the events.
    pub kind: String,
    /// Number of events of this type.
    pub events: u64,
    /// Bytes of the events' data and of both parts of their metadata.
    pub bytes: u64,
    /// Bytes of the largest event of this type.
    pub largest: u64,
}

const KINDS: &str = "
    SELECT kind, count(*), sum(size), max(size) FROM (SELECT kind, @size AS size FROM events)
    GROUP BY kind ORDER BY 3 DESC, kind";

/// SQL for the size of an event in a file of version 1.
const SIZE: &str = "length(data) + length(metadata)";
/// SQL for the size of an event in a file of version 2.
const SIZE_OF_VERSION_2: &str = "length(data) + length(metadata) + ifnull(length(personal), 0)";

const LONGEST: &str = "
    SELECT name, held FROM (SELECT stream, count(*) AS held FROM events GROUP BY stream ORDER BY held DESC LIMIT 1)
    LEFT JOIN streams USING (stream)";

/// Reads the size of every event, also while a server is running.
pub fn stats(path: &Path) -> Result<Stats, OpenError> {
    restore::is_finished(path)?;
    reading::exists(path)?;
    let connection = reading::connect(path)?;
    let size = if schema::is_version_2(&connection)? { SIZE_OF_VERSION_2 } else { SIZE };
    // One transaction, so that all figures are of the same moment.
    connection.execute_batch("BEGIN")?;
    let number = |sql: &str| connection.query_row(sql, (), |row| row.get(0).map(natural));
    let page_bytes = number("PRAGMA page_size")?;
    Ok(Stats {
        head: rows::chain_head(&connection)?,
        streams: number("SELECT count(*) FROM streams")?,
        longest: longest(&connection)?,
        first: time(&connection, "ASC")?,
        last: time(&connection, "DESC")?,
        kinds: kinds(&connection, size)?,
        file_bytes: number("PRAGMA page_count")? * page_bytes,
        log_bytes: with_suffix(path, "-wal").metadata().map_or(0, |log| log.len()),
        free_bytes: number("PRAGMA freelist_count")? * page_bytes,
    })
}

fn kinds(connection: &Connection, size: &str) -> rusqlite::Result<Vec<KindStats>> {
    let mut statement = connection.prepare(&KINDS.replace("@size", size))?;
    let kinds = statement.query_map((), |row| {
        let count = |column| row.get(column).map(natural);
        Ok(KindStats { kind: row.get(0)?, events: count(1)?, bytes: count(2)?, largest: count(3)? })
    })?;
    kinds.collect()
}

fn longest(connection: &Connection) -> rusqlite::Result<Option<(String, u64)>> {
    let mut statement = connection.prepare(LONGEST)?;
    let mut found = statement.query_map((), |row| Ok((row.get::<_, Option<String>>(0)?, row.get(1).map(natural)?)))?;
    Ok(found.next().transpose()?.map(|(name, held)| (name.unwrap_or_default(), held)))
}

fn time(connection: &Connection, order: &str) -> rusqlite::Result<Option<Timestamp>> {
    let sql = format!("SELECT metadata FROM events ORDER BY position {order} LIMIT 1");
    let mut statement = connection.prepare(&sql)?;
    let mut found = statement.query_map((), |row| row.get::<_, Vec<u8>>(0))?;
    let metadata = found.next().transpose()?;
    Ok(metadata.and_then(|metadata| Metadata::read(&metadata, None).ok()).map(|metadata| metadata.at))
}
