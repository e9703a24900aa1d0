//! The courier carries messages in waves: what the recipients do about them may be messages again.

use std::{sync::Arc, time::Duration};

use calendar::{
    Limits,
    object::{self, Command, DecisionContext, Object, ParsedMessage, Receive, Report},
};
use projections::{Directory, ReadModels};
use schemas::{CollectionId, ObjectEvent, ObjectId, Position, PrincipalId, Timestamp, principal::AutomaticAnswer};

use super::{
    Conversations, Tracker, Transports, Turn,
    availability::Diary,
    conversation::Left,
    letter::{Addressed, Letter},
    readings::Readings,
    resume::Waiting,
    wave::{Undelivered, Wave, Work},
};
use crate::{
    address_book::Book,
    clock::{self, Stamp},
    collections,
    error::Error,
    freshness::{self, Subject},
    locks::Keyed,
    store::{Decision, Executed, Loaded, Store, decision},
};

/// One to carry and one to tell the sender: with fewer, nothing would ever be done with.
const MIN_WAVES: usize = 2;
/// How often one stream is tried before its messages count as not delivered, and how long after the first time.
const MAX_TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Streams that decide before others have their turn: some milliseconds, for a meeting of hundreds.
const DECIDED_AT_ONCE: usize = 32;

/// Carries scheduling messages between homes of this system.
#[derive(Debug)]
pub(crate) struct Courier {
    pub store: Arc<Store>,
    pub models: ReadModels,
    pub limits: Limits,
    /// Streams appended to in one durable group, and held in memory together: some megabytes, for a meeting of hundreds.
    pub batch: usize,
    /// Waves carried at once.
    pub waves: usize,
    /// How long the read models may take to show a booking.
    pub models_wait: Duration,
    pub tracker: Arc<Tracker>,
    pub transports: Transports,
    /// One booking at a time for whoever answers automatically: no double booking.
    pub bookings: Keyed<PrincipalId>,
    pub conversations: Conversations,
}

/// One stream and its work.
type Task<'a> = (ObjectId, &'a Work);

/// What a stream wants to append, and as what act.
type Draft = (Stamp, Decision<Object>);

/// What a wave led to.
#[derive(Debug, Default)]
struct Carried {
    /// The last position that was reached.
    last: Position,
    /// What is said now.
    letters: Vec<Letter>,
}

/// What the streams of a group did about their work.
#[derive(Debug, Default)]
struct Done<'a> {
    executed: Vec<(&'a Work, Executed<Object>)>,
    /// What each of these has to try by itself.
    left: Vec<Task<'a>>,
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
        let letters = Letter::all(&executed.events, executed.position);
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

    /// The turn of a conversation in which everything that was said has arrived; `None`: that takes longer. It goes on in
    /// the background, with the turn.
    pub(crate) async fn turn(self: &Arc<Self>, uid: &str, wait: Duration) -> Option<Turn> {
        let (courier, uid) = (Arc::clone(self), uid.to_owned());
        let clearing = async move {
            let turn = courier.conversations.turn(&uid).await;
            if courier.conversations.left(&uid).is_none() {
                return Some(turn);
            }
            let clearing = tokio::spawn(async move {
                for _ in 0..MAX_TRIES {
                    let Some(left) = courier.conversations.left(&uid) else { return Some(turn) };
                    courier.carry(&left.origin, left.letters).await;
                }
                courier.conversations.left(&uid).is_none().then_some(turn)
            });
            clearing.await.ok().flatten()
        };
        tokio::time::timeout(wait, clearing).await.ok().flatten()
    }

    /// Carries all that waits of one meeting, together as it was said: nothing of it overtakes the rest.
    pub(crate) async fn resume(&self, waiting: Vec<Waiting>) {
        let Some(origin) = waiting.first().map(|first| first.origin.clone()) else { return };
        let letters = waiting.into_iter().map(|waiting| waiting.letter).collect();
        self.carry(&origin, letters).await;
    }

    /// Wave after wave, until nobody has anything to say, or it is enough for now.
    async fn carry(&self, origin: &Stamp, new: Vec<Letter>) -> Position {
        let Some(uid) = new.first().map(|letter| letter.issued.uid.clone()) else { return Position::START };
        let mut last = Position::START;
        let mut letters = self.conversations.with_left(&uid, new);
        // All that is not done with.
        let mut open = letters.clone();
        let mut sent: Vec<Addressed> = vec![];
        let mut undelivered = Undelivered::default();
        for _ in 0..self.waves.max(MIN_WAVES) {
            if letters.is_empty() && sent.iter().all(|sent| undelivered.waits(sent.letter.issued.message)) {
                break;
            }
            let directory = self.models.directory();
            let address = |letter: Letter| letter.addressed(&self.transports, &directory);
            let addressed: Vec<_> = letters.into_iter().map(address).collect();
            let mut wave = Wave::of(&addressed);
            let (failed, late) = undelivered.again();
            wave.begin_with(failed);
            let (late, reported): (Vec<_>, Vec<_>) =
                sent.into_iter().partition(|sent| late.contains(&sent.letter.issued.message));
            wave.report(&reported, &undelivered);
            let carried = self.run(origin, &wave, &directory, &mut undelivered).await;
            last = last.max(carried.last);
            letters = carried.letters;
            open.extend(letters.iter().cloned());
            let (unreported, done): (Vec<_>, Vec<_>) =
                reported.into_iter().partition(|sent| undelivered.waits(sent.letter.issued.message));
            for Addressed { letter, .. } in done {
                open.retain(|open| open.issued.message != letter.issued.message);
                self.tracker.finished(letter.issued.message, letter.at);
            }
            sent = addressed.into_iter().chain(late).chain(unreported).collect();
        }
        // What was not reported to its sender, or not even carried, is not done with.
        self.conversations.leave(uid, Left { origin: origin.clone(), letters: open });
        last
    }

    /// One wave: people's copies in durable groups, then whoever answers automatically, one booking at a time each.
    async fn run<'a>(
        &self,
        origin: &Stamp,
        wave: &'a Wave,
        directory: &Arc<Directory>,
        undelivered: &mut Undelivered,
    ) -> Carried {
        let answers = |home| directory.by_id(home).map_or(AutomaticAnswer::None, |entry| entry.automatic_answer);
        let tasks = wave.0.iter().map(|(id, work)| (*id, work));
        let (people, mut alone): (Vec<Task<'_>>, Vec<_>) =
            tasks.partition(|(_, work)| answers(work.home) == AutomaticAnswer::None);
        let mut carried = Carried::default();
        for group in people.chunks(self.batch.max(1)) {
            let done = self.group(origin, group, directory).await;
            for (work, executed) in done.executed {
                carried.note(&executed);
                undelivered.note(work, &executed.after);
            }
            alone.extend(done.left);
        }
        let single = |(id, work): Task<'a>| async move {
            (id, work, self.persist(origin, id, work, answers(work.home), directory).await)
        };
        for (id, work, outcome) in futures::future::join_all(alone.into_iter().map(single)).await {
            match outcome {
                Ok(executed) => {
                    carried.note(&executed);
                    undelivered.note(work, &executed.after);
                }
                Err(error) => {
                    tracing::error!(%error, home = %work.home, "scheduling messages could not be delivered");
                    // It may have been stored all the same.
                    self.store.forget(id);
                    undelivered.fail(id, work, &error);
                }
            }
        }
        carried
    }

    /// One stream, tried again while the world is not ready for it.
    async fn persist(
        &self,
        origin: &Stamp,
        id: ObjectId,
        work: &Work,
        answer: AutomaticAnswer,
        directory: &Arc<Directory>,
    ) -> Result<Executed<Object>, Error> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..MAX_TRIES {
            match self.book(origin, id, work, answer, directory).await {
                Err(error) if !error.is_final() => {
                    tracing::warn!(%error, home = %work.home, "a delivery is tried again");
                }
                settled => return settled,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.book(origin, id, work, answer, directory).await
    }

    /// Appends to many streams as one durable group; who lost a race decides again alone.
    async fn group<'a>(&self, origin: &Stamp, group: &[Task<'a>], directory: &Arc<Directory>) -> Done<'a> {
        let mut done = Done::default();
        let mut deciding = vec![];
        let at = clock::now();
        for part in group.chunks(DECIDED_AT_ONCE) {
            let loaded = self.load(part, &mut done).await;
            for (task, draft) in self.drafts(origin, at, loaded, directory) {
                match draft {
                    Ok((_, drafted)) if drafted.events.is_empty() => done.executed.push((task.1, drafted.unchanged())),
                    Ok((stamp, drafted)) => deciding.push((task, stamp, drafted)),
                    Err(error) => done.leave(task, &error),
                }
            }
            // Others are served by this thread too.
            tokio::task::yield_now().await;
        }
        let writes = deciding.iter().map(|(.., drafted)| drafted.write()).collect();
        let answers = self.store.append_many(writes).await;
        for ((task, stamp, drafted), answer) in deciding.into_iter().zip(answers) {
            let decide = |object: &Object| self.decide_alone(object, task.1, &stamp, AutomaticAnswer::None, directory);
            match self.store.conclude(drafted, answer, &stamp, decide).await {
                Ok(executed) => done.executed.push((task.1, executed)),
                Err(error) => done.leave(task, &error),
            }
        }
        done
    }

    /// What each of these has come to.
    async fn load<'a>(&self, tasks: &[Task<'a>], done: &mut Done<'a>) -> Vec<(Task<'a>, Loaded<Object>)> {
        let mut loaded = Vec::with_capacity(tasks.len());
        for task in tasks {
            let known = async {
                // A copy may be created in a collection that the read models know.
                self.fresh(Subject::Collections(task.1.home)).await?;
                self.store.load::<Object>(task.0).await
            };
            match known.await {
                Ok(known) => loaded.push((*task, known)),
                Err(error) => done.leave(*task, &error),
            }
        }
        loaded
    }

    /// What each of these wants to append.
    fn drafts<'a>(
        &self,
        origin: &Stamp,
        at: Timestamp,
        loaded: Vec<(Task<'a>, Loaded<Object>)>,
        directory: &Arc<Directory>,
    ) -> Vec<(Task<'a>, Result<Draft, Error>)> {
        let readings = Readings::of(loaded.iter().map(|((_, work), _)| *work), directory);
        let draft = |(id, work): Task<'a>, known: Loaded<Object>| {
            let stamp = origin.reaction(at, work.cause(&known.state), &id.to_string());
            let (answer, read) = (AutomaticAnswer::None, readings.of_work(work));
            let events = self.decide(&known.state, work, &read, &stamp, answer, directory)?;
            let drafted = decision(Subject::Home(work.home), id, known, &stamp, events);
            Ok((stamp, drafted))
        };
        loaded.into_iter().map(|(task, known)| (task, draft(task, known))).collect()
    }

    /// Decides for one stream. Automatic answers are decided one at a time, each on read models that show the last.
    async fn book(
        &self,
        origin: &Stamp,
        id: ObjectId,
        work: &Work,
        answer: AutomaticAnswer,
        directory: &Arc<Directory>,
    ) -> Result<Executed<Object>, Error> {
        let _booking = self.bookings.lock(work.home).await;
        let is_automatic = answer != AutomaticAnswer::None;
        let rests_on = if is_automatic { Subject::Home(work.home) } else { Subject::Collections(work.home) };
        self.fresh(rests_on).await?;
        let known = self.store.load::<Object>(id).await?;
        let stamp = origin.reaction(clock::now(), work.cause(&known.state), &id.to_string());
        let decide = |object: &Object| self.decide_alone(object, work, &stamp, answer, directory);
        self.store.execute::<Object>(Subject::Home(work.home), id, &stamp, decide).await
    }

    async fn fresh(&self, subject: Subject) -> Result<(), Error> {
        let store = &self.store;
        freshness::wait(&store.freshness, &*store.journal, &self.models, subject, self.models_wait).await
    }

    fn decide_alone(
        &self,
        object: &Object,
        work: &Work,
        stamp: &Stamp,
        answer: AutomaticAnswer,
        directory: &Arc<Directory>,
    ) -> Result<Vec<ObjectEvent>, Error> {
        let readings = Readings::of([work], directory);
        self.decide(object, work, &readings.of_work(work), stamp, answer, directory)
    }

    fn decide(
        &self,
        object: &Object,
        work: &Work,
        read: &[&ParsedMessage<'_>],
        stamp: &Stamp,
        answer: AutomaticAnswer,
        directory: &Arc<Directory>,
    ) -> Result<Vec<ObjectEvent>, Error> {
        let book = Book(Arc::clone(directory));
        let diary = Diary { models: &self.models, home: work.home, book: &book };
        let context = DecisionContext {
            now: stamp.metadata.at,
            act: stamp.act,
            home: work.home,
            actor: None,
            limits: &self.limits,
            address_book: &book,
        };
        let report = Report { deliveries: work.reports.clone() };
        let receive = Receive {
            messages: read,
            inbox: CollectionId::derive(work.home, "inbox", 0),
            default_calendars: collections::default_calendars(&self.models, work.home)?,
            answer,
            availability: &diary,
        };
        let mut events = object::decide(object, &Command::Report(&report), &context)?;
        let reported = events.iter().fold(object.clone(), object::evolve);
        events.extend(object::decide(&reported, &Command::Receive(&receive), &context)?);
        Ok(events)
    }
}

impl Carried {
    fn note(&mut self, executed: &Executed<Object>) {
        self.last = self.last.max(executed.position);
        self.letters.extend(Letter::all(&executed.events, executed.position));
    }
}

impl<'a> Done<'a> {
    fn leave(&mut self, task: Task<'a>, why: &Error) {
        tracing::warn!(error = %why, home = %task.1.home, "one delivery of a group failed");
        self.left.push(task);
    }
}
