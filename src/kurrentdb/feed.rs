//! The one live subscription of this process: it fills the tail and moves the head.
//!
//! **Invariant:** it is only ever the quick way. Readers who are behind, or ahead of it, read pages; whatever happens to
//! the subscription, it begins anew after the last event it brought.

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

/// Ends the subscription when dropped.
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
    /// Of the last event that was brought.
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
                Err(cause) => tracing::error!(%cause, "no thread for the journal's live subscription"),
            }
            self.engine.connection.figures.resubscribed();
            sleep(backoff.next()).await;
        }
    }

    /// Takes the news until there are no more; whether there were any.
    async fn listen(&mut self, mut listener: Listener) -> bool {
        let mut was_heard = false;
        let (mut suspect, mut asked) = (Position::START, Instant::now());
        loop {
            match timeout(self.patience.silence, listener.next()).await {
                Ok(Some(News::Event(entry))) => self.take(entry),
                Ok(Some(News::SignOfLife)) if asked.elapsed() < self.patience.silence => {}
                Ok(Some(News::SignOfLife)) => {
                    if suspect > self.at {
                        tracing::error!("the journal's live subscription lives and says nothing: it is abandoned");
                        return was_heard;
                    }
                    // What is there now must have been heard of when this is asked again.
                    suspect = self.engine.head(self.at).await.unwrap_or(self.at);
                    asked = Instant::now();
                }
                Ok(None) => return was_heard,
                Err(_) => {
                    tracing::error!("the journal's live subscription gives no sign of life and is abandoned");
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
            // Whoever comes there reads it himself, and stops there, loudly.
            Err(_) => self.engine.tail.restart(position),
        }
        self.at = position;
        // Also when it is not further: somebody may have been told of it before it could be read.
        self.head.send_modify(|head| *head = position.max(*head));
    }

    fn push(&self, stored: Stored) {
        self.engine.ends.saw(&stored);
        self.engine.tail.push(vec![stored]);
    }
}
