//! The times one rule gives within a window.
//!
//! **Invariant:** entered at the window, not at DTSTART, so the age of a series costs nothing; only a COUNT without a regular
//! rhythm is counted from the start. Ends at the window's end, after [`MAX_PERIODS`] periods at the latest: a rule that never
//! gives anything costs no more. DTSTART itself is not among them, though COUNT counts it.

use super::clock::{Clock, Mark};
use super::pattern::{Pattern, Room, Slot};
use crate::time::{DAY, Window, civil};

/// More than the days of four hundred years, in which the calendar repeats.
const MAX_PERIODS: u32 = 150_000;
/// Offsets change by a day at most, and weeks of a year begin before it: what is looked at besides the window.
const SLACK: i64 = 2 * DAY;

#[derive(Debug)]
pub(crate) struct Occurrences<'p> {
    pattern: &'p Pattern,
    clock: &'p Clock,
    from: Mark,
    /// Behind it, nothing more is wanted.
    last: Mark,
    /// The next period, or for exact steps, the next step.
    period: i64,
    left: Option<i64>,
    room: Room,
    at: usize,
    budget: u32,
}

impl<'p> Occurrences<'p> {
    /// The window is in marks.
    pub(crate) fn new(pattern: &'p Pattern, clock: &'p Clock, window: Window) -> Self {
        let last = window.end.saturating_sub(1).min(pattern.until);
        let left = pattern.count.map(|count| i64::from(count) - 1);
        let room = Room::default();
        let mut this =
            Self { pattern, clock, from: window.start, last, period: 0, left, room, at: 0, budget: MAX_PERIODS };
        this.enter();
        this
    }

    /// Whether it gave up: there may be more.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.budget == 0
    }

    #[cfg(test)]
    pub(super) fn periods_tried(&self) -> u32 {
        MAX_PERIODS - self.budget
    }

    /// Goes to the period of the window, as far as the count is known there.
    fn enter(&mut self) {
        let period = if self.pattern.is_sub_daily() {
            (self.from.saturating_sub(self.pattern.start) / self.pattern.step()).max(0)
        } else {
            self.pattern.period_at(self.clock.local(self.from.saturating_sub(SLACK)))
        };
        let period = (period - 1).max(0);
        if let (Some(left), true) = (self.left, period > 0) {
            let Some(slots) = self.pattern.slots_a_period() else { return };
            self.fill(0);
            let early = self.room.slots.iter().filter(|slot| slot.mark <= self.pattern.start).count();
            self.room.slots.clear();
            let passed = slots.saturating_mul(period) - i64::try_from(early).unwrap_or(0);
            self.left = Some((left - passed).max(0));
        }
        self.period = period;
    }

    /// Puts the slots of a period into the room; false where there are no more periods.
    fn fill(&mut self, period: i64) -> bool {
        self.room.slots.clear();
        self.at = 0;
        self.period = period + 1;
        if self.pattern.is_sub_daily() {
            return self.fill_step(period);
        }
        let Some(days) = self.pattern.period(period) else { return false };
        if civil(days.0.into()) > civil(self.clock.local(self.last)).saturating_add(SLACK) {
            return false;
        }
        self.pattern.fill_days(days, self.clock, &mut self.room);
        true
    }

    fn fill_step(&mut self, step: i64) -> bool {
        let len = self.pattern.step();
        let Some(mark) = step.checked_mul(len).and_then(|after| after.checked_add(self.pattern.start)) else {
            return false;
        };
        if mark > self.last.saturating_add(DAY) {
            return false;
        }
        if let Some(next) = self.pattern.fill_step(mark, self.clock, &mut self.room) {
            // The last step before it, unless that was this one.
            self.period = self.period.max((next - self.pattern.start).div_euclid(len));
        }
        true
    }
}

impl Iterator for Occurrences<'_> {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        loop {
            while let Some(slot) = self.room.slots.get(self.at).copied() {
                self.at += 1;
                if slot.mark <= self.pattern.start {
                    continue;
                }
                match &mut self.left {
                    Some(0) => return None,
                    Some(left) => *left -= 1,
                    None => {}
                }
                // Not necessarily the end: in a gap, times that do not exist come behind later ones.
                if slot.mark >= self.from && slot.mark <= self.last {
                    return Some(slot);
                }
            }
            self.budget = self.budget.checked_sub(1)?;
            if self.left == Some(0) || !self.fill(self.period) {
                return None;
            }
        }
    }
}
