//! Load, fold, decide, append: the loop around the decision of a command.
//!
//! **Invariant:** every append expects the exact revision of its decision. After a conflict the new
//! events are folded and the decision is repeated, at most [`MAX_ATTEMPTS`] times.

mod aggregates;
mod append;
mod decision;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use calendar::{Limits, object::Object};
use journal::{Append, AppendError, Appended, Journal};
use moka::sync::Cache;
use schemas::{Event, ObjectId, Position, Recorded, Revision, Stream};
use uuid::Uuid;

pub(crate) use decision::{Aggregate, Decision, Executed, Happened, Loaded, Write, decision};

use crate::{
    clock::Stamp,
    directory_lock::{self, Basis, DirectoryLock},
    error::Error,
    freshness::{Freshness, Subject},
    growth::Growth,
};

/// Maximum number of times that one command is decided after its stream was loaded.
pub(crate) const MAX_ATTEMPTS: usize = 16;
/// Maximum number of events that are read from a stream at a time.
const PAGE_EVENTS: usize = 256;
/// Maximum memory of the cached states of calendar objects, in bytes.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;
/// Estimated memory of a cached object without its text, in bytes.
const CACHE_ENTRY_BYTES: usize = 1_536;

#[derive(Debug)]
pub(crate) struct Store {
    pub journal: Arc<dyn Journal>,
    /// Read models that decisions rest on; `None` in tests without read models.
    pub basis: Option<Basis>,
    /// Id of the `server-started` event of this process, after it was stored.
    pub server: OnceLock<Uuid>,
    pub freshness: Arc<Freshness>,
    growth: Growth,
    directory: DirectoryLock,
    objects: Cache<ObjectId, Loaded<Object>>,
}

impl Store {
    /// Returns a store with empty caches. `start`: the journal's head when the process began.
    pub(crate) fn new(journal: Arc<dyn Journal>, start: Position, limits: &Limits) -> Self {
        let weigh = |_: &ObjectId, loaded: &Loaded<Object>| {
            u32::try_from(loaded.state.text_bytes() + CACHE_ENTRY_BYTES).unwrap_or(u32::MAX)
        };
        let objects = Cache::builder().max_capacity(CACHE_BYTES).weigher(weigh).build();
        let (freshness, growth, directory) = (Freshness::since(start), Growth::new(limits), DirectoryLock::default());
        Self { journal, basis: None, server: OnceLock::new(), freshness, growth, directory, objects }
    }

    /// Returns the position of the read models that the next decision uses; `None` in tests without
    /// read models.
    pub(crate) fn basis(&self) -> Option<Position> {
        self.basis.as_ref().map(|basis| basis.models.position())
    }

    /// Loads the state of an aggregate. The state may be slightly outdated: the append then
    /// conflicts.
    pub(crate) async fn load<A: Aggregate>(&self, id: A::Id) -> Result<Loaded<A>, Error> {
        match A::cached(self, id) {
            // Another process may have appended to the stream. A refusal is final, so it must rest
            // on the current state.
            Some(loaded) if self.journal.is_shared() => self.catch_up(id, loaded).await,
            Some(loaded) => Ok(loaded),
            None => self.catch_up(id, Loaded::nothing()).await,
        }
    }

    /// Returns all events of a stream.
    pub(crate) async fn events(&self, stream: Stream) -> Result<Vec<Recorded>, Error> {
        let (mut events, mut from) = (vec![], Revision(0));
        loop {
            let page = self.journal.read_stream(stream, from, PAGE_EVENTS).await?;
            let is_last = page.len() < PAGE_EVENTS;
            for stored in page {
                from = Revision(stored.revision.0 + 1);
                events.push(stored.read().map_err(Error::failed)?);
            }
            if is_last {
                return Ok(events);
            }
        }
    }

    /// Removes an object from the cache.
    pub(crate) fn forget(&self, object: ObjectId) {
        self.objects.invalidate(&object);
    }

    /// Folds the events of the stream after the revision of `loaded`.
    async fn catch_up<A: Aggregate>(&self, id: A::Id, mut loaded: Loaded<A>) -> Result<Loaded<A>, Error> {
        loop {
            let from = Revision(loaded.revision.map_or(0, |revision| revision.0 + 1));
            let page = self.journal.read_stream(A::stream(id), from, PAGE_EVENTS).await?;
            let last = page.len() < PAGE_EVENTS;
            for stored in page {
                let recorded = stored.read().map_err(Error::failed)?;
                if let Event::Erased(_) = recorded.event {
                    // The contents of an erased event are unknown: later commands are decided as if
                    // the event had not happened.
                    loaded.revision = Some(recorded.revision);
                    continue;
                }
                let event =
                    A::Event::try_from(recorded.event).expect("a stream holds events of its own aggregate only");
                let state = Arc::unwrap_or_clone(loaded.state).evolve(&event).seen(recorded.metadata.at);
                loaded = Loaded { state: Arc::new(state), revision: Some(recorded.revision) };
            }
            if last {
                A::keep(self, id, &loaded);
                return Ok(loaded);
            }
        }
    }

    /// Loads, decides and appends. After a conflict decides again, at most [`MAX_ATTEMPTS`] times
    /// in all, and then fails with [`Error::Behind`].
    pub(crate) async fn execute<A: Aggregate>(
        &self,
        subject: Subject,
        id: A::Id,
        stamp: &Stamp,
        decide: impl Fn(&A) -> Result<Vec<A::Event>, Error>,
    ) -> Result<Executed<A>, Error> {
        let loaded = self.load::<A>(id).await?;
        let _directory = self.unchanged_for(subject).await?;
        self.attempt(subject, id, loaded, stamp, decide).await
    }

    /// Like [`Self::execute`], for a stream that probably does not exist. It decides and appends
    /// without loading the stream. It works like [`Self::execute`] if the state is cached, or if
    /// that decision is refused or has no events; after a conflict it loads the stream.
    pub(crate) async fn execute_new<A: Aggregate>(
        &self,
        subject: Subject,
        id: A::Id,
        stamp: &Stamp,
        decide: impl Fn(&A) -> Result<Vec<A::Event>, Error>,
    ) -> Result<Executed<A>, Error> {
        let _directory = self.unchanged_for(subject).await?;
        if A::cached(self, id).is_none()
            && let basis = self.basis()
            && let Ok(events) = decide(&A::default())
            && !events.is_empty()
        {
            let decision = decision(subject, id, Loaded::nothing(), stamp, events).resting_on(basis);
            self.admit(&decision.append)?;
            let answer = self.append(&decision).await;
            return self.conclude(decision, answer, stamp, decide).await;
        }
        let loaded = self.load::<A>(id).await?;
        self.attempt(subject, id, loaded, stamp, decide).await
    }

    /// Locks the directory against changes unless the command changes it itself.
    async fn unchanged_for(&self, subject: Subject) -> Result<Option<directory_lock::Unchanged>, Error> {
        if subject == Subject::Directory { Ok(None) } else { self.directory_unchanged().await.map(Some) }
    }

    /// Locks the directory against changes, and waits until the read models show it. Between this
    /// call and the drop of the guard, the caller requests no other lock.
    pub(crate) async fn directory_unchanged(&self) -> Result<directory_lock::Unchanged, Error> {
        let unchanged = self.directory.unchanged().await;
        if let Some(basis) = &self.basis {
            basis.show_directory(&self.freshness, &*self.journal).await?;
        }
        Ok(unchanged)
    }

    /// Completes a decision with the journal's answer to its append. After a conflict the decision
    /// is repeated on the current state.
    pub(crate) async fn conclude<A: Aggregate>(
        &self,
        mut decision: Decision<A>,
        answer: Result<Appended, AppendError>,
        stamp: &Stamp,
        decide: impl Fn(&A) -> Result<Vec<A::Event>, Error>,
    ) -> Result<Executed<A>, Error> {
        if let Some(appended) = self.outcome(&mut decision, answer).await? {
            return Ok(self.settle(decision, appended));
        }
        let loaded = self.catch_up(decision.id, decision.loaded).await?;
        self.attempt(decision.subject, decision.id, loaded, stamp, decide).await
    }

    /// Completes a decision with the journal's answer to its append. Returns `None` if another
    /// append came first: the caller loads the stream, which has that append, and decides again.
    pub(crate) async fn conclude_once<A: Aggregate>(
        &self,
        mut decision: Decision<A>,
        answer: Result<Appended, AppendError>,
    ) -> Result<Option<Executed<A>>, Error> {
        let appended = match answer {
            // Another server may have decided the same a moment earlier. The journal then has the
            // append that came first.
            Ok(_) if self.journal.is_shared() => self.stored_before(&mut decision).await?,
            answer => self.outcome(&mut decision, answer).await?,
        };
        if let Some(appended) = appended {
            return Ok(Some(self.settle(decision, appended)));
        }
        self.catch_up(decision.id, decision.loaded).await?;
        Ok(None)
    }

    /// Returns the revision and the position of a stored decision; `None` if another append came
    /// first.
    async fn outcome<A: Aggregate>(
        &self,
        decision: &mut Decision<A>,
        answer: Result<Appended, AppendError>,
    ) -> Result<Option<Appended>, Error> {
        match answer {
            Ok(appended) => Ok(Some(appended)),
            Err(AppendError::WrongExpectedRevision { .. }) => self.stored_before(decision).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn attempt<A: Aggregate>(
        &self,
        subject: Subject,
        id: A::Id,
        mut loaded: Loaded<A>,
        stamp: &Stamp,
        decide: impl Fn(&A) -> Result<Vec<A::Event>, Error>,
    ) -> Result<Executed<A>, Error> {
        for _ in 0..MAX_ATTEMPTS {
            let basis = self.basis();
            let events = decide(&loaded.state)?;
            let mut decision = decision(subject, id, loaded.clone(), stamp, events).resting_on(basis);
            if decision.events.is_empty() {
                return Ok(decision.unchanged());
            }
            self.admit(&decision.append)?;
            let answer = self.append(&decision).await;
            match self.outcome(&mut decision, answer).await? {
                Some(appended) => return Ok(self.settle(decision, appended)),
                None => loaded = self.catch_up(id, loaded).await?,
            }
        }
        Err(Error::contended())
    }

    /// Like [`Self::execute`], for commands on different streams: all decisions are appended
    /// [together](Self::append_together), or none.
    pub(crate) async fn execute_together<A: Aggregate, C>(
        &self,
        subject: Subject,
        commands: &[(A::Id, Stamp, C)],
        decide: impl Fn(&A, &C) -> Result<Vec<A::Event>, Error>,
    ) -> Result<Vec<Executed<A>>, Error> {
        let mut states = Vec::with_capacity(commands.len());
        for (id, ..) in commands {
            states.push(self.load::<A>(*id).await?);
        }
        let _directory = self.unchanged_for(subject).await?;
        for _ in 0..MAX_ATTEMPTS {
            let basis = self.basis();
            let mut decisions = Vec::with_capacity(commands.len());
            for ((id, stamp, command), loaded) in commands.iter().zip(&states) {
                let events = decide(&loaded.state, command)?;
                if !events.is_empty() {
                    let decision = decision(subject, *id, loaded.clone(), stamp, events).resting_on(basis);
                    self.admit(&decision.append)?;
                    decisions.push(decision);
                }
            }
            match self.append_together(decisions.iter().map(Decision::write).collect()).await {
                Ok(stored) => {
                    let decided = decisions.into_iter().zip(stored);
                    return Ok(decided.map(|(decision, appended)| self.settle(decision, appended)).collect());
                }
                Err(AppendError::WrongExpectedRevision { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            for ((id, ..), loaded) in commands.iter().zip(&mut states) {
                *loaded = self.catch_up(*id, loaded.clone()).await?;
            }
        }
        Err(Error::contended())
    }

    /// Subtracts the append from the growth limit of its actor. Returns a refusal if the limit does
    /// not allow it.
    fn admit(&self, append: &Append) -> Result<(), Error> {
        Ok(self.growth.admit(append.metadata.actor, &append.events, append.metadata.at)?)
    }

    /// Returns a refusal unless the growth limit allows the actor to append this number of bytes
    /// now.
    pub(crate) fn has_budget(&self, stamp: &Stamp, bytes: usize) -> Result<(), Error> {
        Ok(self.growth.has(stamp.metadata.actor, bytes, stamp.metadata.at)?)
    }

    /// Checks whether the stored events after the loaded revision are those of the decision itself:
    /// an earlier attempt was stored and its response lost, or another server decided the same. If
    /// so, puts the stored events and time into the decision, and returns their last revision and
    /// position. `None`: the events are those of another decision. Without this check, the command
    /// would be decided again without effect, and its messages would not be delivered.
    async fn stored_before<A: Aggregate>(&self, decision: &mut Decision<A>) -> Result<Option<Appended>, Error> {
        let from = Revision(decision.loaded.revision.map_or(0, |revision| revision.0 + 1));
        let found = self.journal.read_stream(A::stream(decision.id), from, decision.events.len()).await?;
        let is_it = found.iter().map(|stored| stored.id).eq(decision.events.iter().map(|happened| happened.id));
        let Some(last) = found.last().filter(|_| is_it) else { return Ok(None) };
        let appended = Appended { revision: last.revision, position: last.position };
        decision.events.clear();
        decision.after = None;
        for stored in found {
            let recorded = stored.read().map_err(Error::failed)?;
            decision.append.metadata.at = recorded.metadata.at;
            let event = A::Event::try_from(recorded.event).expect("a stream holds events of its own aggregate only");
            decision.events.push(Happened { id: recorded.id, event });
        }
        Ok(Some(appended))
    }

    /// Returns the result of a stored decision. Folds the events unless the decision has the new
    /// state already. Caches the state of a calendar object.
    fn settle<A: Aggregate>(&self, decision: Decision<A>, appended: Appended) -> Executed<A> {
        let before = decision.loaded.state;
        let at = decision.append.metadata.at;
        let folded = || decision.events.iter().fold((*before).clone(), |state, happened| state.evolve(&happened.event));
        let after = Arc::new(decision.after.map_or_else(folded, |after| *after).seen(at));
        A::keep(self, decision.id, &Loaded { state: Arc::clone(&after), revision: Some(appended.revision) });
        let (revision, position) = (Some(appended.revision), appended.position);
        Executed { before, after, events: decision.events, revision, position }
    }
}
