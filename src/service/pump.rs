//! The pump: one thread that hands every event of the journal, in order, to the read models.
//!
//! What may pass (a disk that is full, a journal out of reach) it tries again. An event that cannot be read or applied
//! stops it at its position, loudly: an audit log skips nothing.

mod health;
#[cfg(test)]
mod tests;

use std::{fmt::Display, sync::Arc, time::Duration};

use journal::{Journal, Subscription};
use projections::Feed;
use schemas::{Position, Recorded, Stored};
use tokio::sync::watch;

use self::health::Health;
use crate::{delivery::Tracker, error::Error};

/// How long it waits before the first and before every later try; twice as long each time between.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A handle on the running pump.
#[derive(Debug, Clone)]
pub(crate) struct Pump {
    health: Arc<Health>,
    quit: Arc<watch::Sender<bool>>,
    /// Closed once the thread has let go of the read models.
    running: watch::Receiver<()>,
}

impl Pump {
    /// Starts feeding from the read models' own checkpoint.
    pub(crate) fn start(journal: &dyn Journal, feed: Feed, tracker: Arc<Tracker>) -> std::io::Result<Self> {
        let health = Arc::new(Health::default());
        let subscription = journal.subscribe(feed.checkpoint());
        let runtime = tokio::runtime::Handle::current();
        let (quit, told) = watch::channel(false);
        let (alive, running) = watch::channel(());
        let pumping = Pumping { subscription, feed, tracker, told, health: Arc::clone(&health) };
        std::thread::Builder::new().name("pump".to_owned()).spawn(move || {
            let health = Arc::clone(&pumping.health);
            if let Err((position, error)) = runtime.block_on(pumping.run()) {
                tracing::error!(%position, %error, "the read models stopped and serve no more than this position");
            }
            health.stopped();
            drop(alive);
        })?;
        Ok(Self { health, quit: Arc::new(quit), running })
    }

    /// Ends the pump after the batch it is at; answers when the files of the read models are closed.
    pub(crate) async fn end(&self) {
        self.quit.send_replace(true);
        let mut running = self.running.clone();
        while running.changed().await.is_ok() {}
    }

    /// Whether an event could not be read or applied.
    pub(crate) fn has_stopped(&self) -> bool {
        self.health.has_stopped()
    }

    /// Why nothing new can be shown at present, if so.
    pub(crate) fn trouble(&self) -> Option<&'static str> {
        self.health.trouble()
    }

    /// For operators.
    pub(crate) fn figures(&self) -> [(&'static str, u64); 2] {
        self.health.figures()
    }
}

/// Told to end.
struct Ended;

struct Pumping {
    subscription: Subscription,
    feed: Feed,
    tracker: Arc<Tracker>,
    told: watch::Receiver<bool>,
    health: Arc<Health>,
}

impl Pumping {
    /// Runs until the journal closes, or until it is told to end.
    async fn run(mut self) -> Result<(), (Position, Error)> {
        loop {
            let at = self.feed.checkpoint();
            let Ok(batch) = self.next().await.map_err(|failure| (at, failure.into()))? else { return Ok(()) };
            let Some(batch) = batch else { return Ok(()) };
            let batch = read(batch)?;
            // Before anybody is shown these events: who sees that a message was issued also sees that it waits.
            self.tracker.saw(&batch);
            if self.apply(&batch).await.map_err(|failure| (at, failure.into()))?.is_err() {
                return Ok(());
            }
        }
    }

    /// The next events of the journal, however long it takes; `None`: it is closed.
    async fn next(&mut self) -> Result<Result<Option<Vec<Stored>>, Ended>, journal::Failure> {
        let mut pause = FIRST_PAUSE;
        loop {
            let batch = tokio::select! {
                biased;
                () = to_end(&mut self.told) => return Ok(Err(Ended)),
                batch = self.subscription.next() => batch,
            };
            match batch {
                Err(failure) if failure.may_pass() => {
                    if self.waits_for("the journal cannot be read", &failure, &mut pause).await.is_err() {
                        return Ok(Err(Ended));
                    }
                }
                settled => {
                    self.health.well();
                    return settled.map(Ok);
                }
            }
        }
    }

    /// Applies a batch, however long it takes.
    async fn apply(&mut self, batch: &[Recorded]) -> Result<Result<(), Ended>, projections::Failure> {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.feed.apply(batch) {
                Err(failure) if failure.may_pass() => {
                    if self.waits_for("the read models cannot be written", &failure, &mut pause).await.is_err() {
                        return Ok(Err(Ended));
                    }
                }
                settled => {
                    self.health.well();
                    return settled.map(Ok);
                }
            }
        }
    }

    async fn waits_for(
        &mut self,
        what: &'static str,
        failure: &impl Display,
        pause: &mut Duration,
    ) -> Result<(), Ended> {
        tracing::error!(%failure, ?pause, "{what}; it is tried again");
        self.health.troubled(what);
        tokio::select! {
            () = to_end(&mut self.told) => return Err(Ended),
            () = tokio::time::sleep(*pause) => {}
        }
        *pause = (*pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

/// Waits until the pump is told to end. Without a service to tell it, it serves whoever still delivers.
async fn to_end(told: &mut watch::Receiver<bool>) {
    if told.wait_for(|quit| *quit).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn read(batch: Vec<Stored>) -> Result<Vec<Recorded>, (Position, Error)> {
    let read = |stored: Stored| {
        let position = stored.position;
        stored.read().map_err(|unreadable| (position, Error::failed(unreadable)))
    };
    batch.into_iter().map(read).collect()
}
