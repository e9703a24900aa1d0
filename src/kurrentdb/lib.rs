//! The engine for KurrentDB: one journal for several Daybook servers, each with its own read
//! models.
//!
//! **Invariant:** whatever the network or the client library does, an append is stored once or not
//! at all. The result states which, or that the outcome is unknown. Every wait and every buffer has
//! a limit. Because several processes write, each stream has its own hash chain.

#![warn(missing_docs)]

mod append;
mod backoff;
mod connection;
mod ends;
mod feed;
mod interrupt;
mod listener;
mod open;
mod pem;
mod read;
mod record;
mod settings;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use schemas::{Position, Revision, Stored, Stream};
use tokio::sync::watch;

pub use self::open::OpenError;
use self::{connection::Connection, ends::Ends, feed::Feed};
use journal::{
    Append, AppendError, Appended, Failure, Figure, Journal, Subscription,
    chain::{Entry, Head},
    engine::{Source, Tail},
};

/// Timeouts of the engine.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Timeout of one attempt of an operation.
    pub answer: Duration,
    /// Timeout of an operation with all its retries. An attempt that began before it is over may
    /// end later, by at most `answer`.
    pub operation: Duration,
    /// Time without any event or sign of life after which the live subscription is replaced. The
    /// thread of the subscription sends a sign of life every second.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(5),
            // This timeout is longer than a cluster needs to elect another leader.
            operation: Duration::from_secs(15),
            silence: Duration::from_secs(10),
        }
    }
}

/// A journal in KurrentDB. Dropping it ends its subscription.
#[derive(Debug)]
pub struct Kurrent {
    engine: Arc<Engine>,
    head: watch::Sender<Position>,
    _feed: Feed,
}

/// The part of the journal that its subscribers share. A subscriber does not keep the journal's
/// live subscription to KurrentDB open.
#[derive(Debug)]
struct Engine {
    connection: Connection,
    ends: Arc<Ends>,
    tail: Arc<Tail>,
}

/// Opens the journal at a connection string: `kurrentdb://user:password@host:2113?tls=true`.
pub async fn open(url: &str) -> Result<Kurrent, OpenError> {
    open_with(url, Patience::default()).await
}

/// Opens a journal as [`open`] does, with other timeouts.
pub async fn open_with(url: &str, patience: Patience) -> Result<Kurrent, OpenError> {
    open::open(url, patience).await
}

#[async_trait]
impl Journal for Kurrent {
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let count = appends.len();
        let engine = Arc::clone(&self.engine);
        // The appends run in a separate task, so that a caller that stops waiting does not cancel
        // them.
        let answers = tokio::spawn(async move { engine.append_many(appends).await }).await;
        let answers = answers.unwrap_or_else(|_| vec![Err(AppendError::Unavailable(Failure::Closed)); count]);
        if let Some(newest) = answers.iter().flatten().map(|appended| appended.position).max() {
            feed::advance(&self.head, newest);
        }
        answers
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.engine.read_stream(stream, from, limit).await
    }

    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure> {
        self.engine.read_last(stream).await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.engine.page(after, limit).await?.into_iter().map(Entry::stored).collect()
    }

    async fn head(&self) -> Result<Position, Failure> {
        let known = *self.head.borrow();
        self.engine.head(known).await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        Subscription::new(Arc::clone(&self.engine) as Arc<dyn Source>, self.head.subscribe(), after)
    }

    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.engine.page(after, limit).await
    }

    async fn chain_head(&self) -> Result<Option<Head>, Failure> {
        Ok(None)
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn figures(&self) -> Vec<Figure> {
        self.engine.connection.figures()
    }
}

#[async_trait]
impl Source for Engine {
    async fn after(&self, position: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        match self.tail.after(position, limit) {
            Some(events) if !events.is_empty() => Ok(events),
            // The events are older than the tail, or newer than the last event of the live
            // subscription.
            _ => self.page(position, limit).await?.into_iter().map(Entry::stored).collect(),
        }
    }
}
