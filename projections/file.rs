//! A projection's file: opened, made, thrown away when it cannot be trusted.
//!
//! **Invariant:** rows and checkpoint are written in one transaction. Whoever kills the process loses at most whole
//! transactions, which the journal brings again.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OptionalExtension, config::DbConfig, params};
use schemas::Position;

use crate::{failure::Failure, projection::Projection};

/// Every page that an event touches is written whole, so that small ones cost less.
const PAGE_BYTES: u32 = 4_096;
/// Memory for pages of one connection: negative KiB, as SQLite counts.
const WRITER_CACHE_KIB: i64 = -1_024;
/// Pages in the write-ahead log after which the feed itself carries them over into the file, should the carrier never
/// find it at rest.
const LOG_PAGES: i64 = 16_000;
/// Prepared statements kept by one connection.
pub(crate) const STATEMENTS: usize = 64;

/// `collections.v1.sqlite`
pub(crate) fn path(folder: &Path, projection: &dyn Projection) -> PathBuf {
    folder.join(format!("{}.v{}.sqlite", projection.name(), projection.version()))
}

/// Statements are planned once, whatever values they are asked with later: SQLite would plan anew with each new limit.
pub(crate) fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Opens the file for writing; a damaged one is built anew.
pub(crate) fn open(folder: &Path, projection: &dyn Projection) -> Result<(Connection, Position), Failure> {
    let path = path(folder, projection);
    match try_open(&path, projection) {
        Err(error) if is_damage(&error) => {
            tracing::warn!(%error, file = %path.display(), "this read model is damaged and is built anew");
            remove(&path)?;
            Ok(try_open(&path, projection)?)
        }
        opened => Ok(opened?),
    }
}

/// Whether the file is to blame, and not the disk, the rights or the neighbours.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        // `Unknown` is what SQLite calls a table that is not there.
        rusqlite::Error::SqliteFailure(failure, _) => {
            matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown)
        }
        error => matches!(error, rusqlite::Error::QueryReturnedNoRows | rusqlite::Error::InvalidColumnType(..)),
    }
}

/// Whether the disk is to blame, the rights or the neighbours, so that it may be otherwise in a moment.
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

fn try_open(path: &Path, projection: &dyn Projection) -> rusqlite::Result<(Connection, Position)> {
    let mut connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    plan_once(&connection)?;
    // NORMAL: a commit does not wait for the disk, but a power failure cannot mix old pages with new ones either, which
    // OFF would risk where the log is carried over, and nobody would notice.
    connection.execute_batch(&format!(
        "PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
         PRAGMA cache_size = {WRITER_CACHE_KIB}; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = {LOG_PAGES};"
    ))?;
    let known: Option<String> =
        connection.query_row("SELECT name FROM sqlite_master LIMIT 1", [], |row| row.get(0)).optional()?;
    if known.is_none() {
        let making = connection.transaction()?;
        making.execute_batch("CREATE TABLE checkpoint (position INTEGER NOT NULL)")?;
        making.execute("INSERT INTO checkpoint VALUES (0)", [])?;
        projection.create(&making)?;
        making.commit()?;
    }
    let position: i64 = connection.query_row("SELECT position FROM checkpoint", [], |row| row.get(0))?;
    Ok((connection, Position(position.unsigned_abs())))
}

/// Notes how far the rows have come, in their own transaction.
pub(crate) fn save(connection: &Connection, position: Position) -> rusqlite::Result<()> {
    let position = i64::try_from(position.0).unwrap_or(i64::MAX);
    connection.prepare_cached("UPDATE checkpoint SET position = ?")?.execute(params![position]).map(drop)
}

/// Removes a file and what SQLite keeps beside it.
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

/// Removes what other versions of a projection left behind.
pub(crate) fn remove_other_versions(folder: &Path, projection: &dyn Projection) -> Result<(), Failure> {
    let prefix = format!("{}.v", projection.name());
    let current = path(folder, projection);
    for entry in std::fs::read_dir(folder)? {
        let found = entry?.path();
        let name = found.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_main = found.extension().is_some_and(|extension| extension == "sqlite");
        if name.starts_with(&prefix) && is_main && found != current {
            remove(&found)?;
        }
    }
    Ok(())
}
