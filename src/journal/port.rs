//! The port: the operations that every engine must offer.
//!
//! **Invariant:** positions are opaque and increase in commit order. The revisions of a stream
//! count from 0 without gaps.

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
    /// The stream to which the events are appended.
    pub stream: Stream,
    /// The revision that the stream must have.
    pub expected: Expected,
    /// Metadata of the events. The first event is stored with all of it, the others with
    /// [`Metadata::further`]. A cause in a [`NewEvent`] replaces that of the metadata.
    pub metadata: Metadata,
    /// The events, at least one.
    pub events: Vec<NewEvent>,
}

/// A record that the journal was replaced by a copy. Any events after `position` were lost then,
/// and later events may have received the same positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// Position of the last event of the copy.
    pub position: Position,
    /// When the copy replaced the journal.
    pub at: Timestamp,
}

/// The place of the last event of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Revision of the last event of the append: its number in the stream, from 0.
    pub revision: Revision,
    /// Position of the last event of the append.
    pub position: Position,
}

/// The reason for which an append was refused or failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// The stream is not at the expected revision, or does not exist: load it and decide again.
    #[error("another writer changed the stream first: the stream is at {}, which the append did not \
        expect", Actual(*.actual))]
    WrongExpectedRevision {
        /// The last revision of the stream; `None` if the stream does not exist.
        actual: Option<Revision>,
    },
    /// The append exceeds a limit.
    #[error(
        "the events of one change exceed the limit {limit}: they need {found}, and {allowed} are allowed; make the \
         change smaller"
    )]
    TooLarge {
        /// The name of the limit: a constant in [`crate::limits`], or a setting of the engine's
        /// server.
        limit: &'static str,
        /// The maximum, in events or bytes.
        allowed: usize,
        /// The size of the append, in events or bytes.
        found: usize,
    },
    /// The journal failed. Unless the failure says otherwise, the append may or may not have been
    /// stored: retry it with the same ids.
    #[error(transparent)]
    Unavailable(#[from] Failure),
}

/// The reason for which the journal cannot be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The journal was closed because the process is about to end, or a task that uses it crashed.
    #[error("the journal is closed: the process is about to end, or a task that uses the journal crashed")]
    Closed,
    /// The journal was opened read-only.
    #[error("the journal was opened read-only, so nothing can be stored")]
    ReadOnly,
    /// A remote journal did not answer, or is temporarily unavailable.
    #[error("the journal cannot be reached: {0}")]
    Unreachable(Arc<dyn Error + Send + Sync>),
    /// The storage failed. It is unknown whether an append was stored.
    #[error("the journal's storage failed: {0}")]
    Storage(Arc<dyn Error + Send + Sync>),
    /// The disk is full. Nothing was stored; appends succeed again when there is room.
    #[error("the disk of the journal is full, and nothing was stored: {0}; free some space")]
    Full(Arc<dyn Error + Send + Sync>),
    /// The file of the open journal was removed or replaced: the journal's path no longer leads to
    /// it.
    #[error("the journal's file {} was removed or replaced while the server uses it: stop the server, and put the \
        file back or restore a copy", .0.display())]
    Vanished(PathBuf),
    /// The journal is intact, but a key that decrypts its events is damaged.
    #[error("{0}")]
    Key(Arc<dyn Error + Send + Sync>),
    /// An event cannot be parsed, decompressed or decrypted.
    #[error("the event at position {position} is damaged: {why}")]
    Damaged {
        /// Position of the damaged event.
        position: Position,
        /// The part of the event that is damaged, and how.
        why: String,
    },
    /// The storage cannot read the next event.
    #[error("the journal cannot be read after position {after}: {why}. Restore a copy")]
    Unreadable {
        /// Position of the last event that can be read.
        after: Position,
        /// The storage's error message.
        why: String,
    },
}

impl Failure {
    /// Converts the error of an engine whose server cannot be reached.
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

/// An engine that stores events.
///
/// If the future of an append is dropped, the append may still be stored.
#[async_trait]
pub trait Journal: Send + Sync + Debug {
    /// Stores the events if the stream has the expected revision; otherwise returns
    /// [`AppendError::WrongExpectedRevision`]. An append that repeats an earlier one, with the same
    /// event ids at the same revision, stores nothing and gets the answer of the first.
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.append_many(vec![append]).await.pop().expect("every append is answered")
    }

    /// Stores several independent appends, in one durable group if the engine can do that. Appends
    /// to one stream are stored in the given order. The refusal of an append does not affect the
    /// others. The answers are in the order of the appends.
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>>;

    /// Stores appends to different streams, all of them or none. If one is refused, returns its
    /// refusal. A repetition stores nothing and gets the answers of the first time.
    ///
    /// An engine without transactions over several streams stores one after the other, and ends
    /// with the first that is refused.
    async fn append_together(&self, appends: Vec<Append>) -> Result<Vec<Appended>, AppendError> {
        let mut stored = Vec::with_capacity(appends.len());
        for append in appends {
            stored.push(self.append(append).await?);
        }
        Ok(stored)
    }

    /// Returns at most `limit` events of a stream, beginning with revision `from`. Fewer events
    /// mean that the end of the stream was reached.
    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure>;

    /// Returns the last event of a stream; `None` if the stream does not exist.
    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure>;

    /// Returns at most `limit` events after a position, in the journal's order. A page may be
    /// shorter than `limit`; only an empty page means the end of the journal.
    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure>;

    /// Returns the position of the last event; [`Position::START`] if there is none.
    async fn head(&self) -> Result<Position, Failure>;

    /// Subscribes to all events after a position: first the stored events, then new ones. They
    /// arrive in order, and none is left out or repeated.
    fn subscribe(&self, after: Position) -> Subscription;

    /// Returns events as [`Self::read_all`] does, but as stored bytes, neither parsed nor
    /// decrypted, for an auditor.
    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure>;

    /// Returns the stored bytes of the events at the given positions, in the given order. Positions
    /// without an event are skipped.
    async fn entries_at(&self, positions: &[Position]) -> Result<Vec<Entry>, Failure> {
        let mut found = Vec::with_capacity(positions.len());
        for position in positions {
            let entry = self.entries(position.previous(), 1).await?.pop();
            found.extend(entry.filter(|entry| entry.position == *position));
        }
        Ok(found)
    }

    /// Returns the position and stored hash of at most `limit` events after a position. Only an
    /// empty answer means the end of the journal.
    async fn hashes(&self, after: Position, limit: usize) -> Result<Vec<(Position, Vec<u8>)>, Failure> {
        let entries = self.entries(after, limit).await?;
        Ok(entries.into_iter().map(|entry| (entry.position, entry.hash)).collect())
    }

    /// Decodes an event that was read as an [`Entry`]; methods that return [`Stored`] decode by
    /// themselves. An engine returns the event unchanged. A layer that compresses and encrypts
    /// events reverses this.
    fn opened(&self, stored: Stored) -> Result<Stored, Failure> {
        Ok(stored)
    }

    /// Returns the recorded end of the journal's hash chain. Returns `None` if each stream has its
    /// own chain, because several processes write.
    async fn chain_head(&self) -> Result<Option<Head>, Failure>;

    /// Returns the head that was acknowledged last, which is stored apart from the events. A
    /// journal that ends before this head has lost events. Returns `None` if the engine does not
    /// store it, or its file is missing or damaged.
    async fn witness(&self) -> Result<Option<Head>, Failure> {
        Ok(None)
    }

    /// Returns the recorded restores, oldest first. A restored journal keeps those that its copy
    /// recorded. Empty if there are none, or the engine does not record them.
    async fn restores(&self) -> Result<Vec<Restored>, Failure> {
        Ok(vec![])
    }

    /// Returns the faults that the storage finds in its own files and indexes; empty if it finds
    /// none, or does not check them.
    async fn storage_faults(&self) -> Result<Vec<String>, Failure> {
        Ok(vec![])
    }

    /// Checks whether the next append can be expected to succeed, without storing an event. Returns
    /// the failure that would prevent it. An engine without a check returns `Ok`.
    async fn is_writable(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// Returns true if other processes may append too. Cached events may then be outdated.
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
    /// Name of the metric without the prefix `daybook_journal_`. For a counter, the suffix `_total`
    /// is added when it is shown.
    pub name: &'static str,
    /// The help text: one sentence without its full stop.
    pub help: &'static str,
    /// True for a counter: a number that only grows while the process lives.
    pub is_counter: bool,
    /// The number, in the unit that ends the metric's name, such as `_bytes`.
    pub value: u64,
}

impl Figure {
    /// Creates a counter, as [`Figure::is_counter`] describes it.
    pub const fn counter(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, is_counter: true, value }
    }

    /// Creates a gauge: a number that rises and falls.
    pub const fn gauge(name: &'static str, help: &'static str, value: u64) -> Self {
        Self { name, help, is_counter: false, value }
    }
}

struct Actual(Option<Revision>);

impl fmt::Display for Actual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Revision(revision)) => write!(f, "revision {revision}"),
            None => f.write_str("its beginning, without events"),
        }
    }
}
