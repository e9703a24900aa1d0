//! The transitions of a zone: those that a VTIMEZONE defines, or those of an IANA zone by its
//! yearly rules.
//!
//! **Invariant:** transitions are sorted by instant. The offset before a transition is the offset
//! after the previous one.

use crate::time::Instant;

/// The offsets from UTC of a zone over time, in seconds, positive east of Greenwich.
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
    /// Builds the transitions from the initial offset and the onsets. Each onset is an instant and
    /// the offset that holds from then on; onsets may come in any order.
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

    /// Returns the offset from UTC for a local time, which is given in seconds as if it were UTC.
    /// In a gap it is the offset before the gap. For a local time that occurs twice, it is the
    /// first of the two offsets. In both cases, the old offset holds until the later of the two
    /// local times that clocks show at the transition.
    pub(super) fn offset_of_local(&self, civil: i64) -> i64 {
        let past = |transition: &Transition| transition.at + transition.before.max(transition.after) <= civil;
        self.after(self.transitions.partition_point(past))
    }

    fn after(&self, passed: usize) -> i64 {
        passed.checked_sub(1).map_or(self.first_offset, |last| self.transitions[last].after)
    }

    /// Returns the instants at which the offset changes, in ascending order.
    pub(super) fn onsets(&self) -> impl Iterator<Item = Instant> + '_ {
        self.transitions.iter().map(|transition| transition.at)
    }
}
