//! The newest events in memory, straight from the writer.
//!
//! **Invariant:** what it holds has no gaps, is durable, and is bounded in bytes. Whoever is further behind reads
//! from the disk.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use schemas::{Position, Stored};

/// Bytes of events that are kept, beside the newest group.
const TAIL_BYTES: usize = 8 * 1024 * 1024;
/// What an event costs in memory beside its data.
const EVENT_OVERHEAD_BYTES: usize = 512;

#[derive(Debug)]
pub(super) struct Tail(Mutex<Events>);

#[derive(Debug)]
struct Events {
    /// Everything after this position is held.
    floor: Position,
    held: VecDeque<Stored>,
    bytes: usize,
}

impl Tail {
    pub(super) fn new(floor: Position) -> Self {
        Self(Mutex::new(Events { floor, held: VecDeque::new(), bytes: 0 }))
    }

    /// Adds a committed group and lets go of the oldest events.
    pub(super) fn push(&self, group: Vec<Stored>) {
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

    /// The events after a position; `None` if some of them are not held any more.
    pub(super) fn after(&self, position: Position, limit: usize) -> Option<Vec<Stored>> {
        let events = self.lock();
        if position < events.floor {
            return None;
        }
        let start = events.held.partition_point(|stored| stored.position <= position);
        Some(events.held.range(start..).take(limit).cloned().collect())
    }

    fn lock(&self) -> MutexGuard<'_, Events> {
        // Nothing panics halfway through a change: what the lock holds is whole even when poisoned.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cost(stored: &Stored) -> usize {
    stored.data.len() + EVENT_OVERHEAD_BYTES
}
