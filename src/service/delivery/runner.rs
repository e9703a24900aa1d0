//! Executes the deliveries of one meeting in rounds: a recipient may issue new messages when it
//! receives one.

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

/// Number of rounds that a run has at least, whatever [`Runner::rounds`] says: the first delivers a
/// message, and the second reports the result to the sender. A run ends earlier if nothing is due.
const MIN_ROUNDS: usize = 2;
/// Maximum number of attempts to deliver to one stream in a round, and of runs that deliver the
/// pending messages of a meeting before a change of it is decided.
const MAX_TRIES: u32 = 5;
/// Lock of one meeting, held from a decision about it to the end of the run that delivers its
/// messages.
///
/// The lock keeps the messages of the meeting in the order of the decisions within this process.
pub(crate) type MeetingLock = Held<Uuid>;

/// Executor of the deliveries between the homes of this server.
#[derive(Debug)]
pub(crate) struct Runner {
    pub store: Arc<Store>,
    pub models: ReadModels,
    pub limits: Limits,
    /// Maximum number of streams in one durable group. All of them are in memory at the same time:
    /// some megabytes for a meeting with hundreds of attendees.
    pub batch: usize,
    /// Maximum number of rounds in one run, if it is not below [`MIN_ROUNDS`]. Messages that are
    /// left then are redelivered later.
    pub rounds: usize,
    /// Maximum time that a decision waits for read models that lag.
    pub models_wait: Duration,
    /// Runtime that executes deliveries. Its threads serve no connections.
    pub runtime: Handle,
    pub outbox: Arc<Outbox>,
    pub scheduling_policy: Arc<dyn SchedulingPolicy>,
    pub availability_of_inbox: ReadAvailability,
    /// Lock for each home: automatic answers of one home are decided one at a time, so that no time
    /// is booked twice.
    pub bookings: Keyed<PrincipalId>,
    /// Lock for each meeting: its changes are decided one at a time.
    pub meetings: Keyed<Uuid>,
}

impl Runner {
    /// Delivers the messages that `executed` issued, and waits at most `wait` for that. A delivery
    /// that takes longer continues in the background and keeps the lock. Returns the position of
    /// the last event that was appended; [`Position::START`] if there is none, or if the time is
    /// over.
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
            // No message is lost: the task continues, and the messages stay in the outbox.
            Err(_) => Ok(Position::START),
        }
    }

    /// Locks a meeting, and returns the lock after the pending messages of the meeting were
    /// delivered, except delayed ones to other homes than `home`. A delayed removal to `home` is
    /// delivered to its other recipients too. Returns `None` if that takes longer than `wait`, or
    /// does not succeed in [`MAX_TRIES`] runs. If `wait` ends during a delivery, the delivery
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

    /// Delivers the pending messages of these meetings, including the delayed messages to `home`. A
    /// delayed removal to `home` is delivered to its other recipients too; other delayed messages
    /// still wait.
    pub(crate) async fn refresh(&self, home: PrincipalId, meetings: Vec<String>) {
        for uid in meetings {
            let _meeting = self.lock(&uid).await;
            self.run(&uid, Due::To(home)).await;
        }
    }

    pub(crate) async fn lock(&self, uid: &str) -> MeetingLock {
        self.meetings.lock(Uuid::new_v5(&Uuid::NAMESPACE_OID, uid.as_bytes())).await
    }

    /// Runs rounds for one meeting until nothing is due, the maximum number of rounds is reached,
    /// or the directory is not up to date. Returns the position of the last event that was
    /// appended; [`Position::START`] if there is none.
    pub(crate) async fn run(&self, uid: &str, due: Due) -> Position {
        let mut last = Position::START;
        for _ in 0..self.rounds.max(MIN_ROUNDS) {
            // The routes of messages depend on the directory, which must be up to date.
            if let Err(error) = self.fresh(Subject::Directory).await {
                tracing::warn!(%error, "scheduling messages are not delivered yet: the list of accounts is not up to \
                    date; they are tried again later");
                break;
            }
            let directory = self.models.directory();
            let work = self.outbox.round(uid, &LocalRoutes::new(&directory, &*self.scheduling_policy), due);
            if work.is_empty() {
                break;
            }
            last = last.max(self.round(&work).await);
        }
        last
    }

    async fn fresh(&self, subject: Subject) -> Result<(), Error> {
        let store = &self.store;
        freshness::wait(&store.freshness, &*store.journal, &self.models, subject, self.models_wait).await
    }
}
