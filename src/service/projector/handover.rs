//! Hands events from the thread that serves requests to the thread that gathers events, so that
//! they are decoded once.
//!
//! **Invariant:** the held events are without gaps, all of them are applied by the first thread,
//! and their bytes are bounded. The gathering thread reads all other events from the journal.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use schemas::{Position, Recorded};

/// Bytes of held events above which the oldest batches are dropped.
const MAX_HELD_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of held events that are handed over without waiting for more.
const ENOUGH_BYTES: usize = MAX_HELD_BYTES / 2;

/// The events that the first thread has applied and the gathering thread has not taken yet.
pub(super) struct Handover(Mutex<Held>);

struct Held {
    /// All applied events after this position are held.
    floor: Position,
    batches: VecDeque<Batch>,
    bytes: usize,
}

/// At least one event, with the bytes that they take.
struct Batch {
    events: Vec<Recorded>,
    bytes: usize,
}

impl Handover {
    /// Creates an empty hand-over for the events after a position.
    pub(super) fn new(floor: Position) -> Self {
        Self(Mutex::new(Held { floor, batches: VecDeque::new(), bytes: 0 }))
    }

    /// Adds the next applied events, and drops the oldest batches while there are too many bytes.
    pub(super) fn push(&self, events: Vec<Recorded>, bytes: usize) {
        if events.is_empty() {
            return;
        }
        let mut held = self.lock();
        held.bytes += bytes;
        held.batches.push_back(Batch { events, bytes });
        while held.bytes > MAX_HELD_BYTES
            && let Some(oldest) = held.batches.pop_front()
        {
            held.bytes -= oldest.bytes;
            held.floor = oldest.events.last().map_or(held.floor, |last| last.position);
        }
    }

    /// Returns true if there are so many bytes that the gathering thread should take them.
    pub(super) fn is_enough(&self) -> bool {
        self.lock().bytes >= ENOUGH_BYTES
    }

    /// Takes all events after a position; `None` if there are none, or if some of them were
    /// dropped.
    pub(super) fn take_after(&self, position: Position) -> Option<Vec<Recorded>> {
        let mut held = self.lock();
        if position < held.floor {
            return None;
        }
        let batches = std::mem::take(&mut held.batches);
        held.bytes = 0;
        let events: Vec<_> =
            batches.into_iter().flat_map(|batch| batch.events).filter(|event| event.position > position).collect();
        held.floor = events.last().map_or(position, |last| last.position);
        Some(events).filter(|events| !events.is_empty())
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        // No change to the value can panic halfway, so it is consistent even if the lock is
        // poisoned.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::feed::tests::recorded, *};

    fn positions(events: Option<Vec<Recorded>>) -> Option<Vec<u64>> {
        events.map(|events| events.iter().map(|event| event.position.0).collect())
    }

    #[test]
    fn events_are_taken_once_and_in_order() {
        let handover = Handover::new(Position(4));
        handover.push(vec![recorded(5), recorded(6)], 10);
        handover.push(vec![recorded(9)], 10);
        assert_eq!(positions(handover.take_after(Position(5))), Some(vec![6, 9]));
        assert_eq!(positions(handover.take_after(Position(9))), None, "there are none");
        handover.push(vec![recorded(10)], 10);
        assert_eq!(positions(handover.take_after(Position(5))), None, "the others were taken");
        assert_eq!(positions(handover.take_after(Position(9))), Some(vec![10]));
    }

    #[test]
    fn the_oldest_batches_are_dropped_above_the_limit() {
        let handover = Handover::new(Position::START);
        handover.push(vec![recorded(1), recorded(2)], MAX_HELD_BYTES / 2);
        assert!(handover.is_enough());
        handover.push(vec![recorded(3)], MAX_HELD_BYTES / 2);
        handover.push(vec![recorded(4)], 1);
        assert_eq!(positions(handover.take_after(Position::START)), None, "the first two were dropped");
        assert_eq!(positions(handover.take_after(Position(2))), Some(vec![3, 4]));
        handover.push(vec![recorded(5)], MAX_HELD_BYTES + 1);
        assert_eq!(positions(handover.take_after(Position(4))), None, "one batch alone is above the limit");
        assert!(!handover.is_enough());
    }
}
