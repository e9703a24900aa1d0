//! Subscriptions: catch-up, then live, in one order.
//!
//! **Invariant:** a subscription holds a position and no events. A slow subscriber reads missed
//! events from the journal, so memory is bounded and no event is skipped.

use std::{
    fmt::{self, Debug},
    sync::Arc,
};

use async_trait::async_trait;
use schemas::{Position, Stored};
use tokio::sync::watch;

use crate::{Failure, limits::BATCH_EVENTS};

/// The source of a subscription: new events from memory, older ones from the engine. It must not
/// keep the journal open.
#[async_trait]
pub trait Source: Send + Sync + Debug {
    /// Returns the events after a position, at most `limit`; empty only if there are no later
    /// events yet.
    async fn after(&self, position: Position, limit: usize) -> Result<Vec<Stored>, Failure>;
}

/// The step by which a layer above an engine decodes an event that is read.
pub type Open = Arc<dyn Fn(Stored) -> Result<Stored, Failure> + Send + Sync>;

/// A source whose events are opened.
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

/// Everything after a position, batch by batch.
#[derive(Debug)]
pub struct Subscription {
    source: Arc<dyn Source>,
    /// The position of the last durable event.
    head: watch::Receiver<Position>,
    seen: Position,
}

impl Subscription {
    /// Creates a subscription to the events after a position. It ends when the sender of `head` is
    /// dropped.
    pub fn new(source: Arc<dyn Source>, head: watch::Receiver<Position>, after: Position) -> Self {
        Self { source, head, seen: after }
    }

    /// The same subscription, whose events go through `open` on their way.
    #[must_use]
    pub fn through(self, open: Open) -> Self {
        Self { source: Arc::new(Through { source: self.source, open }), ..self }
    }

    /// Returns the next events, at least one; `None` after the journal has closed and everything
    /// was delivered. Dropping the future loses nothing.
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
