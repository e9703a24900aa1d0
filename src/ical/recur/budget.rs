//! How much work one question may cost.
//!
//! **Invariant:** shared by all rules and segments a question goes through, so that many of them cost no more than one.

use std::cell::Cell;

/// More than the days of four hundred years, in which the calendar repeats: a rule that gives nothing until then, never does.
pub(crate) const MAX_WORK: u32 = 200_000;

/// Periods looked at and occurrences made.
#[derive(Debug)]
pub(crate) struct Budget(Cell<u32>);

impl Budget {
    pub(crate) fn new(work: u32) -> Self {
        Self(Cell::new(work))
    }

    /// Whether that much was left.
    pub(crate) fn spend(&self, work: usize) -> bool {
        let left = u32::try_from(work).ok().and_then(|work| self.0.get().checked_sub(work));
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    pub(crate) fn left(&self) -> usize {
        self.0.get() as usize
    }

    /// Whether it gave up: there may be more.
    pub(crate) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}
