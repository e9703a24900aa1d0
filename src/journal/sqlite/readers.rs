//! Connections for reading, separate from the writer's connection.
//!
//! **Invariant:** a read never waits for a write, and never blocks an async runtime of several
//! threads. Readers see only committed events.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::Semaphore,
};

use super::reading;
use crate::Failure;

/// Maximum number of concurrent reads. More reads would only compete for the same disk and cores.
const MAX_READERS: usize = 8;
/// The page cache of a reading connection in KiB (passed to SQLite as a negative number).
const CACHE_KIB: i64 = 256;

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    /// Opens the first connection, so that an unreadable journal is noticed when it is opened.
    pub(super) fn open(path: &Path) -> rusqlite::Result<Self> {
        let first = connect(path)?;
        let permits = Arc::new(Semaphore::new(MAX_READERS));
        Ok(Self { path: path.to_owned(), idle: Mutex::new(vec![first]), permits })
    }

    /// Returns the path of the journal's file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Closes the connections that are not in use.
    pub(super) fn close_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Runs a query on a thread that may wait for the disk. On a single-threaded runtime the query
    /// runs on the current thread, which it then blocks: handing it to another thread takes longer
    /// than most queries.
    pub(super) async fn read<T, Q>(self: &Arc<Self>, query: Q) -> Result<T, Failure>
    where
        T: Send + 'static,
        Q: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
            return self.with(query);
        }
        let permit = Arc::clone(&self.permits).acquire_owned().await.expect("the semaphore is never closed");
        let readers = Arc::clone(self);
        let answer = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            readers.with(query)
        });
        answer.await.map_err(Failure::storage)?
    }

    /// Runs a query on the current thread.
    pub(super) fn with<T, E>(&self, query: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E>
    where
        E: From<rusqlite::Error>,
    {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let connection = kept.map_or_else(|| connect(&self.path), Ok)?;
        let answer = query(&connection);
        idle().push(connection);
        answer
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = reading::connect(path)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    Ok(connection)
}
