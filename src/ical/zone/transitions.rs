//! The transitions of a zone nobody knows by name.
//!
//! **Invariant:** sorted by instant; each transition starts from the offset the one before it left.

use crate::time::Instant;

/// What a VTIMEZONE comes to.
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
    /// From what held before everything, and the onsets in any order: instants and the offsets from there on.
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

    /// In a gap the offset before it, in a fold the first: both last until the greater of the two local times has come.
    pub(super) fn offset_of_local(&self, civil: i64) -> i64 {
        let past = |transition: &Transition| transition.at + transition.before.max(transition.after) <= civil;
        self.after(self.transitions.partition_point(past))
    }

    fn after(&self, passed: usize) -> i64 {
        passed.checked_sub(1).map_or(self.first_offset, |last| self.transitions[last].after)
    }

    /// The instants at which the offset changes, in order.
    pub(super) fn onsets(&self) -> impl Iterator<Item = Instant> + '_ {
        self.transitions.iter().map(|transition| transition.at)
    }
}
