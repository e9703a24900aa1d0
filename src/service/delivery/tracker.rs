//! How far delivery has come: the position below which no issued message waits.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use parking_lot::Mutex;
use schemas::{Event, ObjectEvent, Position, Recorded};
use uuid::Uuid;

/// Positions between two writes of the checkpoint.
const SAVE_EVERY: usize = 256;

/// Knows issued messages as the journal shows them, and finished ones as the courier reports them.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    state: Mutex<State>,
    file: Option<PathBuf>,
    /// The last checkpoint written. Held while writing: the projector and whoever closes the service do it by turns.
    saved: Mutex<Position>,
}

#[derive(Debug, Default)]
struct State {
    /// Messages under way: the position each was issued at, and the last position before it.
    waiting: BTreeMap<Position, Position>,
    /// Where each of them waits.
    places: HashMap<Uuid, Position>,
    /// Finished before the journal showed them, with where it will.
    finished: HashMap<Uuid, Position>,
    seen: Position,
    unsaved: usize,
}

impl Tracker {
    /// Begins where the last run left off; from the start, if that is not a place of this journal, which ends at `head`.
    pub(crate) fn open(file: Option<PathBuf>, head: Position) -> Self {
        let found = file.as_deref().and_then(saved);
        let seen = found.filter(|seen| *seen <= head).unwrap_or_default();
        if found.is_some_and(|found| found != seen) {
            // Not a place of this journal; once that has grown, nobody could tell any more.
            file.as_deref().map(std::fs::remove_file);
        }
        Self { state: Mutex::new(State { seen, ..State::default() }), file, saved: Mutex::default() }
    }

    /// Everything up to here has been delivered.
    pub(crate) fn checkpoint(&self) -> Position {
        self.state.lock().checkpoint()
    }

    /// How many messages are under way.
    pub(crate) fn waiting(&self) -> usize {
        self.state.lock().waiting.len()
    }

    /// The messages under way.
    pub(crate) fn messages(&self) -> BTreeSet<Uuid> {
        self.state.lock().places.keys().copied().collect()
    }

    /// The journal showed these events.
    pub(crate) fn saw(&self, batch: &[Recorded]) {
        let mut state = self.state.lock();
        for recorded in batch.iter().filter(|recorded| recorded.position > Position::START) {
            state.saw(recorded);
        }
        let seen = state.seen;
        state.finished.retain(|_, at| *at > seen);
        state.unsaved += batch.len();
        if state.unsaved >= SAVE_EVERY {
            state.unsaved = 0;
            drop(state);
            self.save();
        }
    }

    /// The courier is done with this message, whatever came of it. `at`: the end of the append that issued it.
    pub(crate) fn finished(&self, message: Uuid, at: Position) {
        let mut state = self.state.lock();
        match state.places.remove(&message) {
            Some(place) => drop(state.waiting.remove(&place)),
            None if at > state.seen => drop(state.finished.insert(message, at)),
            // Whoever carried it at the same time was done before.
            None => {}
        }
    }

    /// The journal shows that this message has arrived, whoever carried it.
    pub(crate) fn arrived(&self, message: Uuid) {
        let mut state = self.state.lock();
        if let Some(at) = state.places.remove(&message) {
            state.waiting.remove(&at);
        }
    }

    /// Writes the checkpoint; losing it only costs looking again.
    pub(crate) fn close(&self) {
        self.save();
    }

    /// Nobody sees or changes it as long as this is kept.
    #[cfg(test)]
    pub(crate) fn hold(&self) -> impl Sized + '_ {
        self.state.lock()
    }

    fn save(&self) {
        let Some(file) = &self.file else { return };
        let mut saved = self.saved.lock();
        let checkpoint = self.checkpoint();
        if *saved == checkpoint {
            return;
        }
        let beside = file.with_extension("new");
        let written = std::fs::write(&beside, checkpoint.to_string()).and_then(|()| std::fs::rename(&beside, file));
        match written {
            Ok(()) => *saved = checkpoint,
            Err(error) => {
                tracing::warn!(%error, file = %file.display(), "the delivery checkpoint could not be written");
            }
        }
    }
}

impl State {
    fn saw(&mut self, recorded: &Recorded) {
        if recorded.position <= self.seen {
            return;
        }
        if let Event::Object(ObjectEvent::MessageIssued(issued)) = &recorded.event
            && self.finished.remove(&issued.message).is_none()
        {
            self.waiting.insert(recorded.position, self.seen);
            self.places.insert(issued.message, recorded.position);
        }
        self.seen = recorded.position;
    }

    fn checkpoint(&self) -> Position {
        self.waiting.first_key_value().map_or(self.seen, |(_, before)| *before)
    }
}

fn saved(file: &Path) -> Option<Position> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok().map(Position)
}

#[cfg(test)]
mod tests {
    use schemas::{
        Hash, Metadata, PrincipalId, Revision, Stream,
        object::{MessageIssued, Method, Visibility},
    };

    use super::*;

    fn issued(position: u64, message: u128) -> Recorded {
        let home = PrincipalId(Uuid::nil());
        let event = Event::Object(ObjectEvent::MessageIssued(MessageIssued {
            message: Uuid::from_u128(message),
            method: Method::Request,
            uid: String::new(),
            sender: String::new(),
            sender_home: home,
            recipients: vec![],
            visibility: Visibility::Inbox,
            reason: String::new(),
            instances: vec![],
            ics: String::new(),
        }));
        Recorded {
            position: Position(position),
            stream: Stream::Principal(home),
            revision: Revision(0),
            id: Uuid::nil(),
            event,
            metadata: Metadata::default(),
            hash: Hash::default(),
        }
    }

    #[test]
    fn the_checkpoint_stays_before_the_first_message_that_waits() {
        let tracker = Tracker::open(None, Position::START);
        tracker.saw(&[issued(3, 1), issued(5, 2), issued(8, 3)]);
        assert_eq!(tracker.checkpoint(), Position(0));
        tracker.finished(Uuid::from_u128(2), Position(5));
        assert_eq!(tracker.checkpoint(), Position(0), "the first still waits");
        tracker.finished(Uuid::from_u128(1), Position(3));
        assert_eq!(tracker.checkpoint(), Position(5), "the third waits");
        tracker.finished(Uuid::from_u128(3), Position(8));
        assert_eq!(tracker.checkpoint(), Position(8));
    }

    #[test]
    fn a_message_finished_before_it_was_seen_never_waits() {
        let tracker = Tracker::open(None, Position::START);
        tracker.finished(Uuid::from_u128(1), Position(3));
        tracker.saw(&[issued(3, 1)]);
        assert_eq!(tracker.checkpoint(), Position(3));
    }

    #[test]
    fn a_message_finished_twice_is_not_remembered() {
        let tracker = Tracker::open(None, Position::START);
        tracker.saw(&[issued(3, 1)]);
        tracker.finished(Uuid::from_u128(1), Position(4));
        tracker.finished(Uuid::from_u128(1), Position(4));
        tracker.saw(&[issued(5, 2)]);
        assert!(tracker.state.lock().finished.is_empty());
    }

    #[test]
    fn threads_that_save_at_once_leave_the_newest_checkpoint() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("delivery.position");
        let tracker = Tracker::open(Some(file.clone()), Position::START);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (1..=100).for_each(|_| tracker.close()));
            }
            for position in 1..=400 {
                tracker.finished(Uuid::from_u128(u128::from(position)), Position(position));
                tracker.saw(&vec![issued(position, u128::from(position)); SAVE_EVERY]);
            }
        });
        tracker.close();
        assert_eq!(saved(&file), Some(tracker.checkpoint()));
        assert!(!file.with_extension("new").exists());
    }

    #[test]
    fn the_next_run_goes_on_from_the_saved_checkpoint() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("delivery.position");
        let tracker = Tracker::open(Some(file.clone()), Position::START);
        tracker.saw(&[issued(3, 1), issued(5, 2)]);
        tracker.finished(Uuid::from_u128(1), Position(3));
        tracker.close();
        assert_eq!(Tracker::open(Some(file.clone()), Position(5)).checkpoint(), Position(3));
        assert_eq!(Tracker::open(Some(file.clone()), Position(2)).checkpoint(), Position::START, "a restored journal");
        assert_eq!(Tracker::open(Some(file), Position(9)).checkpoint(), Position::START, "which has grown since");
    }
}
