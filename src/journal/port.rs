//! The port: all that an engine must be able to do.
//!
//! **Invariant:** small enough for every engine. Positions are opaque and increase in commit order.
//! The revisions of a stream count from 0 without gaps.

use std::{
    error::Error,
    fmt::{self, Debug},
    path::PathBuf,
    sync::Arc,
};

use async_trait::async_trait;
use schemas::{Expected, Metadata, NewEvent, Position, Revision, Stored, Stream, Timestamp};

use crate::{
    Subscription,
    chain::{Entry, Head},
};

/// Events for one stream, stored together or not at all.
#[derive(Debug, Clone)]
pub struct Append {
    /// The stream they are appended to.
    pub stream: Stream,
    /// The revision the stream must have.
    pub expected: Expected,
    /// Stored with the events: all of it with the first, [`Metadata::further`] with the others.
    pub metadata: Metadata,
    /// At least one event.
    pub events: Vec<NewEvent>,
}

/// A restore of the journal from a copy. Positions after it may have been given to other events
/// before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// Position of the last event of the copy.
    pub position: Position,
    /// When the copy took the place of the journal.
    pub at: Timestamp,
}

/// The place of the last event of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its number in the stream.
    pub revision: Revision,
    /// Its position in the journal.
    pub position: Position,
}

/// Why an append did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// The stream is not at the expected revision, or does not exist: load it and decide again.
    #[error("the stream is at {}", Actual(*.actual))]
    WrongExpectedRevision {
        /// `None`: the stream does not exist.
        actual: Option<Revision>,
    },
    /// The append exceeds a limit.
    #[error("an append of {found} exceeds {limit} = {allowed}")]
    TooLarge {
        /// The name of the constant in [`crate::limits`].
        limit: &'static str,
        /// Its value: events or bytes.
        allowed: usize,
        /// The size of the append.
        found: usize,
    },
    /// The journal failed. Unless the failure says otherwise, it is unknown whether the append was
    /// stored: retry it with the same ids.
    #[error(transparent)]
    Unavailable(#[from] Failure),
}

/// Why the journal cannot be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The process is about to end.
    #[error("the journal is closed")]
    Closed,
    /// The journal was opened to read.
    #[error("the journal was opened to be read only")]
    ReadOnly,
    /// A remote journal did not answer, or is temporarily unavailable.
    #[error("the journal cannot be reached: {0}")]
    Unreachable(Arc<dyn Error + Send + Sync>),
    /// Whether an append happened is unknown.
    #[error("the journal's storage failed: {0}")]
    Storage(Arc<dyn Error + Send + Sync>),
    /// Nothing was stored. Appends succeed again once there is room.
    #[error("the disk of the journal is full: {0}")]
    Full(Arc<dyn Error + Send + Sync>),
    /// Whatever is appended to the open file is lost with the process.
    #[error("the journal's file {} was removed or replaced while it is open: stop the server and restore a copy", .0.display())]
    Vanished(PathBuf),
    /// The journal is whole, but a key that opens its events is not.
    #[error("{0}")]
    Key(Arc<dyn Error + Send + Sync>),
    /// An event is not in a version that this program writes. `daybook verify` gives details.
    #[error("the event at position {position} is damaged: {why}")]
    Damaged {
        /// Position of the event.
        position: Position,
        /// Which part of it is damaged, and how.
        why: String,
    },
    /// The storage cannot be read where the next event should be.
    #[error("the journal cannot be read after position {after}: {why}. Restore a copy")]
    Unreadable {
        /// Position of the last event that can be read.
        after: Position,
        /// The message of the storage.
        why: String,
    },
}

impl Failure {
    /// The failure of an engine whose server cannot be reached.
    pub fn unreachable(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Unreachable(Arc::new(cause))
    }

    /// Returns true if a retry may succeed without repairing the storage.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Storage(_) | Self::Full(_) => true,
            Self::Closed
            | Self::ReadOnly
            | Self::Key(_)
            | Self::Vanished(_)
            | Self::Damaged { .. }
            | Self::Unreadable { .. } => false,
        }
    }

    /// Converts any other error of an engine's storage.
    pub fn storage(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Storage(Arc::new(cause))
    }
}

/// An engine that keeps events.
///
/// Dropping the future of an append does not cancel the append.
#[async_trait]
pub trait Journal: Send + Sync + Debug {
    /// Stores the events if the stream has the expected revision. An append that repeats an earlier
    /// one, with the same event ids at the same revision, stores nothing and is answered as the
    /// first.
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.append_many(vec![append]).await.pop().expect("every append is answered")
    }

    /// Stores several independent appends in one durable group, those of one stream in this order.
    /// Each succeeds or fails on its own; the answers have the order of the appends.
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>>;

    /// Returns the events of a stream from a revision on, at most `limit`. Fewer than `limit` are
    /// the last ones.
    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure>;

    /// Returns the last event of a stream; `None` if the stream does not exist.
    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure>;

    /// Returns events after a position in the journal's order, at most `limit`. Only an empty page
    /// is the end.
    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure>;

    /// Returns the position of the last event; [`Position::START`] if there is none.
    async fn head(&self) -> Result<Position, Failure>;

    /// Subscribes to all events after a position: first the stored ones, then new ones, in order,
    /// without gap or repetition.
    fn subscribe(&self, after: Position) -> Subscription;

    /// Returns what [`Self::read_all`] does as the bytes that are stored, for an auditor.
    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure>;

    /// Returns the events at these positions, in this order, as [`Self::entries`] does. Positions
    /// without an event are skipped.
    async fn entries_at(&self, positions: &[Position]) -> Result<Vec<Entry>, Failure> {
        let mut found = Vec::with_capacity(positions.len());
        for position in positions {
            let entry = self.entries(position.previous(), 1).await?.pop();
            found.extend(entry.filter(|entry| entry.position == *position));
        }
        Ok(found)
    }

    /// Returns position and hash of what [`Self::entries`] returns, as they are stored.
    async fn hashes(&self, after: Position, limit: usize) -> Result<Vec<(Position, Vec<u8>)>, Failure> {
        let entries = self.entries(after, limit).await?;
        Ok(entries.into_iter().map(|entry| (entry.position, entry.hash)).collect())
    }

    /// Opens an event that was read by [`Self::entries`], as the other reading methods do by
    /// themselves. An engine returns it as it is; a layer that encrypts decrypts it.
    fn opened(&self, stored: Stored) -> Result<Stored, Failure> {
        Ok(stored)
    }

    /// Returns the recorded end of the journal's hash chain; `None` if several processes write, so
    /// that each stream has its own chain.
    async fn chain_head(&self) -> Result<Option<Head>, Failure>;

    /// Returns the last acknowledged end, which is stored apart from the events; `None` if the
    /// engine stores none. A journal that ends before it has lost events.
    async fn witness(&self) -> Result<Option<Head>, Failure> {
        Ok(None)
    }

    /// Returns the restores of this journal, and of those that its copies were made of, in their
    /// order; empty if the engine does not record them.
    async fn restores(&self) -> Result<Vec<Restored>, Failure> {
        Ok(vec![])
    }

    /// Returns the faults that the storage finds in its own files and indexes; empty if there are
    /// none.
    async fn storage_faults(&self) -> Result<Vec<String>, Failure> {
        Ok(vec![])
    }

    /// Checks that appends can be stored, as far as possible without storing one. The error holds
    /// the reason.
    async fn is_writable(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// Returns true if other processes append too, so that cached events can be outdated.
    fn is_shared(&self) -> bool {
        false
    }

    /// Returns the engine's own figures for `/metrics`.
    fn figures(&self) -> Vec<Figure> {
        vec![]
    }
}

/// A number for operators, as `/metrics` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// The name after the prefix `daybook_journal_`. The name of a counter ends with `_total`,
    /// which is added when it is shown.
    pub name: &'static str,
    /// One sentence without its full stop.
    pub help: &'static str,
    /// True for a number that only grows while the process lives.
    pub is_counter: bool,
    /// The number, in the unit that the name ends with.
    pub value: u64,
}

impl Figure {
    /// A number that only grows.
    pub const fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, is_counter: true, value }
    }

    /// A number that rises and falls.
    pub const fn gauge(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, is_counter: false, value }
    }
}

struct Actual(Option<Revision>);

impl fmt::Display for Actual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Revision(revision)) => write!(f, "revision {revision}"),
            None => f.write_str("its beginning"),
        }
    }
}
