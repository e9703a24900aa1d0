//! Budgets of work for one query.
//!
//! **Invariant:** all rules and segments of a query share one budget, so that many of them cost no
//! more than one.

use std::cell::Cell;

/// More than the days of 400 years, after which the Gregorian calendar repeats. A rule without an
/// instance until then has none at all.
pub(crate) const MAX_WORK: u32 = 200_000;

/// The remaining work, in periods examined and occurrences generated.
#[derive(Debug)]
pub(crate) struct Budget(Cell<u32>);

impl Budget {
    pub(crate) fn new(work: u32) -> Self {
        Self(Cell::new(work))
    }

    /// Subtracts work.
    ///
    /// Returns false if less than that was left; then nothing is left.
    pub(crate) fn spend(&self, work: usize) -> bool {
        let left = u32::try_from(work).ok().and_then(|work| self.0.get().checked_sub(work));
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    pub(crate) fn left(&self) -> usize {
        self.0.get() as usize
    }

    /// True if a computation stopped early, so that its result may be incomplete.
    pub(crate) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}
