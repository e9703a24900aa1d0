//! The projector: two threads that hand every event of the journal, in order, to the read models.
//! The first serves the read models that requests query, without delay. The second gathers events
//! for read models that may lag, and never runs ahead of the first.
//!
//! **Invariant:** no failure of a read model holds up another. A read model that fails, is damaged
//! or lags at the start leaves its thread, reads the journal in a thread of its own ([`follower`]),
//! and returns when it has caught up. It never runs ahead of the thread that it left. The first
//! thread hands each event to the outbox before any read model shows it.

mod feed;
mod follower;
mod handover;
mod health;
mod history;
#[cfg(test)]
mod tests;

use std::{
    fmt::Display,
    sync::{Arc, Weak},
    time::Duration,
};

use journal::{Figure, Journal};
use projections::{Failure, Follower, Projector, ReadModels, Trouble};
use schemas::{Position, Recorded};
use tokio::sync::{mpsc, watch};

pub use self::history::{check, is_shown};
use self::{feed::Feed, follower::Following, handover::Handover, health::Health};
use crate::{delivery::Outbox, error::Error};

/// Pause before the first retry. It doubles with each retry, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Longest pause before a retry.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Handle of the running projector.
#[derive(Debug, Clone)]
pub(crate) struct Projecting {
    health: Arc<Health>,
    quit: Arc<watch::Sender<bool>>,
    /// Channel that closes when all threads have released the read models.
    running: watch::Receiver<()>,
}

impl Projecting {
    /// Starts the threads with the events after `head`. A read model that has not reached `head`
    /// reads the journal in a thread of its own until it has.
    pub(crate) fn start(
        journal: &Arc<dyn Journal>,
        head: Position,
        (models, mut projector): (ReadModels, Projector),
        outbox: Arc<Outbox>,
        past_delay: Duration,
    ) -> std::io::Result<Self> {
        let health = Arc::new(Health::default());
        let runtime = tokio::runtime::Handle::current();
        let (quit, told) = watch::channel(false);
        let (alive, running) = watch::channel(());
        let (checking, told_to_check) = (alive.clone(), told.clone());
        projector.serve_from(head);
        let lagging = projector.split_lagging();
        let applied = watch::Sender::new(head);
        let handover = Arc::new(Handover::new(head));
        let source = (applied.subscribe(), Arc::clone(&handover));
        let gathered = Feed::gathered(journal.subscribe(head), head, source, past_delay);
        let thread = |projector, (outbox, handover), feed, applied| {
            let (journal, health) = (Arc::downgrade(journal), Arc::clone(&health));
            let (back, returned) = mpsc::unbounded_channel();
            let (told, alive, pause) = (told.clone(), alive.clone(), FIRST_PAUSE);
            Thread { journal, feed, projector, outbox, handover, told, health, applied, back, returned, alive, pause }
        };
        let prompt = thread(projector, (Some(outbox), Some(handover)), Feed::prompt(journal.subscribe(head)), applied);
        prompt.spawn("projector", head, runtime.clone())?;
        thread(lagging, (None, None), gathered, watch::Sender::new(head)).spawn("gatherer", head, runtime)?;
        // The files are checked in another thread, because large files take seconds.
        std::thread::Builder::new().name("check".to_owned()).spawn(move || {
            models.check_files(|| !*told_to_check.borrow());
            drop(models);
            drop(checking);
        })?;
        Ok(Self { health, quit: Arc::new(quit), running })
    }

    /// Ends the projector after its current batch. Returns when the files of the read models are
    /// closed.
    pub(crate) async fn end(&self) {
        self.quit.send_replace(true);
        let mut running = self.running.clone();
        while running.changed().await.is_ok() {}
    }

    /// Returns true if a thread of the projector has ended: the journal or an event could not be
    /// read, the journal was closed, or the projector was ended.
    pub(crate) fn has_stopped(&self) -> bool {
        self.health.has_stopped()
    }

    /// Returns the reason why the projector cannot read new events at present; `None` if it can.
    pub(crate) fn trouble(&self) -> Option<&'static str> {
        self.health.trouble()
    }

    /// Returns figures about the projector, for operators.
    pub(crate) fn figures(&self) -> [Figure; 2] {
        self.health.figures()
    }
}

struct Thread {
    /// A weak reference, so that the projector does not keep the journal open.
    journal: Weak<dyn Journal>,
    feed: Feed,
    projector: Projector,
    /// Outbox that receives each event before the read models do. `None`: the other thread hands
    /// the events to it.
    outbox: Option<Arc<Outbox>>,
    /// Receives the applied events for the other thread. `None`: this is the other thread.
    handover: Option<Arc<Handover>>,
    told: watch::Receiver<bool>,
    health: Arc<Health>,
    /// Position of the last event that this thread has applied.
    applied: watch::Sender<Position>,
    back: mpsc::UnboundedSender<Follower>,
    returned: mpsc::UnboundedReceiver<Follower>,
    /// Sender that each thread holds while it has a read model open.
    alive: watch::Sender<()>,
    pause: Duration,
}

impl Thread {
    /// Starts the thread. A read model that has not reached `head` reads the journal in a thread of
    /// its own.
    fn spawn(mut self, name: &str, head: Position, runtime: tokio::runtime::Handle) -> std::io::Result<()> {
        let behind = self.projector.release_behind(head);
        let work = move || {
            runtime.block_on(async {
                for follower in behind {
                    self.follow(follower, None);
                }
                if let Err((position, error)) = self.run().await {
                    tracing::error!(%position, %error, "the read models stopped until the next start of the \
                        server: the journal cannot be read after this position");
                    self.projector.stop(&format!("the event after position {position} cannot be read: {error}"));
                }
            });
            self.health.stopped();
        };
        std::thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
    }

    /// Runs until the journal closes or the projector is ended. If the journal fails for good or an
    /// event cannot be read, returns the error and the last position before it.
    async fn run(&mut self) -> Result<(), (Position, Error)> {
        loop {
            let batch = tokio::select! {
                biased;
                () = to_end(&mut self.told) => return Ok(()),
                Some(follower) = self.returned.recv() => {
                    self.take_back(follower);
                    continue;
                }
                () = self.projector.damaged() => {
                    self.rebuild_damaged();
                    continue;
                }
                batch = self.feed.next() => batch,
            };
            match batch {
                Ok(None) => return Ok(()),
                Ok(Some(batch)) => {
                    self.pause = FIRST_PAUSE;
                    self.health.well();
                    let bytes = batch.bytes_to_decode();
                    self.apply(batch.decode()?, bytes);
                }
                Err(failure) if failure.may_pass() => {
                    self.wait("the read models cannot be updated: the journal cannot be read", &failure).await;
                }
                Err(failure) => return Err((*self.applied.borrow(), failure.into())),
            }
        }
    }

    /// Applies the events of a batch, which take so many bytes.
    fn apply(&mut self, mut batch: Vec<Recorded>, bytes: usize) {
        let applied = *self.applied.borrow();
        let new = batch.partition_point(|recorded| recorded.position <= applied);
        // The outbox is updated first, so that a client that sees an issued message also sees that
        // it is pending.
        if let Some(outbox) = &self.outbox {
            outbox.saw(&batch[new..]);
        }
        let released = self.projector.apply_or_release(&batch);
        let last = batch[new..].last().map(|last| last.position);
        if let Some(handover) = &self.handover {
            handover.push(batch.split_off(new), bytes);
        }
        if let Some(last) = last {
            self.applied.send_replace(last);
        }
        for (follower, failure) in released {
            self.follow(follower, failure);
        }
    }

    /// Starts a thread in which a read model reads the journal by itself. If the failure is
    /// permanent, stops the read model instead.
    fn follow(&self, follower: Follower, failure: Option<Failure>) {
        if let Some(failure) = failure.as_ref().filter(|failure| !failure.may_pass()) {
            return stop(&follower, failure);
        }
        let (told, limit, back) = (self.told.clone(), self.applied.subscribe(), self.back.clone());
        let following = Following { journal: Weak::clone(&self.journal), follower, told, limit, back };
        let alive = self.alive.clone();
        let runtime = tokio::runtime::Handle::current();
        let thread = std::thread::Builder::new().name("follower".to_owned());
        let spawned = thread.spawn(move || {
            runtime.block_on(following.run(failure));
            drop(alive);
        });
        if let Err(error) = spawned {
            tracing::error!(%error, "a read model stopped: the system could not start a thread for it; restart the \
                server");
        }
    }

    /// Takes back a read model that has caught up except for the latest events. These events are
    /// read again; the other read models skip them.
    fn take_back(&mut self, follower: Follower) {
        let (from, applied) = (follower.checkpoint(), *self.applied.borrow());
        tracing::info!(model = follower.name(), position = %from, "this read model has caught up with the journal");
        self.projector.take_back(follower);
        if from < applied
            && let Some(journal) = self.journal.upgrade()
        {
            self.feed.restart(journal.subscribe(from), from);
        }
        // Damage of the read model may have been detected after its own thread handed it back.
        self.rebuild_damaged();
    }

    fn rebuild_damaged(&mut self) {
        let released = self.projector.release_damaged(*self.applied.borrow());
        for (follower, failure) in released {
            self.follow(follower, failure);
        }
    }

    async fn wait(&mut self, what: &'static str, failure: &impl Display) {
        tracing::error!(%failure, pause = ?self.pause, "{what}; retrying after a pause");
        self.health.troubled(what);
        tokio::select! {
            () = to_end(&mut self.told) => {}
            () = tokio::time::sleep(self.pause) => {}
        }
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}

/// Stops a read model at its checkpoint, until the server is started again.
fn stop(follower: &Follower, why: &impl Display) {
    let (model, position) = (follower.name(), follower.checkpoint());
    tracing::error!(model, %position, %why, "this read model stopped and shows nothing after this position until the \
        server is started again");
    follower.trouble(Some(Trouble::Stopped(why.to_string())));
}

/// Waits until the projector is told to end. Waits forever if the service is dropped without
/// telling it, because deliveries in progress still need the projector.
async fn to_end(told: &mut watch::Receiver<bool>) {
    if told.wait_for(|quit| *quit).await.is_err() {
        std::future::pending::<()>().await;
    }
}
