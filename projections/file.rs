//! Opens and creates the file of a read model, and replaces it if it is damaged.
//!
//! **Invariant:** rows and their checkpoint are committed in one transaction. If the process or the
//! machine stops, only whole transactions are lost; their events are applied again from the
//! journal.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, config::DbConfig, params};
use schemas::{Hash, Position, Recorded, Revision, Stream};

use crate::{failure::Failure, projection::Fold};

/// Page size in bytes. Every page that an event touches is written completely, so small pages cost
/// less.
const PAGE_BYTES: u32 = 4_096;
/// The page cache of a connection, in KiB (passed to SQLite as a negative number).
const WRITER_CACHE_KIB: i64 = -1_024;
/// The page cache of a read model that requests wait for, in KiB as a negative number. The events
/// of a large delivery change more pages than the smaller cache holds.
const PROMPT_WRITER_CACHE_KIB: i64 = -4_096;
/// Size of the write-ahead log in pages at which the writer itself makes a checkpoint, if the WAL
/// checkpointer could not make one before.
const LOG_PAGES: i64 = 16_000;
/// Capacity of a connection's cache of prepared statements.
pub(crate) const STATEMENTS: usize = 64;

/// The position up to which events are applied to the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Checkpoint {
    pub position: Position,
    /// The event at the checkpoint's position. `None` before the first event, and if an earlier
    /// version of Daybook wrote the checkpoint.
    pub event: Option<Shown>,
}

/// Identifies the last event that was applied. A journal with another history is recognised by it,
/// because the hash covers all events before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub stream: Stream,
    pub revision: Revision,
    pub hash: Hash,
}

impl Checkpoint {
    pub(crate) fn of(last: &Recorded) -> Self {
        let Recorded { position, stream, revision, hash, .. } = *last;
        Self { position, event: Some(Shown { stream, revision, hash }) }
    }
}

/// Returns the path of a read model's file, such as `collections.v1.sqlite`.
pub(crate) fn path(folder: &Path, name: &str, version: u32) -> PathBuf {
    folder.join(format!("{name}.v{version}.sqlite"))
}

/// Returns the versions of a read model that have a file in the folder, each with the file's path,
/// in ascending order.
pub(crate) fn versions(folder: &Path, name: &str) -> std::io::Result<Vec<(u32, PathBuf)>> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default();
        let version = file.strip_prefix(name).and_then(|rest| rest.strip_prefix(".v")?.strip_suffix(".sqlite"));
        if let Some(version) = version.and_then(|version| version.parse().ok()) {
            found.push((version, path));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Makes SQLite plan each statement only once, whatever values are bound to it later.
pub(crate) fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Opens a file for writing. A damaged file is replaced by an empty one, whose checkpoint is
/// [`Position::START`].
pub(crate) fn open(path: &Path, fold: &dyn Fold) -> Result<(Connection, Checkpoint), Failure> {
    match try_open(path, fold) {
        Err(failure) if failure.is_damage() => {
            let (model, file) = (fold.name(), path.display());
            tracing::error!(model, %failure, %file, "this read model is damaged; it is rebuilt from the journal");
            remove(path)?;
            try_open(path, fold)
        }
        opened => opened,
    }
}

/// Returns true if the error shows that the file or a row is damaged. Errors of the disk, of
/// permissions or of another process do not count.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{
        FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, QueryReturnedNoRows, SqlInputError,
        SqliteFailure, Utf8Error,
    };
    match error {
        // SQLite reports a missing table or column as `Unknown`.
        SqliteFailure(failure, _) | SqlInputError { error: failure, .. } => {
            matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown)
        }
        error => matches!(
            error,
            QueryReturnedNoRows
                | InvalidColumnType(..)
                | FromSqlConversionFailure(..)
                | IntegralValueOutOfRange(..)
                | Utf8Error(..)
        ),
    }
}

/// Returns true if the cause is the disk, the permissions, the memory or another process, so that a
/// retry may succeed.
pub(crate) fn may_pass(error: &rusqlite::Error) -> bool {
    let passing = [
        ErrorCode::DiskFull,
        ErrorCode::SystemIoFailure,
        ErrorCode::DatabaseBusy,
        ErrorCode::DatabaseLocked,
        ErrorCode::CannotOpen,
        ErrorCode::OutOfMemory,
        ErrorCode::ReadOnly,
    ];
    error.sqlite_error_code().is_some_and(|code| passing.contains(&code))
}

/// Returns true if the disk is full, or has no room for the index of the write-ahead log.
pub(crate) fn is_without_room(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        error.code == ErrorCode::DiskFull || error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE
    })
}

fn try_open(path: &Path, fold: &dyn Fold) -> Result<(Connection, Checkpoint), Failure> {
    let mut connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    plan_once(&connection)?;
    let cache = if fold.may_lag() { WRITER_CACHE_KIB } else { PROMPT_WRITER_CACHE_KIB };
    // With `synchronous = NORMAL`, a commit does not wait for the disk, but a power failure cannot
    // mix old and new pages. With `OFF`, it could mix them during a checkpoint of the log.
    connection.execute_batch(&format!(
        "PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
         PRAGMA cache_size = {cache}; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = {LOG_PAGES};"
    ))?;
    let known: Option<String> =
        connection.query_row("SELECT name FROM sqlite_master LIMIT 1", [], |row| row.get(0)).optional()?;
    if known.is_none() {
        let creating = connection.transaction()?;
        creating.execute_batch(
            "CREATE TABLE checkpoint (position INTEGER NOT NULL, stream TEXT, revision INTEGER, hash BLOB, digest BLOB)",
        )?;
        creating.execute("INSERT INTO checkpoint (position) VALUES (0)", [])?;
        fold.create(&creating)?;
        creating.commit()?;
    } else if !connection.column_exists(None, "checkpoint", "digest")? {
        connection.execute_batch(
            "ALTER TABLE checkpoint ADD COLUMN stream TEXT;
             ALTER TABLE checkpoint ADD COLUMN revision INTEGER;
             ALTER TABLE checkpoint ADD COLUMN hash BLOB;
             ALTER TABLE checkpoint ADD COLUMN digest BLOB;",
        )?;
    }
    check_digest(&connection, fold)?;
    let checkpoint = checkpoint(&connection)?;
    Ok((connection, checkpoint))
}

/// Reads the checkpoint of a file.
pub(crate) fn checkpoint(connection: &Connection) -> rusqlite::Result<Checkpoint> {
    connection.query_row("SELECT position, stream, revision, hash FROM checkpoint", [], read_checkpoint)
}

/// Returns an error if a digest is stored and the rows do not have it.
pub(crate) fn check_digest(connection: &Connection, fold: &dyn Fold) -> Result<(), Failure> {
    let saved: Option<[u8; 32]> = connection.query_row("SELECT digest FROM checkpoint", [], |row| row.get(0))?;
    if saved.is_some() && saved != fold.digest(connection)? {
        return Err(Failure::Damaged("the rows do not have the digest that was stored with them".to_owned()));
    }
    Ok(())
}

fn read_checkpoint(row: &Row<'_>) -> rusqlite::Result<Checkpoint> {
    let position = Position(row.get::<_, i64>(0)?.unsigned_abs());
    let stream: Option<String> = row.get(1)?;
    let event = match stream.and_then(|stream| stream.parse().ok()) {
        Some(stream) => {
            let revision = Revision(row.get::<_, i64>(2)?.unsigned_abs());
            Some(Shown { stream, revision, hash: Hash(row.get(3)?) })
        }
        None => None,
    };
    Ok(Checkpoint { position, event })
}

/// Writes the checkpoint, in the transaction of the caller if there is one.
pub(crate) fn save(connection: &Connection, checkpoint: Checkpoint) -> rusqlite::Result<()> {
    let Checkpoint { position, event } = checkpoint;
    let sql = "UPDATE checkpoint SET position = ?, stream = ?, revision = ?, hash = ?";
    connection.prepare_cached(sql)?.execute(params![
        signed(position.0),
        event.map(|event| event.stream.to_string()),
        event.map(|event| signed(event.revision.0)),
        event.map(|event| event.hash.0),
    ])?;
    Ok(())
}

/// Writes the digest of the rows, in the same transaction as the rows.
pub(crate) fn save_digest(connection: &Connection, digest: [u8; 32]) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE checkpoint SET digest = ?")?.execute(params![digest]).map(drop)
}

/// Checks the pages and indexes of a file, and the digest of its rows.
pub(crate) fn check(connection: &Connection, fold: &dyn Fold) -> Result<(), Failure> {
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(Failure::Damaged(found));
    }
    check_digest(connection, fold)
}

/// Converts a number for SQLite, whose integers are signed.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Removes a database file with its write-ahead log and shared memory. Missing files are no error.
pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
    for suffix in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
