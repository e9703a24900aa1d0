//! The transitions of a zone that has no known name.
//!
//! **Invariant:** sorted by instant. Each transition starts from the offset that the previous one
//! left.

use crate::time::Instant;

/// The offsets that a VTIMEZONE defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transitions {
    first_offset: i64,
    transitions: Vec<Transition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Transition {
    at: Instant,
    before: i64,
    after: i64,
}

impl Transitions {
    /// Builds the transitions from the initial offset and the onsets, in any order, with the offset
    /// from each on.
    pub(super) fn new(first_offset: i64, mut onsets: Vec<(Instant, i64)>) -> Self {
        onsets.sort_unstable();
        let mut before = first_offset;
        let mut transitions: Vec<Transition> = Vec::with_capacity(onsets.len());
        for (at, after) in onsets {
            if after != before {
                transitions.push(Transition { at, before, after });
            }
            before = after;
        }
        Self { first_offset, transitions }
    }

    pub(super) fn offset_at(&self, instant: Instant) -> i64 {
        self.after(self.transitions.partition_point(|transition| transition.at <= instant))
    }

    /// Returns the offset for a local time. In a gap it is the offset before it, and an ambiguous
    /// time is the first; both last until the greater of the two local times.
    pub(super) fn offset_of_local(&self, civil: i64) -> i64 {
        let past = |transition: &Transition| transition.at + transition.before.max(transition.after) <= civil;
        self.after(self.transitions.partition_point(past))
    }

    fn after(&self, passed: usize) -> i64 {
        passed.checked_sub(1).map_or(self.first_offset, |last| self.transitions[last].after)
    }

    /// Returns the instants at which the offset changes, in order.
    pub(super) fn onsets(&self) -> impl Iterator<Item = Instant> + '_ {
        self.transitions.iter().map(|transition| transition.at)
    }
}
