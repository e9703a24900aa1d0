//! How a read model is: how far it has come, whether it answers, and what is wrong with it.
//!
//! **Invariant:** shared by the projector, which writes it, and the readers, which look at it
//! before each question.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use schemas::Position;
use tokio::sync::{Notify, watch};

use crate::{Behind, Failure};

/// How a read model is, for operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub name: &'static str,
    /// The version that requests are answered from.
    pub version: u32,
    /// Every event up to here has been applied.
    pub position: Position,
    /// True if requests cannot be answered without it.
    pub is_required: bool,
    /// `None`: requests are answered. Otherwise the reason why they are not.
    pub unavailable: Option<String>,
    /// The failure that keeps it from going on; requests are still answered as of `position`.
    pub trouble: Option<Trouble>,
    /// A newer version that is being built while this one is served, and the position it has
    /// reached.
    pub building: Option<(u32, Position)>,
}

impl Condition {
    /// Returns true if the read model stays stopped until somebody repairs the program or the
    /// journal.
    pub fn has_stopped(&self) -> bool {
        matches!(self.trouble, Some(Trouble::Stopped(_)))
    }

    /// Returns true if its last attempt to go on failed, and others follow.
    pub fn is_held_up(&self) -> bool {
        matches!(self.trouble, Some(Trouble::Retrying(_) | Trouble::WithoutRoom(_)))
    }

    /// Returns one line with the name of the read model and its trouble; `None` if there is none.
    pub fn complaint(&self) -> Option<String> {
        let Self { name, position, .. } = self;
        match (&self.trouble, &self.unavailable) {
            (Some(Trouble::Stopped(why)), _) => {
                Some(format!("the read model `{name}` has stopped at position {position}: {why}"))
            }
            (Some(Trouble::Retrying(why) | Trouble::WithoutRoom(why)), _) => {
                Some(format!("the read model `{name}` is held up at position {position}: {why}"))
            }
            (None, Some(why)) => Some(format!("the read model `{name}` does not answer: {why}")),
            (None, None) => None,
        }
    }
}

/// Why a read model does not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The failure may pass: the operation is tried again.
    Retrying(String),
    /// The operation is tried again, too; it failed because the disk is full.
    WithoutRoom(String),
    /// The read model stays at its position until the program or the journal is repaired.
    Stopped(String),
}

#[derive(Debug)]
pub(crate) struct Status {
    name: &'static str,
    is_required: bool,
    reached: watch::Sender<Position>,
    known: Mutex<Known>,
    /// Wakes the projector when a reader finds damage.
    alarm: Notify,
    /// The last damaged row that the read model was rebuilt for, and when it was found.
    last_row: Mutex<Option<(String, Instant)>>,
}

/// A read model is not rebuilt twice for the same damaged row within this time: where the journal
/// makes the row so, everybody would wait for rebuilds that mend nothing.
const REBUILT_AGAIN_AFTER: Duration = Duration::from_secs(3_600);

#[derive(Debug, Default)]
struct Known {
    version: u32,
    unavailable: Option<String>,
    trouble: Option<Trouble>,
    building: Option<(u32, Position)>,
    damage: Option<String>,
}

impl Status {
    pub(crate) fn new(name: &'static str, is_required: bool) -> Arc<Self> {
        let (reached, known, alarm) = (watch::Sender::new(Position::START), Mutex::default(), Notify::new());
        Arc::new(Self { name, is_required, reached, known, alarm, last_row: Mutex::default() })
    }

    pub(crate) fn condition(&self) -> Condition {
        let Known { version, unavailable, trouble, building, damage } = &*self.known.lock();
        Condition {
            name: self.name,
            is_required: self.is_required,
            version: *version,
            position: self.position(),
            unavailable: damage.as_ref().or(unavailable.as_ref()).cloned(),
            trouble: trouble.clone(),
            building: *building,
        }
    }

    pub(crate) fn position(&self) -> Position {
        *self.reached.borrow()
    }

    /// Announces that every event up to `position` has been applied.
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

    /// Fails with [`Failure::Unavailable`] while the read model must not be asked.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let known = self.known.lock();
        match (known.damage.as_ref().or(known.unavailable.as_ref()), &known.trouble) {
            (Some(why), Some(Trouble::Retrying(held_up) | Trouble::WithoutRoom(held_up))) => {
                Err(Failure::Unavailable { model: self.name, why: format!("{why}, which is held up: {held_up}") })
            }
            (Some(why), _) => Err(Failure::Unavailable { model: self.name, why: why.clone() }),
            (None, _) => Ok(()),
        }
    }

    /// Notes the version that answers; whatever was wrong with an earlier file is over.
    pub(crate) fn serve(&self, version: u32) {
        *self.known.lock() = Known { version, ..Known::default() };
    }

    /// Refuses questions until [`Self::serve`].
    pub(crate) fn refuse(&self, version: u32, why: &str) {
        *self.known.lock() = Known { version, unavailable: Some(why.to_owned()), ..Known::default() };
    }

    pub(crate) fn build(&self, version: u32, position: Position) {
        self.known.lock().building = Some((version, position));
    }

    pub(crate) fn trouble(&self, trouble: Option<Trouble>) {
        self.known.lock().trouble = trouble;
    }

    /// Refuses questions from now on if the answer shows that the file is damaged, and wakes the
    /// projector.
    pub(crate) fn inspect<T>(&self, answer: Result<T, Failure>) -> Result<T, Failure> {
        if let Err(failure) = &answer
            && failure.is_damage()
        {
            let why = failure.to_string();
            if failure.is_of_row() && self.was_rebuilt_for(&why) {
                let advice = "a rebuild did not mend it: report it to the authors with the address of the request";
                tracing::error!(model = self.name, why, advice, "a row of this read model is damaged");
            } else {
                self.report_damage(&why);
            }
        }
        answer
    }

    /// Notes a damaged row; returns whether the read model was just rebuilt for the same.
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
            known.damage = Some(format!("its file is damaged ({why}); it is being rebuilt from the journal"));
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
