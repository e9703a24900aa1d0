//! Executes deliveries about one meeting, round after round: what recipients append may issue
//! messages again.

mod round;

use std::{sync::Arc, time::Duration};

use ::delivery::Due;
use calendar::{Limits, object::Object};
use projections::ReadModels;
use schemas::{Position, PrincipalId};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{Outbox, routes::LocalRoutes};
use crate::{
    clock::{self, Stamp},
    error::Error,
    free_busy::ReadAvailability,
    freshness::{self, Subject},
    locks::{Held, Keyed},
    scheduling_policy::SchedulingPolicy,
    store::{Executed, Store},
};

/// One to deliver and one to report: with fewer, no message would ever be finished.
const MIN_ROUNDS: usize = 2;
/// How often one stream is tried in a round.
const MAX_TRIES: u32 = 5;
/// Held from the decision on a meeting to its last delivery.
///
/// It keeps the messages of one meeting in the order of the decisions within this process.
pub(crate) type MeetingLock = Held<Uuid>;

/// Runs deliveries between the homes of this system.
#[derive(Debug)]
pub(crate) struct Runner {
    pub store: Arc<Store>,
    pub models: ReadModels,
    pub limits: Limits,
    /// Streams appended to in one durable group, and held in memory together: some megabytes, for a
    /// meeting of hundreds.
    pub batch: usize,
    /// Rounds in a row.
    pub rounds: usize,
    /// How long a decision waits for read models that lag.
    pub models_wait: Duration,
    /// Where deliveries run: on no thread that serves a connection.
    pub runtime: Handle,
    pub outbox: Arc<Outbox>,
    pub scheduling_policy: Arc<dyn SchedulingPolicy>,
    pub availability_of_inbox: ReadAvailability,
    /// One automatic answer at a time for each home: no double booking.
    pub bookings: Keyed<PrincipalId>,
    /// One change of a meeting at a time.
    pub meetings: Keyed<Uuid>,
}

impl Runner {
    /// Delivers the messages that `executed` issued, and waits at most `wait`. Delivery then
    /// continues in the background and keeps the lock. Returns the last position that it appended.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        stamp: &Stamp,
        executed: &Executed<Object>,
        lock: MeetingLock,
        wait: Duration,
    ) -> Result<Position, Error> {
        if !self.outbox.issued(executed, &stamp.metadata) {
            return Ok(Position::START);
        }
        let (runner, uid) = (Arc::clone(self), executed.after.uid.clone());
        let running = self.runtime.spawn(async move {
            let last = runner.run(&uid, Due::At(clock::now())).await;
            drop(lock);
            last
        });
        match tokio::time::timeout(wait, running).await {
            Ok(last) => last.map_err(Error::failed),
            // Nothing is lost: the task continues, and the outbox keeps the messages.
            Err(_) => Ok(Position::START),
        }
    }

    /// Locks a meeting after its pending messages to `home` were delivered, and those to others
    /// except gathered refreshes. Returns `None` if that takes longer than `wait`; delivery then
    /// continues in the background and keeps the lock.
    pub(crate) async fn lock_delivered(
        self: &Arc<Self>,
        uid: &str,
        home: PrincipalId,
        wait: Duration,
    ) -> Option<MeetingLock> {
        let (runner, uid) = (Arc::clone(self), uid.to_owned());
        let is_open = move |runner: &Self, uid: &str| runner.outbox.is_open(uid, Due::To(home));
        let clearing = async move {
            let lock = runner.lock(&uid).await;
            if !is_open(&runner, &uid) {
                return Some(lock);
            }
            let clearing = runner.runtime.clone().spawn(async move {
                for _ in 0..MAX_TRIES {
                    runner.run(&uid, Due::To(home)).await;
                    if !is_open(&runner, &uid) {
                        return Some(lock);
                    }
                }
                None
            });
            clearing.await.ok().flatten()
        };
        tokio::time::timeout(wait, clearing).await.ok().flatten()
    }

    /// Delivers the refreshes of these meetings to a home.
    pub(crate) async fn refresh(&self, home: PrincipalId, meetings: Vec<String>) {
        for uid in meetings {
            let _meeting = self.lock(&uid).await;
            self.run(&uid, Due::To(home)).await;
        }
    }

    pub(crate) async fn lock(&self, uid: &str) -> MeetingLock {
        self.meetings.lock(Uuid::new_v5(&Uuid::NAMESPACE_OID, uid.as_bytes())).await
    }

    /// Runs rounds for one meeting until nothing is due. Returns the last position that was
    /// appended.
    pub(crate) async fn run(&self, uid: &str, due: Due) -> Position {
        let mut last = Position::START;
        for _ in 0..self.rounds.max(MIN_ROUNDS) {
            // Routes depend on the directory.
            if let Err(error) = self.fresh(Subject::Directory).await {
                tracing::warn!(%error, "scheduling messages wait");
                break;
            }
            let directory = self.models.directory();
            let work = self.outbox.round(uid, &LocalRoutes::new(&directory, &*self.scheduling_policy), due);
            if work.is_empty() {
                break;
            }
            last = last.max(self.round(&work, &directory).await);
        }
        last
    }

    async fn fresh(&self, subject: Subject) -> Result<(), Error> {
        let store = &self.store;
        freshness::wait(&store.freshness, &*store.journal, &self.models, subject, self.models_wait).await
    }
}
