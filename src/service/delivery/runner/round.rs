//! One round of deliveries: copies of people are appended in durable groups, and copies of
//! principals that answer automatically each by itself.

use std::{collections::HashMap, sync::Arc, time::Duration};

use ::delivery::{Action, Copy, Environment, Work, step};
use calendar::object::Object;
use projections::Directory;
use schemas::{Position, Timestamp, principal::AutomaticAnswer};

use super::{MAX_TRIES, Runner};
use crate::{
    address_book::DirectoryAddressBook,
    clock::{self, Stamp},
    collections,
    delivery::availability::HomeAvailability,
    error::Error,
    free_busy::HomeTime,
    freshness::Subject,
    store::{Decision, Executed, Loaded, MAX_ATTEMPTS, decision},
};

/// Pause between the first and the second attempt to deliver to a stream. It doubles with each
/// further attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Number of streams that are decided before the task yields to others: some milliseconds of work
/// for a meeting with hundreds of attendees.
const DECIDED_AT_ONCE: usize = 32;

/// Maximum size of the messages to the streams of one durable group, in bytes. A stream whose
/// messages alone are larger gets a group of its own. Other writes wait while the read models apply
/// a group.
const GROUP_BYTES: usize = 4 << 20;

/// Decided events of one stream that are not appended yet.
struct Draft<'a> {
    work: &'a Work,
    stamp: Stamp,
    decision: Decision<Object>,
}

/// Results of a durable group.
#[derive(Debug, Default)]
struct Done<'a> {
    last: Position,
    /// Work that was not appended with the group and is retried for each stream alone.
    left: Vec<&'a Work>,
}

impl Runner {
    /// Executes one round: copies of people in durable groups, then automatic answers, one at a
    /// time for each home. Returns the position of the last event that was appended;
    /// [`Position::START`] if there is none.
    pub(super) async fn round(&self, work: &[Work]) -> Position {
        let directory = self.models.directory();
        let (people, mut alone): (Vec<_>, Vec<_>) =
            work.iter().partition(|work| answer(&directory, work) == AutomaticAnswer::None);
        let mut last = Position::START;
        let mut rest = people.as_slice();
        while !rest.is_empty() {
            let (group, others) = rest.split_at(group_length(rest, self.batch));
            let done = self.group(group).await;
            last = last.max(done.last);
            alone.extend(done.left);
            if !others.is_empty() {
                // Delivery must not run ahead of the read models, because other writes wait for
                // them. If they do not catch up in time, the next group is decided nevertheless.
                let _behind = self.models.wait_for(last, self.models_wait).await;
            }
            rest = others;
        }
        let reached = futures::future::join_all(alone.into_iter().map(|work| self.single(work))).await;
        reached.into_iter().max().map_or(last, |reached| reached.max(last))
    }

    /// Appends to many streams as one durable group. A stream whose load or append fails, that
    /// another writer changed first, or whose home answers automatically meanwhile, is left to be
    /// decided again alone.
    async fn group<'a>(&self, group: &[&'a Work]) -> Done<'a> {
        let mut done = Done::default();
        let mut drafts = vec![];
        let now = clock::now();
        let mut loaded = self.load(group, &mut done).await;
        let _directory = match self.store.directory_unchanged().await {
            Ok(unchanged) => unchanged,
            Err(error) => {
                for (work, _) in loaded {
                    done.leave(work, &error);
                }
                return done;
            }
        };
        let directory = self.models.directory();
        done.left.extend(
            loaded.extract_if(.., |(work, _)| answer(&directory, work) != AutomaticAnswer::None).map(|(work, _)| work),
        );
        let mut loaded = loaded.into_iter();
        while loaded.len() > 0 {
            let part = loaded.by_ref().take(DECIDED_AT_ONCE).collect();
            drafts.extend(self.drafts(part, now, AutomaticAnswer::None, &directory));
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

    /// Loads the object of each stream. Work that fails is left to be retried alone.
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

    /// Delivers to one stream alone, in at most [`MAX_TRIES`] attempts. An error that would repeat
    /// itself ends the attempts.
    async fn single(&self, work: &Work) -> Position {
        let mut pause = FIRST_PAUSE;
        let mut tries = 1;
        loop {
            match self.attempt(work).await {
                Ok(position) => return position,
                Err(error) if error.is_final() || tries == MAX_TRIES => {
                    tracing::error!(%error, home = %work.home, "scheduling messages, or reports about sent ones, could \
                        not be delivered to this home; they are tried again, at the latest when the server starts \
                        next, and `daybook outbox` lists them");
                    // Drops the cached fold: the append may have been stored although the answer is
                    // an error.
                    self.store.forget(work.stream);
                    self.outbox.failed(work, &error);
                    return Position::START;
                }
                Err(error) => {
                    tracing::warn!(%error, home = %work.home, "delivering scheduling messages, or reports about sent \
                        ones, to this home failed; it is tried again");
                }
            }
            tries += 1;
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    /// Delivers to one stream. An automatic answer is decided on read models that show the previous
    /// answer of the same home.
    async fn attempt(&self, work: &Work) -> Result<Position, Error> {
        // Taken before the guard of the directory, as everywhere: otherwise two tasks could wait
        // for each other.
        let _booking = self.bookings.lock(work.home).await;
        for _ in 0..MAX_ATTEMPTS {
            let is_automatic = answer(&self.models.directory(), work) != AutomaticAnswer::None;
            let rests_on = if is_automatic { Subject::Home(work.home) } else { Subject::Collections(work.home) };
            let loaded = self.load_one(work, rests_on).await?;
            let _directory = self.store.directory_unchanged().await?;
            let directory = self.models.directory();
            let answer = answer(&directory, work);
            if is_automatic != (answer != AutomaticAnswer::None) {
                continue;
            }
            let drafts = self.drafts(vec![(work, loaded)], clock::now(), answer, &directory);
            let Some(Draft { stamp, decision, .. }) = drafts.into_iter().next() else { return Ok(Position::START) };
            let appended = self.store.append(&decision).await;
            // After a conflict, another server may have delivered the first message. The other
            // messages are then decided with other event ids.
            if let Some(executed) = self.store.conclude_once(decision, appended).await? {
                return Ok(self.taken_in(work, &stamp, &executed));
            }
        }
        Err(Error::contended())
    }

    /// Calls [`delivery::step`], executes the actions that append nothing, and returns the events
    /// that are to be appended.
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
        let (basis, actions) = (self.store.basis(), step(copies, &environment));
        let mut loaded: HashMap<_, _> =
            loaded.into_iter().map(|(work, loaded)| (work.stream, (work, loaded))).collect();
        let mut drafts = vec![];
        for action in actions {
            match action {
                Action::Park { home, message, reason } => {
                    tracing::error!(%message, %home, reason, "a scheduling message cannot be delivered and is \
                        parked until the next start; `daybook outbox` lists it");
                    self.outbox.park(message, home, &reason);
                }
                Action::ParkAll { stream, reason } => {
                    tracing::error!(%stream, reason, "the scheduling messages to this calendar object cannot be \
                        delivered and are parked until the next start; `daybook outbox` lists them");
                    self.outbox.park_all(loaded[&stream].0, &reason);
                }
                Action::Confirm { stream } => {
                    let (work, loaded) = &loaded[&stream];
                    self.outbox.taken_in(work, &loaded.state);
                }
                Action::Append { stream, cause, events, after } => {
                    let Some((work, loaded)) = loaded.remove(&stream) else { continue };
                    let stamp = Stamp::reaction(&cause, now, work.act(&cause));
                    let decision = decision(Subject::Home(work.home), stream, loaded, &stamp, events);
                    let decision = decision.resting_on(basis).leading_to(after);
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

    /// Records an append of a stream in the outbox: the messages that it issued, and the messages
    /// and reports of `work` that it finished. Returns the position of the append.
    fn taken_in(&self, work: &Work, stamp: &Stamp, executed: &Executed<Object>) -> Position {
        self.outbox.issued(executed, &stamp.metadata);
        self.outbox.taken_in(work, &executed.after);
        executed.position
    }
}

/// Returns how the recipient of the work answers invitations.
fn answer(directory: &Directory, work: &Work) -> AutomaticAnswer {
    directory.by_id(work.home).map_or(AutomaticAnswer::None, |entry| entry.automatic_answer)
}

/// Returns the number of streams in the next group: as many as fit into [`GROUP_BYTES`], but at
/// least one and at most `batch`.
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
        tracing::warn!(%error, home = %work.home, "delivering scheduling messages, or reports about sent ones, to \
            this home failed within a group of deliveries; it is tried again alone");
        self.left.push(work);
    }
}
