//! The courier carries messages in waves: what the recipients do about them may be messages again.

use std::{sync::Arc, time::Duration};

use calendar::{
    Limits,
    object::{self, Command, Object, Receive, Report, World},
};
use projections::{Directory, ReadModels};
use schemas::{CollectionId, Event, ObjectId, Position, PrincipalId, principal::AutomaticAnswer};

use super::{
    Conversations, Tracker, Turn,
    availability::Diary,
    resume::Waiting,
    wave::{Letter, Rejected, Wave, Work},
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
            Ok(carried) => carried.map_err(Error::failed)?,
            // Slow, not lost: the task goes on, and the checkpoint waits for it.
            Err(_) => Ok(Position::START),
        }
    }

    /// Carries everything that waited when the last run ended.
    pub(crate) async fn resume(&self, waiting: Vec<Waiting>) {
        for Waiting { origin, letter } in waiting {
            let _turn = self.conversations.turn(&letter.issued.uid).await;
            if let Err(error) = self.carry(&origin, vec![letter]).await {
                tracing::error!(%error, "a scheduling message could not be delivered; it waits for the next start");
            }
        }
    }

    /// Wave after wave, until nobody has anything to say.
    async fn carry(&self, origin: &Stamp, mut letters: Vec<Letter>) -> Result<Position, Error> {
        let mut last = Position::START;
        let mut delivered: Vec<Letter> = vec![];
        let mut rejected = Rejected::default();
        for _ in 0..MAX_WAVES {
            let directory = self.models.directory();
            let mut wave = Wave::of(&letters, &directory);
            wave.report(&delivered, &rejected, &directory);
            if wave.0.is_empty() {
                break;
            }
            let mut answers = vec![];
            for done in self.run(origin, wave, &directory).await? {
                last = last.max(done.position);
                answers.extend(Letter::all(&done.events));
                rejected.note(&done.events);
            }
            // Only what was also reported to its sender is done with.
            self.finished(&delivered);
            delivered = std::mem::replace(&mut letters, answers);
        }
        self.finished(&delivered);
        Ok(last)
    }

    fn finished(&self, letters: &[Letter]) {
        for letter in letters {
            self.tracker.finished(letter.issued.message);
        }
    }

    /// One wave: people's copies in durable groups, then whoever answers automatically, one booking at a time each.
    async fn run(&self, origin: &Stamp, wave: Wave, directory: &Arc<Directory>) -> Result<Vec<Done>, Error> {
        let answers = |home| directory.by_id(home).map_or(AutomaticAnswer::None, |entry| entry.automatic_answer);
        let (people, automatic): (Vec<_>, Vec<_>) =
            wave.0.into_iter().partition(|(_, work)| answers(work.home) == AutomaticAnswer::None);
        let mut done = Vec::with_capacity(people.len() + automatic.len());
        let mut people = people.into_iter().peekable();
        while people.peek().is_some() {
            let group: Vec<_> = people.by_ref().take(self.batch.max(1)).collect();
            done.extend(self.group(origin, group, directory).await?);
        }
        let bookings = automatic.into_iter().map(|(id, work)| {
            let answer = answers(work.home);
            self.book(origin, id, work, answer, directory)
        });
        for booked in futures::future::join_all(bookings).await {
            done.push(booked?);
        }
        Ok(done)
    }

    /// Appends to many streams as one durable group; who lost a race decides again alone.
    async fn group(
        &self,
        origin: &Stamp,
        group: Vec<(ObjectId, Work)>,
        directory: &Arc<Directory>,
    ) -> Result<Vec<Done>, Error> {
        let at = clock::now();
        let mut decisions = Vec::with_capacity(group.len());
        for (id, work) in &group {
            let loaded = self.store.load::<Object>(*id).await?;
            let stamp = origin.reaction(at, work.cause, &id.to_string());
            let events = self.decide(&loaded.state, work, &stamp, AutomaticAnswer::None, directory)?;
            decisions.push((work, stamp.clone(), decision(*id, loaded, &stamp, events)));
        }
        decisions.retain(|(_, _, decision)| !decision.events.is_empty());
        let appends = decisions.iter().map(|(_, _, decision)| decision.append.clone()).collect();
        let results = self.store.journal.append_many(appends).await;
        let mut done = Vec::with_capacity(decisions.len());
        for ((work, stamp, decision), result) in decisions.into_iter().zip(results) {
            done.push(match result {
                Ok(appended) => self.store.settle(decision, appended).into(),
                Err(journal::AppendError::WrongExpectedRevision { .. }) => {
                    self.alone(decision, work, &stamp, AutomaticAnswer::None, directory).await?
                }
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

    /// Decides with the diary open, and closes it only when the read models show the outcome.
    async fn book(
        &self,
        origin: &Stamp,
        id: ObjectId,
        work: Work,
        answer: AutomaticAnswer,
        directory: &Arc<Directory>,
    ) -> Result<Done, Error> {
        let _turn = self.bookings.lock(work.home).await;
        let stamp = origin.reaction(clock::now(), work.cause, &id.to_string());
        let decide = |object: &Object| self.decide(object, &work, &stamp, answer, directory);
        let done = Done::from(self.store.execute::<Object>(id, &stamp, decide).await?);
        self.models.wait_for(done.position, self.models_wait).await?;
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

impl From<Executed<Object>> for Done {
    fn from(executed: Executed<Object>) -> Self {
        Self { position: executed.position, events: executed.events }
    }
}
