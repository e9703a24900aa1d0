//! A journal that shows every fault the port allows.
//!
//! **Invariant:** the fate of an append depends on the seed, the first event of the append and the
//! number of attempts, and on nothing else that happens at the time.

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

/// How often an outage loses an append: more often than the service retries it at once, or tries
/// its delivery.
const OUTAGES: [u64; 3] = [6, 6, 30];
/// How many of a hundred appends meet an outage.
const OUTAGE_PERCENT: u64 = 1;
/// In how many of a hundred lives the journal cannot be read at first, and for how many reads.
const UNREAD_PERCENT: u64 = 10;
const UNREAD: usize = 2;
/// How long read models may lag behind the journal, in some histories: thousands of times as long
/// as a command takes, as seconds are on a real machine.
const MAX_LAG_MILLISECONDS: u64 = 15;
/// How often an append or a read may yield to other tasks.
const MAX_TURNS: u64 = 6;

/// The moment at which the process dies.
#[derive(Debug, Clone, Copy)]
pub struct Crash {
    /// The number of appends before it.
    pub left: u32,
    /// Whether the last append is stored.
    pub stored: bool,
}

#[derive(Debug)]
pub struct Faulty {
    inner: Arc<Memory>,
    seed: u64,
    /// The position that subscribers may read up to, of all servers.
    head: watch::Sender<Position>,
    lag: Lag,
    is_shared: bool,
    state: Mutex<State>,
    /// Notified when the process has died.
    pub died: Notify,
}

#[derive(Debug)]
struct State {
    weather: Weather,
    seen: HashMap<Uuid, u64>,
    crash: Option<Crash>,
    dead: bool,
}

/// The fate of an append.
enum Fate {
    Stored,
    /// The append is lost, and the caller gets no answer.
    Lost,
    /// The append is stored, and the caller gets no answer.
    Unanswered,
    Twice,
    /// Refused although the stream is at the expected revision.
    Conflict,
}

impl Faulty {
    /// `head`: the last position in `inner`, which all servers on it share.
    pub fn new(inner: Arc<Memory>, seed: u64, history: &History, head: watch::Sender<Position>) -> Self {
        let History { weather, lag, nodes, .. } = *history;
        let state = State { weather, seen: HashMap::new(), crash: None, dead: false };
        if weather == Weather::Rough && Dice::new(seed).chance(UNREAD_PERCENT) {
            inner.interrupt(UNREAD);
        }
        let (is_shared, state) = (nodes > 1, Mutex::new(state));
        Self { inner, seed, head, lag, is_shared, state, died: Notify::new() }
    }

    /// The same journal for the next server in the place of this one.
    pub fn next(&self, seed: u64, history: &History) -> Self {
        Self::new(Arc::clone(&self.inner), seed, history, self.head.clone())
    }

    pub fn crash(&self, crash: Option<Crash>) {
        self.state.lock().unwrap().crash = crash;
    }

    pub fn clear_up(&self) {
        self.state.lock().unwrap().weather = Weather::Calm;
    }

    /// A request to a dead process is never answered.
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
        // Enough retries succeed.
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

/// A journal whose events are shown late.
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

/// How often an append is lost before another fault may happen.
fn outage(dice: &mut Dice) -> u64 {
    if dice.chance(OUTAGE_PERCENT) { dice.pick(&OUTAGES) } else { 0 }
}

/// Yields to other tasks.
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
