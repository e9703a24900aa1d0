//! The courier carries messages in waves: what the recipients do about them may be messages again.

use std::{sync::Arc, time::Duration};

use calendar::{
    Limits,
    object::{self, Command, Object, Receive, Report, World},
};
use projections::{Directory, ReadModels};
use schemas::{CollectionId, Event, ObjectId, Position, PrincipalId, principal::AutomaticAnswer};

use super::{
    Conversations, Tracker, Transports, Turn,
    availability::Diary,
    letter::{Addressed, Letter},
    resume::Waiting,
    wave::{Undelivered, Wave, Work},
};
use crate::{
    address_book::Book,
    clock::{self, Stamp},
    collections,
    error::Error,
    locks::Keyed,
    store::{Decision, Executed, Happened, Store, decision},
};

/// Waves one act may cause: an invitation, automatic answers, the refresh of the others, and room to spare.
const MAX_WAVES: usize = 8;
/// How often one stream is tried before its messages count as not delivered, and how long after the first time.
const MAX_TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// How often a booking waits for the read models before the next one goes on without them.
const MAX_WAITS: usize = 60;

/// Carries scheduling messages between homes of this system.
#[derive(Debug)]
pub(crate) struct Courier {
    pub store: Arc<Store>,
    pub models: ReadModels,
    pub limits: Limits,
    /// Streams appended to in one durable group.
    pub batch: usize,
    /// How long the read models may take to show a booking.
    pub models_wait: Duration,
    pub tracker: Arc<Tracker>,
    pub transports: Transports,
    /// One booking at a time for whoever answers automatically: no double booking.
    pub bookings: Keyed<PrincipalId>,
    pub conversations: Conversations,
}

/// What one stream did about its work.
#[derive(Debug)]
struct Done {
    position: Position,
    events: Vec<Happened>,
}

impl Courier {
    /// Carries what `executed` issued, at most `wait` long; the rest goes on in the background, with the `turn` of the
    /// conversation. Answers the last position that was reached.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        origin: &Stamp,
        executed: &Executed<Object>,
        turn: Turn,
        wait: Duration,
    ) -> Result<Position, Error> {
        let letters = Letter::all(&executed.events);
        if letters.is_empty() {
            return Ok(Position::START);
        }
        let (courier, origin) = (Arc::clone(self), origin.clone());
        let carrying = tokio::spawn(async move {
            let carried = courier.carry(&origin, letters).await;
            drop(turn);
            carried
        });
        match tokio::time::timeout(wait, carrying).await {
            Ok(carried) => carried.map_err(Error::failed),
            // Slow, not lost: the task goes on, and the checkpoint waits for it.
            Err(_) => Ok(Position::START),
        }
    }

    /// Carries all that waits of one meeting, together as it was said: nothing of it overtakes the rest.
    pub(crate) async fn resume(&self, waiting: Vec<Waiting>) {
        let Some(origin) = waiting.first().map(|first| first.origin.clone()) else { return };
        let letters = waiting.into_iter().map(|waiting| waiting.letter).collect();
        self.carry(&origin, letters).await;
    }

    /// Wave after wave, until nobody has anything to say.
    async fn carry(&self, origin: &Stamp, mut letters: Vec<Letter>) -> Position {
        let mut last = Position::START;
        let mut sent: Vec<Addressed> = vec![];
        let mut undelivered = Undelivered::default();
        for _ in 0..MAX_WAVES {
            if letters.is_empty() && sent.is_empty() {
                break;
            }
            let directory = self.models.directory();
            let address = |letter: Letter| letter.addressed(&self.transports, &directory);
            let addressed: Vec<_> = letters.into_iter().map(address).collect();
            let mut wave = Wave::of(&addressed);
            wave.report(&sent, &undelivered);
            letters = vec![];
            for done in self.run(origin, wave, &directory, &mut undelivered).await {
                last = last.max(done.position);
                letters.extend(Letter::all(&done.events));
                undelivered.note(&done.events);
            }
            // Only what was also reported to its sender is done with.
            self.finished(&sent, &undelivered);
            sent = addressed;
        }
        self.finished(&sent, &undelivered);
        last
    }

    /// What could not be brought to an end is tried again at the next start.
    fn finished(&self, letters: &[Addressed], undelivered: &Undelivered) {
        let messages = letters.iter().map(|addressed| addressed.letter.issued.message);
        for message in messages.filter(|message| !undelivered.has_failed(*message)) {
            self.tracker.finished(message);
        }
    }

    /// One wave: people's copies in durable groups, then whoever answers automatically, one booking at a time each.
    async fn run(
        &self,
        origin: &Stamp,
        wave: Wave,
        directory: &Arc<Directory>,
        undelivered: &mut Undelivered,
    ) -> Vec<Done> {
        let answers = |home| directory.by_id(home).map_or(AutomaticAnswer::None, |entry| entry.automatic_answer);
        let (people, automatic): (Vec<_>, Vec<_>) =
            wave.0.into_iter().partition(|(_, work)| answers(work.home) == AutomaticAnswer::None);
        let mut done = Vec::with_capacity(people.len() + automatic.len());
        let mut alone = automatic;
        for group in people.chunks(self.batch.max(1)) {
            match self.group(origin, group, directory).await {
                Ok(grouped) => done.extend(grouped),
                // One of them spoils it for all: each for itself, then.
                Err(error) => {
                    tracing::warn!(%error, "a group of deliveries failed");
                    alone.extend_from_slice(group);
                }
            }
        }
        let single = |(id, work): &(ObjectId, Work)| {
            let (id, work, answer) = (*id, work.clone(), answers(work.home));
            async move { (self.persist(origin, id, &work, answer, directory).await, work) }
        };
        for (outcome, work) in futures::future::join_all(alone.iter().map(single)).await {
            match outcome {
                Ok(one) => done.push(one),
                Err(error) => {
                    tracing::error!(%error, home = %work.home, "scheduling messages could not be delivered");
                    undelivered.fail(&work);
                }
            }
        }
        done
    }

    /// One stream, tried again while the world is not ready for it.
    async fn persist(
        &self,
        origin: &Stamp,
        id: ObjectId,
        work: &Work,
        answer: AutomaticAnswer,
        directory: &Arc<Directory>,
    ) -> Result<Done, Error> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..MAX_TRIES {
            match self.book(origin, id, work, answer, directory).await {
                Ok(done) => return Ok(done),
                Err(error) => tracing::warn!(%error, home = %work.home, "a delivery is tried again"),
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.book(origin, id, work, answer, directory).await
    }

    /// Appends to many streams as one durable group; who lost a race decides again alone.
    async fn group(
        &self,
        origin: &Stamp,
        group: &[(ObjectId, Work)],
        directory: &Arc<Directory>,
    ) -> Result<Vec<Done>, Error> {
        let at = clock::now();
        let mut decisions = Vec::with_capacity(group.len());
        for (id, work) in group {
            let loaded = self.store.load::<Object>(*id).await?;
            let stamp = origin.reaction(at, work.cause(&loaded.state), &id.to_string());
            let events = self.decide(&loaded.state, work, &stamp, AutomaticAnswer::None, directory)?;
            decisions.push((work, stamp.clone(), decision(*id, loaded, &stamp, events)));
        }
        decisions.retain(|(_, _, decision)| !decision.events.is_empty());
        let appends = decisions.iter().map(|(_, _, decision)| decision.append.clone()).collect();
        let results = self.store.append_many(appends).await;
        let mut done = Vec::with_capacity(decisions.len());
        for ((work, stamp, decision), result) in decisions.into_iter().zip(results) {
            done.push(match result {
                Ok(appended) => self.store.settle(decision, appended).into(),
                Err(journal::AppendError::WrongExpectedRevision { .. }) => match self.store.itself(&decision).await? {
                    Some(appended) => self.store.settle(decision, appended).into(),
                    None => self.alone(decision, work, &stamp, AutomaticAnswer::None, directory).await?,
                },
                Err(error) => return Err(error.into()),
            });
        }
        Ok(done)
    }

    async fn alone(
        &self,
        lost: Decision<Object>,
        work: &Work,
        stamp: &Stamp,
        answer: AutomaticAnswer,
        directory: &Arc<Directory>,
    ) -> Result<Done, Error> {
        let decide = |object: &Object| self.decide(object, work, stamp, answer, directory);
        Ok(self.store.again::<Object>(lost, stamp, decide).await?.into())
    }

    /// Decides with the diary open. The next one opens it when the read models show what was decided.
    async fn book(
        &self,
        origin: &Stamp,
        id: ObjectId,
        work: &Work,
        answer: AutomaticAnswer,
        directory: &Arc<Directory>,
    ) -> Result<Done, Error> {
        let turn = self.bookings.lock(work.home).await;
        let known = self.store.load::<Object>(id).await?;
        let stamp = origin.reaction(clock::now(), work.cause(&known.state), &id.to_string());
        let decide = |object: &Object| self.decide(object, work, &stamp, answer, directory);
        let done = Done::from(self.store.execute::<Object>(id, &stamp, decide).await?);
        if answer != AutomaticAnswer::None {
            let shown = shown(self.models.clone(), done.position, self.models_wait);
            tokio::spawn(async move {
                shown.await;
                drop(turn);
            });
        }
        Ok(done)
    }

    fn decide(
        &self,
        object: &Object,
        work: &Work,
        stamp: &Stamp,
        answer: AutomaticAnswer,
        directory: &Arc<Directory>,
    ) -> Result<Vec<Event>, Error> {
        let book = Book(Arc::clone(directory));
        let diary = Diary { models: &self.models, home: work.home, book: &book };
        let world =
            World { now: stamp.metadata.at, act: stamp.act, home: work.home, limits: &self.limits, book: &book };
        let report = Report { deliveries: work.reports.clone() };
        let receive = Receive {
            incoming: &work.incoming,
            inbox: CollectionId::derive(work.home, "inbox", 0),
            arrivals: collections::arrivals(&self.models, work.home)?,
            answer,
            availability: &diary,
        };
        let mut events = object::decide(object, &Command::Report(&report), &world)?;
        let reported = events.iter().fold(object.clone(), object::evolve);
        events.extend(object::decide(&reported, &Command::Receive(&receive), &world)?);
        Ok(events)
    }
}

/// Waits until the read models show a booking.
async fn shown(models: ReadModels, position: Position, wait: Duration) {
    for _ in 0..MAX_WAITS {
        if models.wait_for(position, wait).await.is_ok() {
            return;
        }
    }
    tracing::error!(%position, "the read models do not show a booking; the next one may not know of it");
}

impl From<Executed<Object>> for Done {
    fn from(executed: Executed<Object>) -> Self {
        Self { position: executed.position, events: executed.events }
    }
}
