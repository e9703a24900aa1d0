//! Budgets that bound the work of expanding series.
//!
//! **Invariant:** the rules of one series get at most [`MAX_WORK`] of a budget for an expansion.

use std::cell::Cell;

/// Maximum work for one series. It is more than the number of days in 400 years, after which the
/// Gregorian calendar repeats.
pub const MAX_WORK: u32 = 200_000;

/// Number of octets of text whose comparison or writing counts as one unit of work.
pub(crate) const OCTETS_OF_WORK: usize = 32;

/// A budget: the work that may still be done. A unit of work is a period of a rule that is
/// examined, an instance that is generated, or a few octets of text that are compared or written.
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
    /// Returns a budget that allows `work` units of work.
    pub fn new(work: u32) -> Self {
        Self(Cell::new(work))
    }

    /// Subtracts work from the budget.
    ///
    /// Returns false if the budget was too small; it is then exhausted.
    pub(crate) fn spend(&self, work: usize) -> bool {
        let left = u32::try_from(work).ok().and_then(|work| self.0.get().checked_sub(work));
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Sets the budget back to that of one series, [`MAX_WORK`].
    pub(super) fn renew(&self) {
        self.0.set(MAX_WORK);
    }

    /// Returns a budget for one series: what is left of this budget, but at most [`MAX_WORK`].
    pub(super) fn share(&self) -> Self {
        Self::new(self.0.get().min(MAX_WORK))
    }

    /// Subtracts the work that was done on a share of this budget.
    pub(super) fn charge(&self, spent: usize) {
        self.spend(spent);
    }

    pub(crate) fn left(&self) -> usize {
        self.0.get() as usize
    }

    /// True if the budget is exhausted. Computations with it stop early.
    pub fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// Returns the budget of a single series.
impl Default for Budget {
    fn default() -> Self {
        Self::new(MAX_WORK)
    }
}
