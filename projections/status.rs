//! The status of a read model: its position, whether it answers queries, and its problems.
//!
//! **Invariant:** the readers check the status before each query.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};
use schemas::Position;
use tokio::sync::{Notify, watch};

use crate::{Behind, Failure};

/// The condition of a read model, for operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub name: &'static str,
    /// The version of the read model that answers queries, or would if they were not refused.
    pub version: u32,
    /// Position up to which all events are applied.
    pub position: Position,
    /// True if requests cannot be answered without this read model.
    pub is_required: bool,
    /// The reason for which queries are refused; `None` if they are answered.
    pub unavailable: Option<String>,
    /// The problem that keeps the read model from continuing; `None` if there is none. Unless
    /// `unavailable` is set too, queries are still answered, as of `position`.
    pub trouble: Option<Trouble>,
    /// The newer version that is being built while this one is served; `None` if there is none.
    pub building: Option<Building>,
}

/// A version of a read model that is being built while an older one is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Building {
    pub version: u32,
    /// Position up to which all events are applied.
    pub position: Position,
    /// The problem that keeps the build from continuing; `None` if there is none.
    pub trouble: Option<Trouble>,
}

impl Condition {
    /// Returns true if the read model remains stopped until the program or the journal is repaired.
    pub fn has_stopped(&self) -> bool {
        matches!(self.trouble, Some(Trouble::Stopped(_)))
    }

    /// Returns true if the last attempt to continue failed, and the projector retries.
    pub fn is_held_up(&self) -> bool {
        matches!(self.trouble, Some(Trouble::Retrying(_) | Trouble::WithoutRoom(_)))
    }

    /// Returns one line with the name of the read model and its problem, or the reason for which
    /// queries are refused; `None` if there is neither.
    pub fn complaint(&self) -> Option<String> {
        let Self { name, position, .. } = self;
        match (&self.trouble, &self.unavailable) {
            (Some(Trouble::Stopped(why)), _) => {
                Some(format!("the read model `{name}` has stopped at position {position}: {why}"))
            }
            (Some(Trouble::Retrying(why) | Trouble::WithoutRoom(why)), _) => {
                Some(format!("the read model `{name}` cannot go on after position {position}: {why}"))
            }
            (None, Some(why)) => Some(format!("the read model `{name}` cannot be read: {why}")),
            (None, None) => None,
        }
    }

    /// Returns one line with the problem of the version that is being built; `None` if there is
    /// none. Queries are answered from the served version meanwhile.
    pub fn complaint_of_build(&self) -> Option<String> {
        let Self { name, version: served, building, .. } = self;
        let Building { version, position, trouble } = building.as_ref()?;
        let (Trouble::Retrying(why) | Trouble::WithoutRoom(why) | Trouble::Stopped(why)) = trouble.as_ref()?;
        Some(format!(
            "version {version} of the read model `{name}` cannot be built after position {position}: {why}; version \
             {served} still answers"
        ))
    }
}

/// The problem that keeps a read model from continuing, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The operation failed and is retried, because the cause may pass.
    Retrying(String),
    /// The operation failed because the disk is full, and is retried.
    WithoutRoom(String),
    /// The read model stops at its position until the program or the journal is repaired.
    Stopped(String),
}

#[derive(Debug)]
pub(crate) struct Status {
    name: &'static str,
    is_required: bool,
    reached: watch::Sender<Position>,
    known: Mutex<Known>,
    /// Held by the one writer that may change the file from which queries are answered.
    turn: Mutex<()>,
    /// Wakes the projector when a reader finds damage.
    alarm: Notify,
    /// The text of the last failure about a damaged row, and the time at which the damage was
    /// found.
    last_row: Mutex<Option<(String, Instant)>>,
}

/// Time within which a read model is not rebuilt again for the same damaged row. If the journal
/// itself gives such a row, rebuilding would not help and everybody would have to wait.
const REBUILT_AGAIN_AFTER: Duration = Duration::from_secs(3_600);

#[derive(Debug, Default)]
struct Known {
    version: u32,
    unavailable: Option<String>,
    /// Position before which queries are refused.
    until: Position,
    trouble: Option<Trouble>,
    building: Option<Building>,
    damage: Option<String>,
}

impl Status {
    pub(crate) fn new(name: &'static str, is_required: bool) -> Arc<Self> {
        let (reached, known, alarm) = (watch::Sender::new(Position::START), Mutex::default(), Notify::new());
        let (turn, last_row) = (Mutex::default(), Mutex::default());
        Arc::new(Self { name, is_required, reached, known, turn, alarm, last_row })
    }

    pub(crate) fn condition(&self) -> Condition {
        let Known { version, unavailable, trouble, building, damage, .. } = &*self.known.lock();
        Condition {
            name: self.name,
            is_required: self.is_required,
            version: *version,
            position: self.position(),
            unavailable: damage.as_ref().or(unavailable.as_ref()).cloned(),
            trouble: trouble.clone(),
            building: building.clone(),
        }
    }

    pub(crate) fn position(&self) -> Position {
        *self.reached.borrow()
    }

    /// Announces that all events up to `position` are applied.
    pub(crate) fn reach(&self, position: Position) {
        self.reached.send_replace(position);
    }

    pub(crate) async fn wait_for(&self, wanted: Position, limit: Duration) -> Result<(), Behind> {
        if self.position() >= wanted {
            return Ok(());
        }
        let mut watcher = self.reached.subscribe();
        let reached = tokio::time::timeout(limit, watcher.wait_for(|position| *position >= wanted)).await;
        if let Ok(Ok(_)) = reached {
            return Ok(());
        }
        let is_without_room = matches!(self.known.lock().trouble, Some(Trouble::WithoutRoom(_)));
        Err(Behind { model: self.name, reached: self.position(), wanted, is_without_room })
    }

    /// Returns [`Failure::Unavailable`] while the read model must not be queried.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let known = self.known.lock();
        match (known.damage.as_ref().or(known.unavailable.as_ref()), &known.trouble) {
            (Some(why), Some(Trouble::Retrying(held_up) | Trouble::WithoutRoom(held_up))) => {
                Err(Failure::Unavailable {
                    model: self.name,
                    why: format!("{why}; the build is held up at the moment: {held_up}"),
                })
            }
            (Some(why), _) => Err(Failure::Unavailable { model: self.name, why: why.clone() }),
            (None, _) => Ok(()),
        }
    }

    /// Sets the version that answers queries, and clears the problems of the earlier file.
    pub(crate) fn serve(&self, version: u32) {
        *self.known.lock() = Known { version, ..Known::default() };
    }

    /// Refuses queries of this version, for the reason `why`, until [`Self::serve`] is called. That
    /// is due at the position `until`.
    pub(crate) fn refuse(&self, version: u32, why: &str, until: Position) {
        let mut known = self.known.lock();
        let (unavailable, building) = (Some(why.to_owned()), known.building.take());
        *known = Known { version, unavailable, until, building, ..Known::default() };
    }

    /// Records the position of a version that is being built.
    pub(crate) fn build(&self, version: u32, position: Position) {
        let mut known = self.known.lock();
        let trouble = known.building.take().and_then(|building| building.trouble);
        known.building = Some(Building { version, position, trouble });
    }

    /// Returns the position that a new version must reach before it is served.
    pub(crate) fn due(&self) -> Position {
        self.position().max(self.known.lock().until)
    }

    /// Waits until no other writer changes the file from which queries are answered, or switches to
    /// another one. Others wait while the guard is held.
    pub(crate) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock()
    }

    /// Returns true if a newer version than this one answers queries, or will after its rebuild.
    pub(crate) fn is_superseded(&self, version: u32) -> bool {
        version < self.known.lock().version
    }

    /// Reports the problem of the served version.
    pub(crate) fn trouble(&self, trouble: Option<Trouble>) {
        self.known.lock().trouble = trouble;
    }

    /// Reports the problem of the version that is being built.
    pub(crate) fn trouble_of_build(&self, trouble: Option<Trouble>) {
        if let Some(building) = &mut self.known.lock().building {
            building.trouble = trouble;
        }
    }

    /// Returns `answer`, the result of a query. If it shows that the file is damaged, refuses
    /// queries until [`Self::serve`] is called, and wakes the projector. A damaged row that a
    /// recent rebuild did not repair is only logged.
    pub(crate) fn inspect<T>(&self, answer: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(failure) = &answer
            && failure.is_damage()
        {
            let why = failure.to_string();
            if failure.is_of_row() && self.was_rebuilt_for(&why) {
                let advice = "rebuilding the read model did not repair the row: report this to the authors with the \
                    path of the request";
                tracing::error!(model = self.name, why, advice, "a row of this read model is damaged");
            } else {
                self.report_damage(&why);
            }
        }
        answer
    }

    /// Records a damaged row by the text of its failure. Returns true if the read model was rebuilt
    /// for the same text within [`REBUILT_AGAIN_AFTER`].
    fn was_rebuilt_for(&self, why: &str) -> bool {
        let mut last = self.last_row.lock();
        let is_same = last.as_ref().is_some_and(|(row, at)| row == why && at.elapsed() < REBUILT_AGAIN_AFTER);
        if !is_same {
            #[expect(clippy::disallowed_methods, reason = "the rim: how often a file is rebuilt")]
            let now = Instant::now();
            *last = Some((why.to_owned(), now));
        }
        is_same && !self.is_damaged()
    }

    pub(crate) fn report_damage(&self, why: &str) {
        let mut known = self.known.lock();
        if known.damage.is_none() {
            tracing::error!(model = self.name, why, "this read model is damaged; it is rebuilt from the journal");
            known.damage =
                Some(format!("the file of the read model is damaged ({why}) and is being rebuilt from the journal"));
            drop(known);
            self.alarm.notify_one();
        }
    }

    /// Waits until a reader finds damage.
    pub(crate) async fn alarmed(&self) {
        self.alarm.notified().await;
    }

    pub(crate) fn is_damaged(&self) -> bool {
        self.known.lock().damage.is_some()
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{Error, ffi};

    use super::*;

    #[test]
    fn a_damaged_row_that_a_rebuild_does_not_mend_is_rebuilt_once() {
        let status = Status::new("model", true);
        let is_reported = |failure: Failure| {
            status.serve(1);
            let _: Result<(), _> = status.inspect(Err(failure));
            status.is_damaged()
        };
        let row = |text: &str| Failure::Damaged(text.to_owned());
        let file = || Failure::from(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CORRUPT), None));
        let found = [row("a"), row("a"), row("b"), row("b"), file(), file()].map(is_reported);
        assert_eq!(found, [true, false, true, false, true, true]);
    }
}
