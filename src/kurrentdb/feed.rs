//! The only live subscription of this process. It fills the tail, which caches the latest events,
//! and moves the head.
//!
//! **Invariant:** the subscription is only an optimisation. Readers that are behind or ahead of it
//! read pages from KurrentDB. After any failure it restarts after the last event that it delivered.

use std::sync::Arc;

use eventstore::ClientSettings;
use schemas::{Position, Stored};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    Engine, Patience,
    backoff::Backoff,
    listener::{Listener, News},
};
use journal::chain::Entry;

/// Handle of the subscription. Dropping it ends the subscription.
#[derive(Debug)]
pub(super) struct Feed(JoinHandle<()>);

impl Drop for Feed {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Feed {
    pub(super) fn start(
        settings: ClientSettings,
        patience: Patience,
        engine: Arc<Engine>,
        head: watch::Sender<Position>,
        at: Position,
    ) -> Self {
        let feeding = Feeding { settings, patience, engine, head, at };
        Self(tokio::spawn(feeding.for_ever()))
    }
}

/// Moves the head forwards, never back.
pub(super) fn advance(head: &watch::Sender<Position>, to: Position) {
    head.send_if_modified(|head| {
        let is_further = to > *head;
        *head = to.max(*head);
        is_further
    });
}

struct Feeding {
    settings: ClientSettings,
    patience: Patience,
    engine: Arc<Engine>,
    head: watch::Sender<Position>,
    /// Position of the last event that the subscription delivered.
    at: Position,
}

impl Feeding {
    async fn for_ever(mut self) {
        let mut backoff = Backoff::default();
        loop {
            match Listener::start(self.settings.clone(), self.at) {
                Ok(listener) => {
                    if self.listen(listener).await {
                        backoff = Backoff::default();
                    }
                }
                Err(cause) => {
                    tracing::error!(%cause, "the live subscription to KurrentDB could not be started, because the \
                        operating system refused a thread or a file descriptor for it; it is tried again after a \
                        pause");
                }
            }
            self.engine.connection.figures.resubscribed();
            sleep(backoff.next()).await;
        }
    }

    /// Processes the events and signs of life from the listener until it ends or is stuck. Returns
    /// true if the listener sent at least one of them.
    async fn listen(&mut self, mut listener: Listener) -> bool {
        let mut was_heard = false;
        let (mut suspect, mut asked) = (Position::START, Instant::now());
        loop {
            match timeout(self.patience.silence, listener.next()).await {
                Ok(Some(News::Event(entry))) => self.take(*entry),
                Ok(Some(News::SignOfLife)) if asked.elapsed() < self.patience.silence => {}
                Ok(Some(News::SignOfLife)) => {
                    if suspect > self.at {
                        tracing::error!(
                            "the live subscription to KurrentDB lacks events that KurrentDB has, and is replaced"
                        );
                        return was_heard;
                    }
                    // At the next check, the subscription is replaced unless it has delivered the
                    // event that is now the last in the journal.
                    suspect = self.engine.head(self.at).await.unwrap_or(self.at);
                    asked = Instant::now();
                }
                Ok(None) => return was_heard,
                Err(_) => {
                    tracing::error!("the live subscription to KurrentDB has sent nothing for too long and is replaced");
                    return was_heard;
                }
            }
            was_heard = true;
        }
    }

    fn take(&mut self, entry: Entry) {
        let position = entry.position;
        match entry.stored() {
            Ok(stored) => self.push(stored),
            // The event cannot be parsed and is not cached. A reader that reaches it reads it from
            // KurrentDB, and stops with the same error.
            Err(_) => self.engine.tail.restart(position),
        }
        self.at = position;
        // Notifies readers even if the head stays the same: an append may have moved it before the
        // event could be read.
        self.head.send_modify(|head| *head = position.max(*head));
    }

    fn push(&self, stored: Stored) {
        self.engine.ends.saw(&stored);
        self.engine.tail.push(vec![stored]);
    }
}
