//! Opens read-only connections, also to a file on a read-only disk.

use std::{fmt::Write as _, path::Path};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use super::{OpenError, PATIENCE, lock::with_suffix};

pub(super) fn exists(path: &Path) -> Result<(), OpenError> {
    if path.try_exists()? { Ok(()) } else { Err(OpenError::Missing(path.to_owned())) }
}

pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path)?;
    // With the setting QPSG (query planner stability guarantee), SQLite plans a statement once,
    // whatever values are bound later. Otherwise SQLite would plan the statement again for each new
    // limit.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    match connection.query_row("SELECT count(*) FROM sqlite_schema", (), |_| Ok(())) {
        // SQLite creates files next to a database with a write-ahead log, even to read it. On a
        // read-only disk, a database without a log can be opened as immutable.
        Err(cause) if cannot_be_shared(&cause) && !with_suffix(path, "-wal").exists() => {
            Connection::open_with_flags(immutable(path), flags | OpenFlags::SQLITE_OPEN_URI)
        }
        Err(cause) => Err(cause),
        Ok(()) => Ok(connection),
    }
}

fn cannot_be_shared(cause: &rusqlite::Error) -> bool {
    matches!(cause.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// Returns the path as a `file:` URI with `immutable=1`.
fn immutable(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            // Writing to a string never fails.
            byte => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri + "?immutable=1"
}
