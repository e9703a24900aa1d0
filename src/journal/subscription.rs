//! Subscriptions: stored events first, then new ones as they are committed, in the journal's order.
//!
//! **Invariant:** a subscription holds a position and no events. A slow subscriber reads the events
//! it missed from the journal, so memory is bounded and no event is skipped.

use std::{
    fmt::{self, Debug},
    sync::Arc,
};

use async_trait::async_trait;
use schemas::{Position, Stored};
use tokio::sync::watch;

use crate::{Failure, limits::BATCH_EVENTS};

/// The source from which a subscription gets events. A source must not keep the journal open,
/// because subscriptions end when it is closed.
#[async_trait]
pub trait Source: Send + Sync + Debug {
    /// Returns at most `limit` events after a position; empty only if there are no later events
    /// yet.
    async fn after(&self, position: Position, limit: usize) -> Result<Vec<Stored>, Failure>;
}

/// A function by which a layer above an engine decodes (decrypts and decompresses) an event that
/// was read.
pub type Open = Arc<dyn Fn(Stored) -> Result<Stored, Failure> + Send + Sync>;

/// A source that decodes the events of another source.
struct Through {
    source: Arc<dyn Source>,
    open: Open,
}

impl fmt::Debug for Through {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Through").field("source", &self.source).finish_non_exhaustive()
    }
}

#[async_trait]
impl Source for Through {
    async fn after(&self, position: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.source.after(position, limit).await?.into_iter().map(|stored| (self.open)(stored)).collect()
    }
}

/// A subscription to all events after a position, delivered in batches.
#[derive(Debug)]
pub struct Subscription {
    source: Arc<dyn Source>,
    /// The position of the last durable event.
    head: watch::Receiver<Position>,
    seen: Position,
}

impl Subscription {
    /// Creates a subscription to the events after a position. The subscription ends once the sender
    /// of `head` is dropped and all events up to its last value are delivered.
    pub fn new(source: Arc<dyn Source>, head: watch::Receiver<Position>, after: Position) -> Self {
        Self { source, head, seen: after }
    }

    /// Returns the same subscription, with `open` applied to each event before it is delivered.
    #[must_use]
    pub fn through(self, open: Open) -> Self {
        Self { source: Arc::new(Through { source: self.source, open }), ..self }
    }

    /// Continues with the events after a position.
    pub fn continue_after(&mut self, position: Position) {
        self.seen = position;
    }

    /// Returns the next events, at least one. Returns `None` after the last event of a journal that
    /// was closed or is read-only. After an error, and if the future is dropped, the next call
    /// returns the same events.
    pub async fn next(&mut self) -> Result<Option<Vec<Stored>>, Failure> {
        loop {
            let head = *self.head.borrow_and_update();
            if self.seen < head {
                let batch = self.source.after(self.seen, BATCH_EVENTS).await?;
                if let Some(last) = batch.last() {
                    self.seen = last.position;
                    return Ok(Some(batch));
                }
            }
            if self.head.changed().await.is_err() {
                return Ok(None);
            }
        }
    }
}
