//! Checks that the read models are fresh enough for a decision: they show every write to the
//! subject of the decision.
//!
//! **Invariant:** an append of the store is registered before it is sent to the journal, and
//! settled when its outcome is known, by a task that outlives the request. A decision that uses
//! read models waits until they show the position of the last append to its subject. If they do not
//! reach it in time, the command is refused (503, or 507 if their disk is full) before anything is
//! stored. See ADR 21.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc, time::Duration};

use journal::{Failure, Journal};
use parking_lot::Mutex;
use projections::{Behind, ReadModels};
use schemas::{Position, PrincipalId};
use tokio::sync::Notify;

use crate::error::Error;

/// Smallest number of subjects at which [`State::prune`] drops those whose writes the read models
/// show.
const MIN_PRUNED: usize = 1_024;

/// Part of the read models that a decision rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// The whole home: names, sizes, busy periods.
    Home(PrincipalId),
    /// The collections of a home, without their members. A write to them counts as a write to the
    /// home too.
    Collections(PrincipalId),
    /// The principals and their addresses.
    Directory,
}

/// Latest writes of this process to each [`Subject`].
#[derive(Debug)]
pub(crate) struct Freshness {
    state: Mutex<State>,
    /// Notified when the outcome of an append is known.
    settled: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Position that the read models must reach for every subject: the journal's head when this
    /// process began.
    start: Position,
    /// The latest position that the read models are known to show.
    shown: Position,
    writes: HashMap<Subject, Writes>,
    prune_at: usize,
}

/// Writes to one subject since the process began.
#[derive(Debug, Default, Clone, Copy)]
struct Writes {
    last: Position,
    in_flight: usize,
    /// Number of appends that ended without a known outcome.
    unknown: u64,
    resolved: u64,
}

/// An append between its decision and its outcome.
#[derive(Debug)]
pub(crate) struct InFlight {
    freshness: Arc<Freshness>,
    subject: Subject,
    /// Position of the stored append; [`Position::START`] if it was refused, `None` if the outcome
    /// is unknown.
    outcome: Option<Position>,
}

/// The state of the writes to a subject.
#[derive(Debug, PartialEq, Eq)]
enum Known {
    InFlight,
    /// Number of appends with unknown outcome: each may be stored or not.
    Unknown(u64),
    At(Position),
}

impl Freshness {
    /// Returns a state without writes of this process. `start`: the journal's head when the process
    /// began.
    pub(crate) fn since(start: Position) -> Arc<Self> {
        let state = State { start, prune_at: MIN_PRUNED, ..State::default() };
        Arc::new(Self { state: Mutex::new(state), settled: Notify::new() })
    }

    /// Registers an append to `subject` before it is sent to the journal.
    pub(crate) fn begin(self: &Arc<Self>, subject: Subject) -> InFlight {
        let mut state = self.state.lock();
        state.prune();
        for part in subject.parts() {
            state.writes.entry(part).or_default().in_flight += 1;
        }
        InFlight { freshness: Arc::clone(self), subject, outcome: None }
    }

    /// Records that the read models show everything up to `position`.
    pub(crate) fn shown(&self, position: Position) {
        let mut state = self.state.lock();
        state.shown = state.shown.max(position);
    }

    /// Returns the position of the last write to `subject` whose outcome is known or, if it is
    /// later, the journal's head at which an unknown outcome was resolved. Returns
    /// [`Position::START`] if there is none, or if the subject was dropped because the read models
    /// show it.
    pub(crate) fn last(&self, subject: Subject) -> Position {
        let state = self.state.lock();
        state.writes.get(&subject).map_or(Position::START, |writes| writes.last)
    }

    /// Waits until no append to `subject` is in flight. Returns the position that the read models
    /// must reach to show every write of this process to it. `Err`: an outcome is unknown, and the
    /// journal's head cannot be read.
    pub(crate) async fn required(&self, subject: Subject, journal: &dyn Journal) -> Result<Position, Failure> {
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            settled.as_mut().enable();
            let known = self.state.lock().known(subject);
            match known {
                Known::At(position) => return Ok(position),
                Known::InFlight => settled.await,
                Known::Unknown(count) => {
                    let head = journal.head().await?;
                    self.state.lock().resolve(subject, count, head);
                }
            }
        }
    }
}

/// Waits until the read models show every write to `subject` and to the directory.
///
/// Each of its waits, for the journal's head, for earlier appends and for the read models, takes at
/// most `limit`. After that it fails with [`Error::Behind`], or with [`Error::Full`] if the disk of
/// the read models is full. If other servers write to the journal too, the read models must also
/// have reached its current head.
pub(crate) async fn wait(
    freshness: &Freshness,
    journal: &dyn Journal,
    models: &ReadModels,
    subject: Subject,
    limit: Duration,
) -> Result<(), Error> {
    if journal.is_shared() {
        let head = tokio::time::timeout(limit, journal.head()).await.map_err(|_| silent())??;
        models.wait_for(head, limit).await.map_err(not_stored)?;
    }
    wait_for(freshness, journal, models, &[subject, Subject::Directory], limit).await
}

/// Waits until the read models show every write of this server to these subjects.
///
/// It waits at most `limit` for earlier appends, and as long for the read models. After that it
/// fails with [`Error::Behind`], or with [`Error::Full`] if the disk of the read models is full.
pub(crate) async fn wait_for(
    freshness: &Freshness,
    journal: &dyn Journal,
    models: &ReadModels,
    subjects: &[Subject],
    limit: Duration,
) -> Result<(), Error> {
    let required = async {
        let mut required = Position::START;
        for subject in subjects {
            required = required.max(freshness.required(*subject, journal).await?);
        }
        Ok::<_, Failure>(required)
    };
    let required = tokio::time::timeout(limit, required).await.map_err(|_| unsettled())??;
    models.wait_for(required, limit).await.map_err(not_stored)?;
    freshness.shown(required);
    Ok(())
}

/// Returns the error for a command that is refused before anything is stored: 507 if the disk of
/// the read models is full, because a retry would not help soon; otherwise 503.
fn not_stored(behind: Behind) -> Error {
    if behind.is_without_room {
        tracing::error!(%behind, "answered 507 to a write: the disk of the read models is full; free some space");
        return Error::Full;
    }
    behind.into()
}

fn unsettled() -> Error {
    Error::Behind(
        "it is not known yet whether earlier writes, on which this one depends, are stored; nothing was stored now; try \
         again"
            .into(),
    )
}

fn silent() -> Error {
    Error::Behind("the journal does not answer in time; nothing was stored; try again".into())
}

impl Subject {
    fn parts(self) -> impl Iterator<Item = Self> {
        let home = match self {
            Self::Collections(home) => Some(Self::Home(home)),
            Self::Home(_) | Self::Directory => None,
        };
        std::iter::once(self).chain(home)
    }
}

impl State {
    fn known(&self, subject: Subject) -> Known {
        let writes = self.writes.get(&subject).copied().unwrap_or_default();
        if writes.in_flight > 0 {
            Known::InFlight
        } else if writes.resolved < writes.unknown {
            Known::Unknown(writes.unknown)
        } else {
            Known::At(writes.last.max(self.start))
        }
    }

    /// Records that the first `count` appends with unknown outcome are not after `head`, if they
    /// were stored at all.
    fn resolve(&mut self, subject: Subject, count: u64, head: Position) {
        let writes = self.writes.entry(subject).or_default();
        writes.resolved = writes.resolved.max(count);
        writes.last = writes.last.max(head);
    }

    fn settle(&mut self, subject: Subject, outcome: Option<Position>) {
        let writes = self.writes.entry(subject).or_default();
        writes.in_flight -= 1;
        match outcome {
            Some(position) => writes.last = writes.last.max(position),
            None => writes.unknown += 1,
        }
    }

    /// Drops the subjects whose writes the read models show, each time the number of subjects has
    /// doubled.
    fn prune(&mut self) {
        if self.writes.len() < self.prune_at {
            return;
        }
        let shown = self.shown;
        let is_shown =
            |writes: &Writes| writes.in_flight == 0 && writes.resolved == writes.unknown && writes.last <= shown;
        self.writes.retain(|_, writes| !is_shown(writes));
        self.prune_at = MIN_PRUNED.max(self.writes.len() * 2);
    }
}

impl InFlight {
    /// Records the position of the stored append; [`Position::START`] if it was refused.
    pub(crate) fn settle(mut self, position: Position) {
        self.outcome = Some(position);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.freshness.state.lock();
        self.subject.parts().for_each(|part| state.settle(part, self.outcome));
        drop(state);
        self.freshness.settled.notify_waiters();
    }
}
