//! The journal in memory: for tests, for examples, and for read models of the past, which are
//! folded from it.
//!
//! **Invariant:** appends, reads and subscriptions behave as in the durable engines. All engines
//! pass the same test cases.

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use schemas::{Position, Revision, Stored, Stream, Timestamp};
use tokio::sync::watch;

use crate::{
    Append, AppendError, Appended, Clock, Failure, Journal, Restored, Subscription,
    chain::{Added, Entry, Head, VERSION},
    limits::PAGE_BYTES,
    placement::{Admitted, Place, Placement, admit, admit_together, place},
    subscription::Source,
};

/// A journal in memory, which is lost when the process ends.
#[derive(Debug)]
pub struct Memory {
    events: Arc<Events>,
    head: watch::Sender<Position>,
    restores: Vec<Restored>,
}

#[derive(Debug)]
struct Events {
    inner: Mutex<Inner>,
    /// Number of the next reads by subscriptions that shall fail: for tests.
    failing: AtomicUsize,
}

#[derive(Debug)]
struct Inner {
    clock: Clock,
    /// The time of storage of the last event.
    latest: Timestamp,
    /// All events; the event at position n has index n - 1.
    all: Vec<Stored>,
    /// For each stream, the indexes of its events in `all`, by revision.
    streams: HashMap<Stream, Vec<usize>>,
    chain: Head,
}

impl Memory {
    /// Creates an empty journal. Its clock is [`Clock::Acts`], so that equal appends give an equal
    /// journal.
    pub fn new() -> Self {
        Self::with(Clock::Acts)
    }

    /// Creates an empty journal with the given clock.
    pub fn with(clock: Clock) -> Self {
        let (all, streams) = (vec![], HashMap::new());
        let inner = Inner { clock, latest: Timestamp::default(), all, streams, chain: Head::default() };
        let events = Events { inner: Mutex::new(inner), failing: AtomicUsize::new(0) };
        Self { events: Arc::new(events), head: watch::Sender::default(), restores: vec![] }
    }

    /// Returns the same journal with a record of restores, as if it had been restored from copies.
    #[must_use]
    pub fn restored(self, restores: Vec<Restored>) -> Self {
        Self { restores, ..self }
    }

    /// Makes the next `times` reads by subscriptions fail: for tests.
    pub fn interrupt(&self, times: usize) {
        self.events.failing.store(times, Ordering::Relaxed);
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Events {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // No change to the value can panic halfway, so it is consistent even if the lock is
        // poisoned.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn page(&self, after: Position, limit: usize) -> Vec<Stored> {
        let inner = self.lock();
        let start = usize::try_from(after.0).unwrap_or(usize::MAX).min(inner.all.len());
        let mut bytes = 0;
        let fits = |stored: &&Stored| {
            let before = bytes;
            bytes += stored.data.len();
            before < PAGE_BYTES
        };
        inner.all[start..].iter().take(limit).take_while(fits).cloned().collect()
    }
}

impl Inner {
    fn append(&mut self, admitted: Admitted) -> Result<Appended, AppendError> {
        match self.place(&admitted)? {
            Placement::At(first) => Ok(self.push(admitted, first)),
            Placement::Repeated(revision) => {
                let place = self.streams[&admitted.stream][usize::try_from(revision.0).expect("an index")];
                Ok(Appended { revision, position: self.all[place].position })
            }
        }
    }

    /// Returns where the events of an append are to be stored, or are stored already.
    fn place(&self, admitted: &Admitted) -> Result<Placement, AppendError> {
        let stream = self.streams.get(&admitted.stream).map_or(&[][..], Vec::as_slice);
        let last = (stream.len() as u64).checked_sub(1).map(Revision);
        let at = |revision: Revision| usize::try_from(revision.0).expect("revisions in memory are indices");
        let ids_from = |first, count| {
            let places = stream.iter().skip(at(first)).take(count);
            Ok::<_, Infallible>(places.map(|place| self.all[*place].id).collect())
        };
        let Ok(placement) = place(admitted, last, ids_from);
        placement.ok_or(AppendError::WrongExpectedRevision { actual: last })
    }

    fn push(&mut self, admitted: Admitted, first: Revision) -> Appended {
        let name = admitted.stream.to_string();
        let places = self.streams.entry(admitted.stream).or_default();
        let mut appended = Appended { revision: first, position: self.chain.position };
        for (prepared, revision) in admitted.events.into_iter().zip(first.0..) {
            self.latest = self.clock.stored_at(prepared.metadata.at, self.latest);
            let position = self.chain.position.next();
            let place = Place { position, stream: &name, revision, stored_at: self.latest };
            let hash = prepared.content(&place).hash(self.chain.hash);
            self.chain = Head { events: self.chain.events + 1, position, hash };
            places.push(self.all.len());
            self.all.push(prepared.stored(admitted.stream, &place, hash));
            appended = Appended { revision: Revision(revision), position };
        }
        appended
    }
}

#[async_trait]
impl Journal for Memory {
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let admitted: Vec<_> = appends.into_iter().map(admit).collect();
        let mut inner = self.events.lock();
        let answers = admitted.into_iter().map(|admitted| inner.append(admitted?)).collect();
        // The head is published while the lock is held, so that it never goes back.
        self.head.send_replace(inner.chain.position);
        answers
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Vec<Appended>, AppendError> {
        let admitted = admit_together(appends)?;
        let mut inner = self.events.lock();
        admitted.iter().try_for_each(|admitted| inner.place(admitted).map(drop))?;
        let answers = admitted.into_iter().map(|admitted| inner.append(admitted)).collect();
        self.head.send_replace(inner.chain.position);
        answers
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        let inner = self.events.lock();
        let places = inner.streams.get(&stream).map_or(&[][..], Vec::as_slice);
        let start = usize::try_from(from.0).unwrap_or(usize::MAX);
        Ok(places.iter().skip(start).take(limit).map(|place| inner.all[*place].clone()).collect())
    }

    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure> {
        let inner = self.events.lock();
        Ok(inner.streams.get(&stream).and_then(|places| places.last()).map(|place| inner.all[*place].clone()))
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        Ok(self.events.page(after, limit))
    }

    async fn head(&self) -> Result<Position, Failure> {
        Ok(self.events.lock().chain.position)
    }

    fn subscribe(&self, after: Position) -> Subscription {
        Subscription::new(Arc::clone(&self.events) as Arc<dyn Source>, self.head.subscribe(), after)
    }

    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
        Ok(self.events.page(after, limit).into_iter().map(entry).collect())
    }

    async fn chain_head(&self) -> Result<Option<Head>, Failure> {
        Ok(Some(self.events.lock().chain))
    }

    async fn restores(&self) -> Result<Vec<Restored>, Failure> {
        Ok(self.restores.clone())
    }
}

#[async_trait]
impl Source for Events {
    async fn after(&self, position: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        let one_less = |left: usize| left.checked_sub(1);
        if self.failing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            return Err(Failure::storage(io::Error::other("interrupted")));
        }
        Ok(self.page(position, limit))
    }
}

fn entry(stored: Stored) -> Entry {
    let personal = stored.metadata.personal();
    let added = Added {
        stored_at: stored.metadata.stored_at.map(|Timestamp(at)| at),
        data_encoding: stored.encoding.name().to_owned(),
        personal_encoding: personal.as_ref().map_or_else(String::new, |part| part.encoding.name().to_owned()),
        personal: personal.map_or_else(Vec::new, |part| part.bytes.to_vec()),
    };
    Entry {
        position: stored.position,
        stream: stored.stream.to_string(),
        revision: stored.revision.0,
        id: stored.id.as_bytes().to_vec(),
        kind: stored.kind,
        metadata: stored.metadata.clear(),
        data: stored.data.to_vec(),
        hash: stored.hash.0.to_vec(),
        version: VERSION,
        added,
    }
}
