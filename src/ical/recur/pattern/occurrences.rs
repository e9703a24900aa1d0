//! The occurrences of one period: the admitted days at the times of the rule, of which BYSETPOS
//! selects some.

use super::{HOUR, MINUTE, Occurrence, Pattern};
use crate::recur::calendar::WEEK_DAYS;
use crate::recur::clock::{Clock, Mark};
use crate::rule::Frequency;
use chrono::{NaiveDate, NaiveTime, Timelike};

/// Memory for the occurrences of one period, reused for each period.
#[derive(Debug, Default)]
pub(in crate::recur) struct Buffer {
    days: Vec<NaiveDate>,
    pub(in crate::recur) occurrences: Vec<Occurrence>,
}

impl Pattern {
    /// Generates the occurrences of one period, from the days `from` to before `end`, in order.
    ///
    /// Returns the number of occurrences before BYSETPOS is applied. Stops when the number exceeds
    /// the budget.
    pub(in crate::recur) fn fill_days(
        &self,
        (from, end): (NaiveDate, NaiveDate),
        clock: &Clock,
        buffer: &mut Buffer,
        budget: usize,
    ) -> usize {
        buffer.days.clear();
        self.days.admitted(from, end, &mut buffer.days);
        for day in &buffer.days {
            if buffer.occurrences.len() > budget {
                break;
            }
            for hour in &self.hours {
                for minute in &self.minutes {
                    for second in &self.seconds {
                        let time = NaiveTime::from_hms_opt(*hour, *minute, *second).unwrap_or_default();
                        let local = day.and_time(time);
                        buffer.occurrences.push(Occurrence { mark: clock.mark(local), local });
                    }
                }
            }
        }
        let made = buffer.occurrences.len();
        self.choose(&mut buffer.occurrences);
        made
    }

    /// Returns the number of occurrences of a period without generating them.
    pub(in crate::recur) fn count_occurrences(
        &self,
        (from, end): (NaiveDate, NaiveDate),
        buffer: &mut Buffer,
    ) -> usize {
        buffer.days.clear();
        self.days.admitted(from, end, &mut buffer.days);
        let occurrences = buffer.days.len() * self.hours.len() * self.minutes.len() * self.seconds.len();
        if self.positions.is_empty() {
            return occurrences;
        }
        let len = i64::try_from(occurrences).unwrap_or(i64::MAX);
        let from_start = self.positions.iter().map(|position| i64::from(*position));
        let places = from_start.map(|position| if position < 0 { len + 1 + position } else { position });
        let mut places: Vec<_> = places.filter(|place| (1..=len).contains(place)).collect();
        places.sort_unstable();
        places.dedup();
        places.len()
    }

    /// Returns, for a rule with COUNT, the start of a period shortly before its last instance, as a
    /// [`Mark`]; the start of period 0 if COUNT is small.
    ///
    /// Returns `None` if the rule has no COUNT, if `occurrences_per_period` returns `None`, or if
    /// the time is beyond the calendar.
    pub(in crate::recur) fn mark_near_end(&self, clock: &Clock) -> Option<Mark> {
        let period = (i64::from(self.count?) / self.occurrences_per_period()?.max(1) - 2).max(0);
        if self.is_sub_daily() {
            return period.checked_mul(self.step())?.checked_add(self.start);
        }
        Some(clock.mark(self.period(period)?.0.into()))
    }

    /// Adds the occurrences of one step of a sub-daily rule to `buffer`, and returns `None`. If a
    /// BY part of the rule excludes the step, adds nothing and returns a later [`Mark`]: the steps
    /// before that are excluded as well.
    pub(in crate::recur) fn fill_step(&self, mark: Mark, clock: &Clock, buffer: &mut Buffer) -> Option<Mark> {
        let local = clock.local(mark);
        let time = local.time();
        let into_hour = i64::from(time.minute()) * MINUTE + i64::from(time.second());
        if !self.days.admits(local.date()) {
            return local.date().succ_opt().map(|next| clock.mark(next.into()).max(mark + 1));
        }
        let limits = |list: &[u32], number: u32| !list.is_empty() && !list.contains(&number);
        if limits(&self.hours, time.hour()) {
            return Some(mark + HOUR - into_hour);
        }
        if self.frequency < Frequency::Hourly && limits(&self.minutes, time.minute()) {
            return Some(mark - i64::from(time.second()) + to_next(&self.minutes, time.minute()) * MINUTE);
        }
        if self.frequency < Frequency::Minutely && limits(&self.seconds, time.second()) {
            return Some(mark + to_next(&self.seconds, time.second()));
        }
        let one = |list: &[u32], own: u32, expands: bool| {
            if expands && !list.is_empty() { list.to_vec() } else { vec![own] }
        };
        for minute in one(&self.minutes, time.minute(), self.frequency == Frequency::Hourly) {
            for second in one(&self.seconds, time.second(), self.frequency > Frequency::Secondly) {
                let mark = mark - into_hour + i64::from(minute) * MINUTE + i64::from(second);
                buffer.occurrences.push(Occurrence { mark, local: clock.local(mark) });
            }
        }
        self.choose(&mut buffer.occurrences);
        None
    }

    /// Applies BYSETPOS to the occurrences of one period.
    fn choose(&self, occurrences: &mut Vec<Occurrence>) {
        if self.positions.is_empty() {
            return;
        }
        let len = i64::try_from(occurrences.len()).unwrap_or(i64::MAX);
        let chosen = |at: i64| {
            let at = at + 1;
            self.positions.iter().any(|position| i64::from(*position) == at || i64::from(*position) == at - len - 1)
        };
        let mut at = -1;
        occurrences.retain(|_| {
            at += 1;
            chosen(at)
        });
    }

    /// True if the rule has none of BYHOUR, BYMINUTE and BYSECOND.
    fn has_no_times(&self) -> bool {
        self.hours.is_empty() && self.minutes.is_empty() && self.seconds.is_empty()
    }

    /// Returns the number of occurrences of each period; `None` if periods can differ, and for
    /// every monthly or yearly rule.
    pub(in crate::recur) fn occurrences_per_period(&self) -> Option<i64> {
        let len = |list: &[u32]| i64::try_from(list.len().max(1)).unwrap_or(i64::MAX);
        let days = self.days.only_weekdays().filter(|_| self.positions.is_empty())?;
        let times = len(&self.hours) * len(&self.minutes) * len(&self.seconds);
        match self.frequency {
            Frequency::Weekly => Some(days * times),
            Frequency::Daily if days == WEEK_DAYS => Some(times),
            Frequency::Hourly if days == WEEK_DAYS && self.hours.is_empty() => Some(times),
            Frequency::Minutely if days == WEEK_DAYS && self.hours.is_empty() && self.minutes.is_empty() => Some(times),
            Frequency::Secondly if days == WEEK_DAYS && self.has_no_times() => Some(times),
            Frequency::Secondly
            | Frequency::Minutely
            | Frequency::Hourly
            | Frequency::Daily
            | Frequency::Monthly
            | Frequency::Yearly => None,
        }
    }
}

/// Returns the distance from a minute or second, `now`, to the next entry of a sorted list of
/// minutes or seconds; the distance to 60, the end of the hour or minute, if the list has no later
/// entry.
fn to_next(list: &[u32], now: u32) -> i64 {
    i64::from(list.iter().copied().find(|number| *number > now).unwrap_or(60)) - i64::from(now)
}
