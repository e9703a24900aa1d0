//! A cache in memory of the newest committed events.
//!
//! **Invariant:** the cached events are durable and without gaps, and their bytes are bounded. A
//! subscriber that is further behind reads from the engine.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use schemas::{Position, Stored};

/// Maximum bytes of cached events, in addition to the newest group.
const TAIL_BYTES: usize = 2 * 1024 * 1024;
/// Estimated memory of an event without its data, in bytes.
const EVENT_OVERHEAD_BYTES: usize = 512;

/// The cache of the newest events, for subscribers that are nearly up to date.
#[derive(Debug)]
pub struct Tail(Mutex<Events>);

#[derive(Debug)]
struct Events {
    /// All events after this position are cached.
    floor: Position,
    held: VecDeque<Stored>,
    bytes: usize,
}

impl Tail {
    /// Creates an empty cache for the events after a position.
    pub fn new(floor: Position) -> Self {
        Self(Mutex::new(Events { floor, held: VecDeque::new(), bytes: 0 }))
    }

    /// Drops the oldest cached events while they have too many bytes, and then adds a committed
    /// group.
    pub fn push(&self, group: Vec<Stored>) {
        let mut events = self.lock();
        while events.bytes > TAIL_BYTES
            && let Some(oldest) = events.held.pop_front()
        {
            events.floor = oldest.position;
            events.bytes -= cost(&oldest);
        }
        events.bytes += group.iter().map(cost).sum::<usize>();
        events.held.extend(group);
    }

    /// Drops all cached events; the cache then holds the events after `floor`.
    pub fn restart(&self, floor: Position) {
        *self.lock() = Events { floor, held: VecDeque::new(), bytes: 0 };
    }

    /// Returns at most `limit` events after a position; `None` if some of them are not cached.
    pub fn after(&self, position: Position, limit: usize) -> Option<Vec<Stored>> {
        let events = self.lock();
        if position < events.floor {
            return None;
        }
        let start = events.held.partition_point(|stored| stored.position <= position);
        Some(events.held.range(start..).take(limit).cloned().collect())
    }

    fn lock(&self) -> MutexGuard<'_, Events> {
        // No change to the value can panic halfway, so it is consistent even if the lock is
        // poisoned.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cost(stored: &Stored) -> usize {
    stored.data.len() + EVENT_OVERHEAD_BYTES
}

#[cfg(test)]
mod tests {
    use schemas::{Encoding, Hash, Metadata, ObjectId, Revision, Stream};
    use uuid::Uuid;

    use super::*;

    fn stored(position: u64, bytes: usize) -> Stored {
        Stored {
            position: Position(position),
            stream: Stream::Object(ObjectId(Uuid::nil())),
            revision: Revision(position),
            id: Uuid::from_u128(u128::from(position)),
            kind: String::new(),
            data: vec![0; bytes].into(),
            encoding: Encoding::JSON,
            metadata: Metadata::default(),
            hash: Hash::default(),
        }
    }

    #[test]
    fn only_what_is_held_without_a_gap_is_answered() {
        let tail = Tail::new(Position(10));
        tail.push(vec![stored(11, 1), stored(12, 1)]);
        tail.push(vec![stored(14, 1)]);
        for (title, after, limit, expected) in [
            ("before what is held", 9, 9, None),
            ("all", 10, 9, Some(&[11, 12, 14][..])),
            ("a part", 11, 1, Some(&[12])),
            ("between two", 13, 9, Some(&[14])),
            ("the end", 14, 9, Some(&[])),
            ("behind the end", 99, 9, Some(&[])),
        ] {
            let answer = tail.after(Position(after), limit);
            let positions = answer.map(|events| events.iter().map(|event| event.position.0).collect::<Vec<_>>());
            assert_eq!(positions.as_deref(), expected, "{title}");
        }
    }

    #[test]
    fn the_oldest_events_are_let_go_once_there_are_too_many_bytes() {
        let tail = Tail::new(Position::START);
        for position in 1..=100 {
            tail.push(vec![stored(position, TAIL_BYTES / 4)]);
        }
        let held = (0..100).find_map(|after| tail.after(Position(after), usize::MAX)).unwrap();
        assert!((3..=5).contains(&held.len()), "{}", held.len());
        assert_eq!(held.last().unwrap().position, Position(100));
        assert!(tail.after(Position::START, 1).is_none());
    }
}
