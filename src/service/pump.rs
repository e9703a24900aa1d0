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

use crate::{delivery::Tracker, error::Error};

/// A handle on the running pump.
#[derive(Debug, Clone)]
pub(crate) struct Pump {
    stopped: Arc<AtomicBool>,
}

impl Pump {
    /// Starts feeding from the read models' own checkpoint.
    pub(crate) fn start(journal: &dyn Journal, feed: Feed, tracker: Arc<Tracker>) -> std::io::Result<Self> {
        let stopped = Arc::new(AtomicBool::new(false));
        let subscription = journal.subscribe(feed.checkpoint());
        let runtime = tokio::runtime::Handle::current();
        let flag = Arc::clone(&stopped);
        std::thread::Builder::new().name("pump".to_owned()).spawn(move || {
            let ended = runtime.block_on(run(subscription, feed, &tracker));
            flag.store(true, Ordering::Release);
            if let Err((position, error)) = ended {
                tracing::error!(%position, %error, "the read models stopped and serve no more than this position");
            }
        })?;
        Ok(Self { stopped })
    }

    /// Whether an event could not be read or applied.
    pub(crate) fn has_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }
}

/// Runs until the journal closes.
async fn run(mut subscription: Subscription, mut feed: Feed, tracker: &Tracker) -> Result<(), (Position, Error)> {
    loop {
        let at = feed.checkpoint();
        let Some(batch) = subscription.next().await.map_err(|failure| (at, failure.into()))? else {
            return Ok(());
        };
        let batch = read(batch)?;
        feed.apply(&batch).map_err(|failure| (at, failure.into()))?;
        tracker.saw(&batch);
    }
}

fn read(batch: Vec<Stored>) -> Result<Vec<Recorded>, (Position, Error)> {
    let read = |stored: Stored| {
        let position = stored.position;
        stored.read().map_err(|unreadable| (position, Error::failed(unreadable)))
    };
    batch.into_iter().map(read).collect()
}
