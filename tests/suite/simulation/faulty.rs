//! A journal with every fault that the port of the journal allows.
//!
//! **Invariant:** the fate of an append in rough weather depends only on the seed, the id of its
//! first event and the number of attempts. It does not depend on other tasks.

use std::{
    collections::HashMap,
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use journal::{
    Append, AppendError, Appended, Failure, Journal, Subscription,
    chain::{Entry, Head},
    engine::Source,
    memory::Memory,
};
use schemas::{Position, Revision, Stored, Stream};
use tokio::{
    sync::{Notify, watch},
    task::yield_now,
};
use uuid::Uuid;

use super::{
    dice::Dice,
    history::{History, Lag, Weather},
    setting,
};

/// The numbers of attempts of one append that an outage makes fail: more than the service retries
/// immediately, and 30 are more than the attempts of its delivery.
const OUTAGES: [u64; 3] = [6, 6, 30];
/// The percentage of appends that an outage makes fail.
const OUTAGE_PERCENT: u64 = 1;
/// The percentage of lives in which the first reads of the journal fail.
const UNREAD_PERCENT: u64 = 10;
/// The number of reads that fail in such a life.
const UNREAD: usize = 2;
/// The maximum lag of the read models behind the journal, in those histories that have a lag. It is
/// thousands of times longer than a command takes, like a lag of seconds on a real machine.
const MAX_LAG_MILLISECONDS: u64 = 15;
/// The exclusive maximum of the times that an append yields to other tasks.
const MAX_TURNS: u64 = 6;

/// The time at which the process dies.
#[derive(Debug, Clone, Copy)]
pub struct Crash {
    /// The number of appends before the crash.
    pub left: u32,
    /// True if the append at which the process dies is stored before the process dies.
    pub stored: bool,
}

#[derive(Debug)]
pub struct Faulty {
    inner: Arc<Memory>,
    seed: u64,
    /// The last position that subscribers of all servers may read.
    head: watch::Sender<Position>,
    lag: Lag,
    is_shared: bool,
    state: Mutex<State>,
    /// The signal that the process has died.
    pub died: Notify,
}

#[derive(Debug)]
struct State {
    weather: Weather,
    seen: HashMap<Uuid, u64>,
    crash: Option<Crash>,
    dead: bool,
}

/// The fate of an append: its storage, and the answer to the caller.
enum Fate {
    Stored,
    /// The append is not stored, and the caller gets an error.
    Lost,
    /// The append is stored, but the caller gets an error.
    Unanswered,
    Twice,
    /// The append is refused although the stream is at the expected revision.
    Conflict,
}

impl Faulty {
    /// Creates the journal of one server on `inner`. `head` is the last position in `inner`, which
    /// all servers share.
    pub fn new(inner: Arc<Memory>, seed: u64, history: &History, head: watch::Sender<Position>) -> Self {
        let History { weather, lag, nodes, .. } = *history;
        let state = State { weather, seen: HashMap::new(), crash: None, dead: false };
        if weather == Weather::Rough && Dice::new(seed).chance(UNREAD_PERCENT) {
            inner.interrupt(UNREAD);
        }
        let (is_shared, state) = (nodes > 1, Mutex::new(state));
        Self { inner, seed, head, lag, is_shared, state, died: Notify::new() }
    }

    /// Returns a journal with the same contents for the server that replaces a dead one.
    pub fn next(&self, seed: u64, history: &History) -> Self {
        Self::new(Arc::clone(&self.inner), seed, history, self.head.clone())
    }

    pub fn crash(&self, crash: Option<Crash>) {
        self.state.lock().unwrap().crash = crash;
    }

    pub fn clear_up(&self) {
        self.state.lock().unwrap().weather = Weather::Calm;
    }

    /// Waits forever if the process is dead, because a dead process never answers.
    async fn alive(&self) {
        if self.state.lock().unwrap().dead {
            pending::<()>().await;
        }
    }

    async fn one(&self, append: Append) -> Result<Appended, AppendError> {
        let id = append.events[0].id;
        let count = self.count(id);
        let known_by = u64::from_be_bytes(id.as_bytes()[..8].try_into().unwrap());
        let mut dice = Dice::of(self.seed, known_by ^ count);
        let outage = outage(&mut Dice::of(self.seed, known_by));
        wander(&mut dice).await;
        self.alive().await;
        if let Some(crash) = self.dies() {
            if crash.stored {
                drop(self.inner.append(append).await);
            }
            self.died.notify_one();
            return pending().await;
        }
        let answer = self.meet(append, self.fate(&mut dice, count, outage)).await;
        wander(&mut dice).await;
        self.alive().await;
        answer
    }

    fn count(&self, id: Uuid) -> u64 {
        let mut state = self.state.lock().unwrap();
        let seen = state.seen.entry(id).or_default();
        *seen += 1;
        *seen
    }

    fn dies(&self) -> Option<Crash> {
        let mut state = self.state.lock().unwrap();
        let crash = state.crash.as_mut()?;
        if crash.left > 0 {
            crash.left -= 1;
            return None;
        }
        let crash = state.crash.take();
        state.dead = true;
        crash
    }

    fn fate(&self, dice: &mut Dice, count: u64, outage: u64) -> Fate {
        if self.state.lock().unwrap().weather == Weather::Calm {
            return Fate::Stored;
        }
        if count <= outage {
            return Fate::Lost;
        }
        // After two attempts an append succeeds.
        if count > 2 {
            return Fate::Stored;
        }
        match dice.roll(100) {
            0..=3 => Fate::Lost,
            4..=8 => Fate::Unanswered,
            9..=14 => Fate::Twice,
            15..=22 => Fate::Conflict,
            _ => Fate::Stored,
        }
    }

    async fn meet(&self, append: Append, fate: Fate) -> Result<Appended, AppendError> {
        let unknown = || AppendError::Unavailable(Failure::Storage(Arc::new(std::io::Error::other("no answer"))));
        match fate {
            Fate::Stored => self.inner.append(append).await,
            Fate::Lost => Err(unknown()),
            Fate::Unanswered => {
                drop(self.inner.append(append).await);
                Err(unknown())
            }
            Fate::Twice => {
                drop(self.inner.append(append.clone()).await);
                self.inner.append(append).await
            }
            Fate::Conflict => {
                let last = self.inner.read_last(append.stream).await?;
                Err(AppendError::WrongExpectedRevision { actual: last.map(|stored| stored.revision) })
            }
        }
    }
}

/// A source of events for subscribers that delays them.
#[derive(Debug)]
struct Lagging {
    inner: Arc<Memory>,
    dice: Mutex<Dice>,
}

#[async_trait::async_trait]
impl Source for Lagging {
    async fn after(&self, position: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        let most = setting("DAYBOOK_SIMULATION_LAG").unwrap_or(MAX_LAG_MILLISECONDS);
        let lag = self.dice.lock().unwrap().roll(most);
        tokio::time::sleep(Duration::from_millis(lag)).await;
        self.inner.read_all(position, limit).await
    }
}

/// Returns the number of attempts that an outage makes fail; 0 for no outage.
fn outage(dice: &mut Dice) -> u64 {
    if dice.chance(OUTAGE_PERCENT) { dice.pick(&OUTAGES) } else { 0 }
}

/// Yields to other tasks a random number of times.
async fn wander(dice: &mut Dice) {
    for _ in 0..dice.roll(MAX_TURNS) {
        yield_now().await;
    }
}

#[async_trait::async_trait]
impl Journal for Faulty {
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let mut answers = Vec::with_capacity(appends.len());
        for append in appends {
            answers.push(self.one(append).await);
            let head = self.inner.head().await;
            head.map(|head| self.head.send_replace(head)).expect("memory answers");
        }
        answers
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        yield_now().await;
        self.alive().await;
        self.inner.read_stream(stream, from, limit).await
    }

    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure> {
        self.alive().await;
        self.inner.read_last(stream).await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.alive().await;
        self.inner.read_all(after, limit).await
    }

    async fn head(&self) -> Result<Position, Failure> {
        self.alive().await;
        self.inner.head().await
    }

    fn is_shared(&self) -> bool {
        self.is_shared
    }

    fn subscribe(&self, after: Position) -> Subscription {
        match self.lag {
            Lag::None => self.inner.subscribe(after),
            Lag::Random => {
                let source = Lagging { inner: Arc::clone(&self.inner), dice: Mutex::new(Dice::new(self.seed)) };
                Subscription::new(Arc::new(source), self.head.subscribe(), after)
            }
        }
    }

    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.inner.entries(after, limit).await
    }

    async fn chain_head(&self) -> Result<Option<Head>, Failure> {
        self.inner.chain_head().await
    }
}
