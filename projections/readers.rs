//! Connections that only read: a few, kept open, handed out in turn.

use std::{
    fmt,
    ops::Deref,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};

use crate::{failure::Failure, file};

/// Connections kept open between uses.
const KEPT_OPEN: usize = 8;
/// Memory for pages of one connection: negative KiB, as SQLite counts.
const READER_CACHE_KIB: i64 = -1_024;
/// The part of the file that is read through memory maps.
const MAPPED_BYTES: i64 = 256 * 1024 * 1024;

#[derive(Clone)]
pub(crate) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(crate) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Arc::default() }
    }

    /// A connection of one's own, until it is dropped.
    pub(crate) fn take(&self) -> Result<Reader, Failure> {
        let idle = self.idle.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open(&self.path)?,
        };
        Ok(Reader { connection: Some(connection), idle: Arc::clone(&self.idle), transaction: Transaction::None })
    }

    /// A connection that sees the file as it is now, whatever is written meanwhile.
    pub(crate) fn freeze(&self) -> Result<Reader, Failure> {
        let mut reader = self.take()?;
        reader.execute_batch("BEGIN")?;
        reader.transaction = Transaction::Open;
        Ok(reader)
    }
}

fn open(path: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(file::STATEMENTS);
    connection.execute_batch(&format!("PRAGMA cache_size = {READER_CACHE_KIB}; PRAGMA mmap_size = {MAPPED_BYTES};"))?;
    Ok(connection)
}

#[derive(Debug, PartialEq, Eq)]
enum Transaction {
    None,
    Open,
}

/// A connection on loan.
pub(crate) struct Reader {
    connection: Option<Connection>,
    idle: Arc<Mutex<Vec<Connection>>>,
    transaction: Transaction,
}

impl Deref for Reader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("the connection goes back only when the loan is over")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let is_clean = self.transaction == Transaction::None || connection.execute_batch("ROLLBACK").is_ok();
        let mut idle = self.idle.lock();
        if is_clean && idle.len() < KEPT_OPEN {
            idle.push(connection);
        }
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Readers({})", self.path.display())
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}
