//! How far delivery has come: the position below which no issued message waits.

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
};

use parking_lot::Mutex;
use schemas::{Event, Position, Recorded};
use uuid::Uuid;

/// Positions between two writes of the checkpoint.
const SAVE_EVERY: usize = 256;

/// Knows issued messages as the journal shows them, and finished ones as the courier reports them.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    state: Mutex<State>,
    file: Option<PathBuf>,
}

#[derive(Debug, Default)]
struct State {
    /// Messages under way, by the position they were issued at.
    waiting: BTreeMap<Position, Waiting>,
    /// Finished before the journal showed them.
    finished: HashSet<Uuid>,
    seen: Position,
    unsaved: usize,
}

#[derive(Debug)]
struct Waiting {
    message: Uuid,
    /// The last position before this message's.
    before: Position,
}

impl Tracker {
    /// Begins where the last run left off.
    pub(crate) fn open(file: Option<PathBuf>) -> Self {
        let seen = file.as_deref().and_then(saved).unwrap_or_default();
        Self { state: Mutex::new(State { seen, ..State::default() }), file }
    }

    /// Everything up to here has been delivered.
    pub(crate) fn checkpoint(&self) -> Position {
        self.state.lock().checkpoint()
    }

    /// The journal showed these events.
    pub(crate) fn saw(&self, batch: &[Recorded]) {
        let mut state = self.state.lock();
        for recorded in batch.iter().filter(|recorded| recorded.position > Position::START) {
            state.saw(recorded);
        }
        state.unsaved += batch.len();
        if state.unsaved >= SAVE_EVERY {
            state.unsaved = 0;
            let checkpoint = state.checkpoint();
            drop(state);
            self.save(checkpoint);
        }
    }

    /// The courier is done with this message, whatever came of it.
    pub(crate) fn finished(&self, message: Uuid) {
        let mut state = self.state.lock();
        let at = state.waiting.iter().find(|(_, waiting)| waiting.message == message).map(|(at, _)| *at);
        match at {
            Some(at) => drop(state.waiting.remove(&at)),
            None => drop(state.finished.insert(message)),
        }
    }

    /// Writes the checkpoint; losing it only costs looking again.
    pub(crate) fn close(&self) {
        self.save(self.checkpoint());
    }

    fn save(&self, checkpoint: Position) {
        let Some(file) = &self.file else { return };
        let beside = file.with_extension("new");
        let written = std::fs::write(&beside, checkpoint.to_string()).and_then(|()| std::fs::rename(&beside, file));
        if let Err(error) = written {
            tracing::warn!(%error, file = %file.display(), "the delivery checkpoint could not be written");
        }
    }
}

impl State {
    fn saw(&mut self, recorded: &Recorded) {
        if recorded.position <= self.seen {
            return;
        }
        if let Event::MessageIssued(issued) = &recorded.event
            && !self.finished.remove(&issued.message)
        {
            let waiting = Waiting { message: issued.message, before: self.seen };
            self.waiting.insert(recorded.position, waiting);
        }
        self.seen = recorded.position;
    }

    fn checkpoint(&self) -> Position {
        self.waiting.first_key_value().map_or(self.seen, |(_, waiting)| waiting.before)
    }
}

fn saved(file: &Path) -> Option<Position> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok().map(Position)
}
