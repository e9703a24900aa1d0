//! A projection's file: opened, made, thrown away when it cannot be trusted.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};
use schemas::Position;

use crate::{failure::Failure, projection::Projection};

/// Memory for pages of one connection: negative KiB, as SQLite counts.
const WRITER_CACHE_KIB: i64 = -4_096;
/// Prepared statements kept by one connection.
pub(crate) const STATEMENTS: usize = 64;

/// `collections.v1.sqlite`
pub(crate) fn path(folder: &Path, projection: &dyn Projection) -> PathBuf {
    folder.join(format!("{}.v{}.sqlite", projection.name(), projection.version()))
}

/// Opens the file for writing; a damaged one is built anew.
pub(crate) fn open(folder: &Path, projection: &dyn Projection) -> Result<(Connection, Position), Failure> {
    let path = path(folder, projection);
    match try_open(&path, projection) {
        Ok(opened) => Ok(opened),
        Err(error) => {
            tracing::warn!(%error, file = %path.display(), "this read model is damaged and is built anew");
            remove(&path)?;
            Ok(try_open(&path, projection)?)
        }
    }
}

fn try_open(path: &Path, projection: &dyn Projection) -> rusqlite::Result<(Connection, Position)> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Rebuilt at will: a power failure may cost the file, which is then built anew, but never its inner agreement:
    // a process that is killed loses nothing that it handed to the operating system.
    connection.execute_batch(&format!(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; \
         PRAGMA cache_size = {WRITER_CACHE_KIB}; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 2000;"
    ))?;
    let known: Option<String> = connection
        .query_row("SELECT name FROM sqlite_master WHERE name = 'checkpoint'", [], |row| row.get(0))
        .optional()?;
    if known.is_none() {
        connection.execute_batch("BEGIN")?;
        connection.execute_batch("CREATE TABLE checkpoint (position INTEGER NOT NULL)")?;
        connection.execute("INSERT INTO checkpoint VALUES (0)", [])?;
        projection.create(&connection)?;
        connection.execute_batch("COMMIT")?;
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
            _ => {}
        }
    }
    Ok(())
}

/// Removes what other versions of these projections left behind.
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
