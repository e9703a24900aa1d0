//! Budgets of work.
//!
//! **Invariant:** all series of a request share one budget, and no series gets more than
//! [`MAX_WORK`] of it, so that a single object never uses up the budget of the others.

use std::cell::Cell;

/// More than the days of 400 years, after which the Gregorian calendar repeats. A rule without an
/// instance until then has none at all.
pub const MAX_WORK: u32 = 200_000;

/// Octets of text that are compared or written for a unit of work.
pub(crate) const OCTETS_OF_WORK: usize = 32;

/// The work that a request may still cause, in periods of rules examined, instances generated, and
/// octets of text.
///
/// # Examples
///
/// ```
/// use ical::recur::Budget;
///
/// // One budget for all objects that a request looks at.
/// let budget = Budget::new(1_000_000);
/// assert!(!budget.is_spent());
/// ```
#[derive(Debug)]
pub struct Budget(Cell<u32>);

impl Budget {
    /// Returns a budget of so much work.
    pub fn new(work: u32) -> Self {
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

    /// Makes it the budget of one series again.
    pub(super) fn renew(&self) {
        self.0.set(MAX_WORK);
    }

    /// Returns a budget for one series: what is left, but no more than [`MAX_WORK`].
    pub(super) fn share(&self) -> Self {
        Self::new(self.0.get().min(MAX_WORK))
    }

    /// Subtracts what was spent of a share.
    pub(super) fn charge(&self, spent: usize) {
        self.spend(spent);
    }

    pub(crate) fn left(&self) -> usize {
        self.0.get() as usize
    }

    /// True if a computation stopped early, so that its result may be incomplete.
    pub fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// A budget for a single series.
impl Default for Budget {
    fn default() -> Self {
        Self::new(MAX_WORK)
    }
}
