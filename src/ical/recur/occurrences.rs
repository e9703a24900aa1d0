//! The occurrences of one rule within a window: the times that the rule generates.
//!
//! **Invariant:** generation starts at the window and not at DTSTART, so that the age of a series
//! costs nothing. The exception is a rule with COUNT and without `occurrences_per_period`: its
//! occurrences are counted from DTSTART on. Generation ends with the window, the rule or the
//! budget. COUNT includes DTSTART, but the results do not.

use super::budget::Budget;
use super::clock::{Clock, Mark};
use super::pattern::{Buffer, Occurrence, Pattern};
use crate::time::{DAY, Window, civil};

/// Time in seconds before and after the window from which periods of a rule that is not sub-daily
/// are generated too: an offset changes by at most a day, and SKIP can move a day to the day before
/// or after its period.
const SLACK: i64 = 2 * DAY;

#[derive(Debug)]
pub(crate) struct Occurrences<'p> {
    pattern: &'p Pattern,
    clock: &'p Clock,
    budget: &'p Budget,
    from: Mark,
    /// The last time, as a [`Mark`], that can be a result: the end of the window or UNTIL.
    last: Mark,
    /// The number of the next period to generate; for a sub-daily rule, the next step.
    period: i64,
    left: Option<i64>,
    buffer: Buffer,
    at: usize,
}

impl<'p> Occurrences<'p> {
    /// Starts to generate the occurrences in a window. Start and end of the window are [`Mark`]s.
    pub(crate) fn new(pattern: &'p Pattern, clock: &'p Clock, window: Window, budget: &'p Budget) -> Self {
        let last = window.end.saturating_sub(1).min(pattern.until);
        let left = pattern.count.map(|count| i64::from(count) - 1);
        let (from, buffer) = (window.start, Buffer::default());
        let mut this = Self { pattern, clock, budget, from, last, period: 0, left, buffer, at: 0 };
        this.enter();
        this
    }

    /// Skips the periods before the window.
    fn enter(&mut self) {
        let period = if self.pattern.is_sub_daily() {
            (self.from.saturating_sub(self.pattern.start) / self.pattern.step()).max(0)
        } else {
            self.pattern.period_at(self.clock.local(self.from.saturating_sub(SLACK)))
        };
        let period = (period - 1).max(0);
        if period > 0 && self.left.is_some() {
            self.count_to(period);
        } else {
            self.period = period;
        }
    }

    /// Counts the occurrences before `period` and moves to that period. If they cannot be counted,
    /// generation starts at DTSTART.
    fn count_to(&mut self, period: i64) {
        let regular = self.pattern.occurrences_per_period();
        if regular.is_none() && self.pattern.is_sub_daily() {
            return;
        }
        if !self.fill(0) {
            return;
        }
        let late = self.buffer.occurrences.iter().filter(|occurrence| occurrence.mark > self.pattern.start).count();
        self.buffer.occurrences.clear();
        self.pass(late);
        if let Some(occurrences) = regular {
            let passed = occurrences.saturating_mul(period - 1);
            self.left = self.left.map(|left| left.saturating_sub(passed).max(0));
            self.period = period;
            return;
        }
        while self.period < period && self.left != Some(0) {
            let Some(days) = self.pattern.period(self.period) else { return };
            if !self.budget.spend(1) {
                return;
            }
            let occurrences = self.pattern.count_occurrences(days, &mut self.buffer);
            self.pass(occurrences);
            self.period += 1;
        }
    }

    fn pass(&mut self, occurrences: usize) {
        let occurrences = i64::try_from(occurrences).unwrap_or(i64::MAX);
        self.left = self.left.map(|left| left.saturating_sub(occurrences).max(0));
    }

    /// Generates the occurrences of a period into the buffer.
    ///
    /// Returns false after the last period, or if the budget is exhausted.
    fn fill(&mut self, period: i64) -> bool {
        self.buffer.occurrences.clear();
        self.at = 0;
        self.period = period + 1;
        if self.pattern.is_sub_daily() {
            return self.fill_step(period) && self.budget.spend(1 + self.buffer.occurrences.len());
        }
        let Some(days) = self.pattern.period(period) else { return false };
        if civil(days.0.into()) > civil(self.clock.local(self.last)).saturating_add(SLACK) {
            return false;
        }
        let made = self.pattern.fill_days(days, self.clock, &mut self.buffer, self.budget.left());
        self.budget.spend(1 + made)
    }

    fn fill_step(&mut self, step: i64) -> bool {
        let len = self.pattern.step();
        let Some(mark) = step.checked_mul(len).and_then(|after| after.checked_add(self.pattern.start)) else {
            return false;
        };
        if mark > self.last.saturating_add(DAY) {
            return false;
        }
        if let Some(next) = self.pattern.fill_step(mark, self.clock, &mut self.buffer) {
            // The steps before `next` generate nothing: go to the last step that begins at or
            // before `next`, but at least to the step after this one.
            self.period = self.period.max((next - self.pattern.start).div_euclid(len));
        }
        true
    }
}

impl Iterator for Occurrences<'_> {
    type Item = Occurrence;

    fn next(&mut self) -> Option<Occurrence> {
        loop {
            while let Some(occurrence) = self.buffer.occurrences.get(self.at).copied() {
                self.at += 1;
                if occurrence.mark <= self.pattern.start {
                    continue;
                }
                match &mut self.left {
                    Some(0) => return None,
                    Some(left) => *left -= 1,
                    None => {}
                }
                // Do not stop after `last`: occurrences are in the order of their local times, and
                // the instant of a nonexistent local time may be after that of the next one.
                if occurrence.mark >= self.from && occurrence.mark <= self.last {
                    return Some(occurrence);
                }
            }
            if self.left == Some(0) || self.budget.is_spent() || !self.fill(self.period) {
                return None;
            }
        }
    }
}
