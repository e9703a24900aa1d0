//! The port: all that an engine must be able to do.
//!
//! **Invariant:** small enough for every engine. A position is opaque and increases in commit order; a stream's
//! revisions are dense from 0.

use std::{
    error::Error,
    fmt::{self, Debug},
    path::PathBuf,
    sync::Arc,
};

use async_trait::async_trait;
use schemas::{Expected, Metadata, NewEvent, Position, Revision, Stored, Stream};

use crate::{
    Subscription,
    chain::{Entry, Head},
};

/// Events for one stream, stored together or not at all. Never empty.
#[derive(Debug, Clone)]
pub struct Append {
    pub stream: Stream,
    pub expected: Expected,
    /// Stored with each of the events.
    pub metadata: Metadata,
    pub events: Vec<NewEvent>,
}

/// Where the last event of an append came to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    pub revision: Revision,
    pub position: Position,
}

/// Why an append did not happen.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// Somebody else was there first, or nobody was. Load, decide again.
    #[error("the stream is at {}", Actual(*.actual))]
    WrongExpectedRevision {
        /// `None`: the stream does not exist.
        actual: Option<Revision>,
    },
    #[error("an append of {found} exceeds {limit} = {allowed}")]
    TooLarge {
        /// The name of the constant in [`crate::limits`].
        limit: &'static str,
        allowed: usize,
        found: usize,
    },
    /// Whether the append happened is unknown: repeat it with the same ids.
    #[error(transparent)]
    Unavailable(#[from] Failure),
}

/// The world said no.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    #[error("the journal is closed")]
    Closed,
    #[error("the journal was opened to be read only")]
    ReadOnly,
    /// The journal lies elsewhere, and nobody answers there, or answers that now is not the time.
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
    /// A row that this program did not write like that; `verify` says more.
    #[error("the event at position {position} is damaged: {why}")]
    Damaged { position: Position, why: String },
    /// The storage gives nothing to read where the next event should be.
    #[error("the journal cannot be read after position {after}: {why}. Restore a copy")]
    Unreadable { after: Position, why: String },
}

impl Failure {
    /// The failure of an engine whose server cannot be reached.
    pub fn unreachable(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Unreachable(Arc::new(cause))
    }

    /// Whether what failed now may succeed later, without anybody repairing what is stored.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Storage(_) | Self::Full(_) => true,
            Self::Closed | Self::ReadOnly | Self::Vanished(_) | Self::Damaged { .. } | Self::Unreadable { .. } => false,
        }
    }

    /// The failure of an engine whose storage did not do what it was asked, for any other reason.
    pub fn storage(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Storage(Arc::new(cause))
    }
}

/// An engine that keeps events.
///
/// Dropping the future of an append does not take the append back.
#[async_trait]
pub trait Journal: Send + Sync + Debug {
    /// Stores the events if the stream is where it is expected to be. Repeating an append with the same event ids at
    /// the same place answers as the first time.
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.append_many(vec![append]).await.pop().expect("every append is answered")
    }

    /// Several independent appends in one durable group, those of one stream in this order; each succeeds or fails on
    /// its own.
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>>;

    /// The events of a stream, forwards. Fewer than `limit`: there are no more.
    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure>;

    /// The last event of a stream.
    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure>;

    /// Events in the journal's order. A page may hold fewer than `limit`: only an empty one is the end.
    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure>;

    /// The position of the last event; [`Position::START`] if there is none.
    async fn head(&self) -> Result<Position, Failure>;

    /// Everything after a position: first what is there, then what comes, in one order without gap or repetition.
    fn subscribe(&self, after: Position) -> Subscription;

    /// Like [`Self::read_all`], as the bytes lie there: what an auditor judges.
    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure>;

    /// The end of the one hash chain as it is kept beside the events; `None` where several write at once, so that
    /// each stream has a chain of its own and nobody could keep an end of all of them.
    async fn chain_head(&self) -> Result<Option<Head>, Failure>;

    /// The end that was last acknowledged, as it is kept apart from the events; `None` if the engine keeps none. A
    /// journal that ends before it has lost events.
    async fn witness(&self) -> Result<Option<Head>, Failure> {
        Ok(None)
    }

    /// Lists what the storage itself finds wrong in its files, indexes too; empty: nothing.
    async fn storage_faults(&self) -> Result<Vec<String>, Failure> {
        Ok(vec![])
    }

    /// Checks that appends can be stored, as far as the engine can tell without one; the error says why they cannot.
    async fn is_writable(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// Whether other processes append too: what was read a moment ago may be old.
    fn is_shared(&self) -> bool {
        false
    }

    /// What an operator may want to watch: names and numbers of the engine's own.
    fn figures(&self) -> Vec<(&'static str, u64)> {
        vec![]
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
