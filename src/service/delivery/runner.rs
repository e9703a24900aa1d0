//! Executes deliveries about one meeting, round after round: what recipients append may issue
//! messages again.

use std::{sync::Arc, time::Duration};

use ::delivery::{Action, Copy, Due, Environment, Work, step};
use calendar::{Limits, object::Object};
use projections::{Directory, ReadModels};
use schemas::{Position, PrincipalId, Timestamp, principal::AutomaticAnswer};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{Outbox, availability::HomeAvailability, routes::LocalRoutes};
use crate::{
    address_book::DirectoryAddressBook,
    clock::{self, Stamp},
    collections,
    error::Error,
    free_busy::{HomeTime, ReadAvailability},
    freshness::{self, Subject},
    locks::{Held, Keyed},
    scheduling_policy::SchedulingPolicy,
    store::{Decision, Executed, Loaded, MAX_ATTEMPTS, Store, decision},
};

/// One to deliver and one to report: with fewer, no message would ever be finished.
const MIN_ROUNDS: usize = 2;
/// How often one stream is tried in a round, and how long after the first time.
const MAX_TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Streams that decide before other tasks of the thread run: some milliseconds, for a meeting of
/// hundreds.
const DECIDED_AT_ONCE: usize = 32;

/// Octets of messages that one durable group takes in, unless its first stream takes in more: while
/// the read models apply a group, the writes of others wait.
const GROUP_BYTES: usize = 4 << 20;

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

/// A stream's work that is about to be appended.
struct Draft<'a> {
    work: &'a Work,
    stamp: Stamp,
    decision: Decision<Object>,
}

/// The results of a group of streams.
#[derive(Debug, Default)]
struct Done<'a> {
    last: Position,
    /// Work that each stream has to try by itself.
    left: Vec<&'a Work>,
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

    /// One round: people's copies in durable groups, then automatic answers, one at a time for each
    /// home.
    async fn round(&self, work: &[Work], directory: &Arc<Directory>) -> Position {
        let answer =
            |work: &Work| directory.by_id(work.home).map_or(AutomaticAnswer::None, |entry| entry.automatic_answer);
        let (people, mut alone): (Vec<_>, Vec<_>) = work.iter().partition(|work| answer(work) == AutomaticAnswer::None);
        let mut last = Position::START;
        let mut rest = people.as_slice();
        while !rest.is_empty() {
            let (group, others) = rest.split_at(group_length(rest, self.batch));
            let done = self.group(group, directory).await;
            last = last.max(done.last);
            alone.extend(done.left);
            if !others.is_empty() {
                // Delivery goes no faster than the read models, or the writes of others would wait
                // for them. Where they do not answer, the next decision says so.
                let _behind = self.models.wait_for(last, self.models_wait).await;
            }
            rest = others;
        }
        let single = |work| self.single(work, answer(work), directory);
        let reached = futures::future::join_all(alone.into_iter().map(single)).await;
        reached.into_iter().max().map_or(last, |reached| reached.max(last))
    }

    /// Appends to many streams as one durable group; a stream that lost a race decides again alone.
    async fn group<'a>(&self, group: &[&'a Work], directory: &Arc<Directory>) -> Done<'a> {
        let mut done = Done::default();
        let mut drafts = vec![];
        let now = clock::now();
        for part in group.chunks(DECIDED_AT_ONCE) {
            let loaded = self.load(part, &mut done).await;
            drafts.extend(self.drafts(loaded, now, AutomaticAnswer::None, directory));
            tokio::task::yield_now().await;
        }
        let writes = drafts.iter().map(|draft| draft.decision.write()).collect();
        let answers = self.store.append_many(writes).await;
        for (Draft { work, stamp, decision }, answer) in drafts.into_iter().zip(answers) {
            match self.store.conclude_once(decision, answer).await {
                Ok(Some(executed)) => done.last = done.last.max(self.taken_in(work, &stamp, &executed)),
                Ok(None) => done.left.push(work),
                Err(error) => done.leave(work, &error),
            }
        }
        done
    }

    /// Loads the copies of these streams.
    async fn load<'a>(&self, work: &[&'a Work], done: &mut Done<'a>) -> Vec<(&'a Work, Loaded<Object>)> {
        let mut loaded = Vec::with_capacity(work.len());
        for work in work {
            match self.load_one(work, Subject::Collections(work.home)).await {
                Ok(copy) => loaded.push((*work, copy)),
                Err(error) => done.leave(work, &error),
            }
        }
        loaded
    }

    async fn load_one(&self, work: &Work, rests_on: Subject) -> Result<Loaded<Object>, Error> {
        self.fresh(rests_on).await?;
        self.store.load::<Object>(work.stream).await
    }

    /// Delivers to one stream alone, and tries again while the journal or the read models are not
    /// ready.
    async fn single(&self, work: &Work, answer: AutomaticAnswer, directory: &Arc<Directory>) -> Position {
        let mut pause = FIRST_PAUSE;
        let mut tries = 1;
        loop {
            match self.attempt(work, answer, directory).await {
                Ok(position) => return position,
                Err(error) if error.is_final() || tries == MAX_TRIES => {
                    tracing::error!(%error, home = %work.home, "scheduling messages could not be delivered");
                    // The appends may have been stored although the answer is an error.
                    self.store.forget(work.stream);
                    self.outbox.failed(work, &error);
                    return Position::START;
                }
                Err(error) => tracing::warn!(%error, home = %work.home, "a delivery is tried again"),
            }
            tries += 1;
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    /// Delivers to one stream. An automatic answer is decided on read models that show the last
    /// one.
    async fn attempt(
        &self,
        work: &Work,
        answer: AutomaticAnswer,
        directory: &Arc<Directory>,
    ) -> Result<Position, Error> {
        let _booking = self.bookings.lock(work.home).await;
        let is_automatic = answer != AutomaticAnswer::None;
        let rests_on = if is_automatic { Subject::Home(work.home) } else { Subject::Collections(work.home) };
        for _ in 0..MAX_ATTEMPTS {
            let loaded = self.load_one(work, rests_on).await?;
            let drafts = self.drafts(vec![(work, loaded)], clock::now(), answer, directory);
            let Some(Draft { stamp, decision, .. }) = drafts.into_iter().next() else { return Ok(Position::START) };
            let appended = self.store.append(&decision).await;
            // After a conflict the first message may have arrived by another server: what is left
            // is another act.
            if let Some(executed) = self.store.conclude_once(decision, appended).await? {
                return Ok(self.taken_in(work, &stamp, &executed));
            }
        }
        Err(Error::contended())
    }

    /// Calls [`delivery::step`], executes actions that append nothing, and returns the events to
    /// append.
    fn drafts<'a>(
        &self,
        loaded: Vec<(&'a Work, Loaded<Object>)>,
        now: Timestamp,
        answer: AutomaticAnswer,
        directory: &Arc<Directory>,
    ) -> Vec<Draft<'a>> {
        let book = DirectoryAddressBook(Arc::clone(directory));
        let environment = Environment { now, limits: &self.limits, address_book: &book };
        let availabilities: Vec<_> = loaded.iter().map(|(work, _)| self.availability(work, &book)).collect();
        let mut copies = vec![];
        for ((work, loaded), availability) in loaded.iter().zip(&availabilities) {
            match collections::default_calendars(&self.models, work.home) {
                Ok(default_calendars) => {
                    copies.push((*work, Copy { object: &loaded.state, default_calendars, answer, availability }));
                }
                Err(error) => self.outbox.failed(work, &error),
            }
        }
        let basis = self.store.basis();
        let actions = step(copies, &environment);
        let mut loaded: std::collections::HashMap<_, _> =
            loaded.into_iter().map(|(work, loaded)| (work.stream, (work, loaded))).collect();
        let mut drafts = vec![];
        for action in actions {
            match action {
                Action::Park { home, message, reason } => {
                    tracing::error!(%message, %home, reason, "a scheduling message is parked");
                    self.outbox.park(message, home, &reason);
                }
                Action::ParkAll { stream, reason } => {
                    tracing::error!(%stream, reason, "the scheduling messages to a copy are parked");
                    self.outbox.park_all(loaded[&stream].0, &reason);
                }
                Action::Confirm { stream } => {
                    let (work, loaded) = &loaded[&stream];
                    self.outbox.taken_in(work, &loaded.state);
                }
                Action::Append { stream, cause, events } => {
                    let Some((work, loaded)) = loaded.remove(&stream) else { continue };
                    let stamp = Stamp::reaction(&cause, now, work.act(&cause));
                    let decision = decision(Subject::Home(work.home), stream, loaded, &stamp, events).resting_on(basis);
                    drafts.push(Draft { work, stamp, decision });
                }
            }
        }
        drafts
    }

    fn availability<'a>(&'a self, work: &Work, book: &'a DirectoryAddressBook) -> HomeAvailability<'a> {
        let availability = self.availability_of_inbox;
        HomeAvailability::new(HomeTime { models: &self.models, book, home: work.home, availability })
    }

    /// Folds the events that a stream appended into the process. Returns their position.
    fn taken_in(&self, work: &Work, stamp: &Stamp, executed: &Executed<Object>) -> Position {
        self.outbox.issued(executed, &stamp.metadata);
        self.outbox.taken_in(work, &executed.after);
        executed.position
    }

    async fn fresh(&self, subject: Subject) -> Result<(), Error> {
        let store = &self.store;
        freshness::wait(&store.freshness, &*store.journal, &self.models, subject, self.models_wait).await
    }
}

/// Returns how many streams the next group has: at least one, at most `batch`.
fn group_length(work: &[&Work], batch: usize) -> usize {
    let mut bytes = 0;
    let fits = |work: &&&Work| {
        bytes += work.bytes();
        bytes <= GROUP_BYTES
    };
    work.iter().take_while(fits).count().clamp(1, batch.max(1))
}

impl<'a> Done<'a> {
    fn leave(&mut self, work: &'a Work, error: &Error) {
        tracing::warn!(%error, home = %work.home, "one delivery of a group failed");
        self.left.push(work);
    }
}
