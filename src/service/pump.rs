//! The pump: one thread that hands every event of the journal, in order, to the read models.
//!
//! An event that cannot be read or applied stops the pump at its position, loudly: an audit log skips nothing.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use journal::{Journal, Subscription};
use projections::Feed;
use schemas::{Position, Recorded, Stored};
use tokio::sync::watch;

use crate::{delivery::Tracker, error::Error};

/// A handle on the running pump.
#[derive(Debug, Clone)]
pub(crate) struct Pump {
    stopped: Arc<AtomicBool>,
    quit: Arc<watch::Sender<bool>>,
    /// Closed once the thread has let go of the read models.
    running: watch::Receiver<()>,
}

impl Pump {
    /// Starts feeding from the read models' own checkpoint.
    pub(crate) fn start(journal: &dyn Journal, feed: Feed, tracker: Arc<Tracker>) -> std::io::Result<Self> {
        let stopped = Arc::new(AtomicBool::new(false));
        let subscription = journal.subscribe(feed.checkpoint());
        let runtime = tokio::runtime::Handle::current();
        let flag = Arc::clone(&stopped);
        let (quit, told) = watch::channel(false);
        let (alive, running) = watch::channel(());
        std::thread::Builder::new().name("pump".to_owned()).spawn(move || {
            let ended = runtime.block_on(run(subscription, feed, &tracker, told));
            flag.store(true, Ordering::Release);
            if let Err((position, error)) = ended {
                tracing::error!(%position, %error, "the read models stopped and serve no more than this position");
            }
            drop(alive);
        })?;
        Ok(Self { stopped, quit: Arc::new(quit), running })
    }

    /// Ends the pump after the batch it is at; answers when the files of the read models are closed.
    pub(crate) async fn end(&self) {
        self.quit.send_replace(true);
        let mut running = self.running.clone();
        while running.changed().await.is_ok() {}
    }

    /// Whether an event could not be read or applied.
    pub(crate) fn has_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }
}

/// Runs until the journal closes, or until it is told to end.
async fn run(
    mut subscription: Subscription,
    mut feed: Feed,
    tracker: &Tracker,
    mut told: watch::Receiver<bool>,
) -> Result<(), (Position, Error)> {
    loop {
        let at = feed.checkpoint();
        let batch = tokio::select! {
            biased;
            () = to_end(&mut told) => return Ok(()),
            batch = subscription.next() => batch.map_err(|failure| (at, failure.into()))?,
        };
        let Some(batch) = batch else { return Ok(()) };
        let batch = read(batch)?;
        feed.apply(&batch).map_err(|failure| (at, failure.into()))?;
        tracker.saw(&batch);
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
