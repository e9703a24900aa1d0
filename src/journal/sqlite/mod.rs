//! The embedded engine: one SQLite file, one writer, many readers.
//!
//! **Invariant:** only one process writes, and in it only one thread, which also waits for the disk
//! to sync. With the write-ahead log and `synchronous=FULL`, an acknowledged event survives a power
//! failure.

mod backup;
mod figures;
mod group;
mod lock;
mod open;
mod readers;
mod reading;
mod recent;
mod restore;
mod rows;
mod schema;
mod stats;
mod witness;
mod writer;

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use schemas::{Position, Revision, Stored, Stream};
use tokio::sync::watch;

pub use self::{
    backup::{BackupError, backup},
    open::OpenError,
    restore::{RestoreError, restore},
    stats::{KindStats, Stats, stats},
};
use self::{readers::Readers, writer::Writer};
use crate::{
    Append, AppendError, Appended, Clock, Failure, Figure, Journal, Restored, Subscription,
    chain::{Entry, Head},
    placement::{admit, admit_together},
    subscription::Source,
    tail::Tail,
};

/// Maximum time for which a connection waits for a lock that another connection holds, such as an
/// operator's `sqlite3` shell.
const PATIENCE: Duration = Duration::from_secs(5);

/// A journal in an SQLite file. Dropping the value closes the file, which may wait for the disk.
#[derive(Debug)]
pub struct Sqlite {
    reads: Arc<Reads>,
    mode: Mode,
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // The idle readers are closed before the locked file. Closing that file releases every lock
        // that SQLite has on it in this process.
        self.reads.readers.close_idle();
    }
}

#[derive(Debug)]
enum Mode {
    Writing(Writer),
    Reading {
        /// Position of the last event when the journal was opened.
        end: Position,
    },
}

/// Returns true if the witness file of a journal (which holds its last acknowledged end) is
/// damaged. A lost end of the journal would then not be noticed.
pub fn has_damaged_witness(path: &Path) -> bool {
    witness::is_damaged(path)
}

/// Opens a journal for appending and reading, and creates it if it does not exist.
pub fn open(path: &Path) -> Result<Sqlite, OpenError> {
    open_with(path, Clock::Machine)
}

/// Opens a journal as [`open`] does, with another clock.
pub fn open_with(path: &Path, clock: Clock) -> Result<Sqlite, OpenError> {
    open::to_write(path, clock)
}

/// Opens a journal for reading only, also while another process appends to it. A subscription ends
/// when it has delivered the events that were stored when the journal was opened.
pub fn open_read_only(path: &Path) -> Result<Sqlite, OpenError> {
    open::to_read(path)
}

/// The parts of a journal that read its events. A subscription holds a reference to them, which
/// does not keep the journal open.
#[derive(Debug)]
struct Reads {
    readers: Arc<Readers>,
    /// The newest events in memory; `None` if this process does not write.
    tail: Option<Arc<Tail>>,
}

impl From<rusqlite::Error> for Failure {
    fn from(cause: rusqlite::Error) -> Self {
        let is_full = open::is_without_room(&cause);
        if is_full { Self::Full(Arc::new(cause)) } else { Self::storage(cause) }
    }
}

#[async_trait]
impl Journal for Sqlite {
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        match &self.mode {
            Mode::Writing(writer) => writer.append(appends.into_iter().map(admit).collect()).await,
            Mode::Reading { .. } => vec![Err(AppendError::Unavailable(Failure::ReadOnly)); appends.len()],
        }
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Vec<Appended>, AppendError> {
        match &self.mode {
            Mode::Writing(writer) => writer.append_together(admit_together(appends)?).await,
            Mode::Reading { .. } => Err(AppendError::Unavailable(Failure::ReadOnly)),
        }
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.reads.readers.read(move |connection| rows::of_stream(connection, stream, from, limit)).await
    }

    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure> {
        self.reads.readers.read(move |connection| rows::last_of_stream(connection, stream)).await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.reads.after(after, limit).await
    }

    async fn head(&self) -> Result<Position, Failure> {
        match &self.mode {
            Mode::Writing(writer) => Ok(*writer.head().borrow()),
            Mode::Reading { .. } => self.reads.readers.read(|connection| Ok(rows::last_position(connection)?)).await,
        }
    }

    fn subscribe(&self, after: Position) -> Subscription {
        let head = match &self.mode {
            Mode::Writing(writer) => writer.head().clone(),
            Mode::Reading { end } => watch::channel(*end).1,
        };
        Subscription::new(Arc::clone(&self.reads) as Arc<dyn Source>, head, after)
    }

    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.reads.readers.read(move |connection| rows::entries(connection, after, limit)).await
    }

    async fn hashes(&self, after: Position, limit: usize) -> Result<Vec<(Position, Vec<u8>)>, Failure> {
        self.reads.readers.read(move |connection| Ok(rows::hashes(connection, after, limit)?)).await
    }

    async fn entries_at(&self, positions: &[Position]) -> Result<Vec<Entry>, Failure> {
        let positions = positions.to_vec();
        let read = move |connection: &rusqlite::Connection| {
            let mut found = Vec::with_capacity(positions.len());
            for position in positions {
                let entry = rows::entries(connection, position.previous(), 1)?.pop();
                found.extend(entry.filter(|entry| entry.position == position));
            }
            Ok(found)
        };
        self.reads.readers.read(read).await
    }

    async fn chain_head(&self) -> Result<Option<Head>, Failure> {
        self.reads.readers.read(|connection| Ok(Some(rows::chain_head(connection)?))).await
    }

    async fn witness(&self) -> Result<Option<Head>, Failure> {
        Ok(witness::read(self.reads.readers.path()))
    }

    async fn restores(&self) -> Result<Vec<Restored>, Failure> {
        self.reads.readers.read(|connection| Ok(rows::restores(connection)?)).await
    }

    async fn storage_faults(&self) -> Result<Vec<String>, Failure> {
        self.reads.readers.read(|connection| Ok(rows::storage_faults(connection)?)).await
    }

    fn figures(&self) -> Vec<Figure> {
        figures::of(self.reads.readers.path())
    }

    async fn is_writable(&self) -> Result<(), Failure> {
        match &self.mode {
            Mode::Writing(writer) => writer.is_writable().await,
            Mode::Reading { .. } => Err(Failure::ReadOnly),
        }
    }
}

#[async_trait]
impl Source for Reads {
    async fn after(&self, position: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        match self.tail.as_ref().and_then(|tail| tail.after(position, limit)) {
            Some(events) => Ok(events),
            None => self.readers.read(move |connection| rows::in_order(connection, position, limit)).await,
        }
    }
}
