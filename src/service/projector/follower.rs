//! A read model that follows the journal in a thread of its own, until it has caught up with the
//! others.

use std::{sync::Weak, time::Duration};

use journal::Journal;
use projections::{Failure, Follower, Trouble};
use schemas::{Position, Recorded};
use tokio::sync::{mpsc, watch};

use super::{FIRST_PAUSE, LONGEST_PAUSE, stop, to_end};

/// Maximum number of events that are read at a time and applied in one transaction.
const BATCH_EVENTS: usize = 500;

pub(super) struct Following {
    pub journal: Weak<dyn Journal>,
    pub follower: Follower,
    pub told: watch::Receiver<bool>,
    /// Position of the projector's thread that the read model has left. The read model never goes
    /// beyond it.
    pub limit: watch::Receiver<Position>,
    pub back: mpsc::UnboundedSender<Follower>,
}

/// Reasons why a read model could not apply the next events of the journal.
enum Failed {
    /// A temporary failure, which is retried.
    ForNow(Trouble),
    ForGood(String),
    /// The journal is closed, or the projector was told to end.
    Closed,
}

impl Following {
    /// Applies events until the limit is reached, and then hands the read model back; drops it if a
    /// newer version is served meanwhile. `failure`: the reason why it left the other read models;
    /// `None` if it only lagged.
    pub(super) async fn run(mut self, failure: Option<Failure>) {
        let mut pause = FIRST_PAUSE;
        let mut failed = failure.as_ref().map(|failure| Failed::ForNow(trouble(failure)));
        loop {
            match failed.take() {
                None => pause = FIRST_PAUSE,
                Some(Failed::Closed) => return,
                Some(Failed::ForGood(why)) => return stop(&self.follower, &why),
                Some(Failed::ForNow(trouble)) => {
                    self.wait(trouble, pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
            if *self.told.borrow() || self.follower.is_superseded() {
                return;
            }
            let limit = *self.limit.borrow();
            if self.follower.checkpoint() >= limit {
                // If the projector has ended, this closes the read model.
                drop(self.back.send(self.follower));
                return;
            }
            failed = self.step(limit).await.err();
        }
    }

    /// Applies the next events, up to `limit`.
    async fn step(&mut self, limit: Position) -> Result<(), Failed> {
        let page = {
            let journal = self.journal.upgrade().ok_or(Failed::Closed)?;
            tokio::select! {
                biased;
                // A journal that does not answer must not delay the end of the server.
                () = to_end(&mut self.told) => return Err(Failed::Closed),
                page = journal.read_all(self.follower.checkpoint(), BATCH_EVENTS) => page?,
            }
        };
        if page.is_empty() {
            return Err(Failed::ForNow(Trouble::Retrying(
                "the journal ends before the position that the other read models have reached".to_owned(),
            )));
        }
        let mut events: Vec<Recorded> = Vec::with_capacity(page.len());
        for stored in page.into_iter().take_while(|stored| stored.position <= limit) {
            let position = stored.position;
            let unreadable = |why| Failed::ForGood(format!("the event at position {position} cannot be read: {why}"));
            events.push(stored.read().map_err(unreadable)?);
        }
        self.follower.apply(&events, limit)?;
        self.follower.trouble(None);
        Ok(())
    }

    async fn wait(&mut self, trouble: Trouble, pause: Duration) {
        let (Trouble::Retrying(why) | Trouble::WithoutRoom(why) | Trouble::Stopped(why)) = &trouble;
        tracing::error!(
            model = self.follower.name(),
            why,
            ?pause,
            "this read model cannot apply events; retrying after a pause"
        );
        self.follower.trouble(Some(trouble));
        tokio::select! {
            () = to_end(&mut self.told) => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

impl From<journal::Failure> for Failed {
    fn from(failure: journal::Failure) -> Self {
        let why = failure.to_string();
        if failure.may_pass() { Self::ForNow(Trouble::Retrying(why)) } else { Self::ForGood(why) }
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        if failure.may_pass() { Self::ForNow(trouble(&failure)) } else { Self::ForGood(failure.to_string()) }
    }
}

fn trouble(failure: &Failure) -> Trouble {
    let why = failure.to_string();
    if failure.is_without_room() { Trouble::WithoutRoom(why) } else { Trouble::Retrying(why) }
}
