//! A rule combined with its DTSTART. The parts that the rule takes from DTSTART are made explicit,
//! so that expansion can start anywhere.
//!
//! **Invariant:** a *period* has the length of FREQ times INTERVAL, and period 0 contains DTSTART.
//! Only the first unit of a period generates occurrences, such as the first of two weeks. With
//! FREQ=DAILY or longer, periods follow the calendar. With a shorter FREQ they are exact steps of
//! time, so that no instant is repeated or lost when clocks change.

mod occurrences;
mod periods;

pub(super) use occurrences::Buffer;

use super::clock::{Clock, Form, Mark};
use super::days::DayFilter;
use crate::rule::{End, Frequency, Rule};
use crate::time::{DAY, civil, local};
use crate::value::DateTime;
use chrono::{NaiveDateTime, Timelike, Weekday};

const HOUR: i64 = 3600;
const MINUTE: i64 = 60;

#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    pub(super) frequency: Frequency,
    interval: i64,
    week_start: Weekday,
    pub(super) start: Mark,
    start_local: NaiveDateTime,
    days: DayFilter,
    hours: Vec<u32>,
    minutes: Vec<u32>,
    seconds: Vec<u32>,
    positions: Vec<i32>,
    /// UNTIL as a [`Mark`]: the rule generates no instance after it; `Mark::MAX` without UNTIL.
    pub(super) until: Mark,
    /// COUNT: the number of instances, including DTSTART; `None` without COUNT.
    pub(super) count: Option<u32>,
}

/// An occurrence: one time that a rule generates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) mark: Mark,
    pub(crate) local: NaiveDateTime,
}

impl Pattern {
    pub(crate) fn new(rule: &Rule, start: NaiveDateTime, clock: &Clock) -> Self {
        let mut pattern = Self {
            frequency: rule.frequency,
            interval: i64::from(rule.interval),
            week_start: rule.week_start,
            start: clock.mark(start),
            start_local: start,
            days: DayFilter::new(rule, start.date()),
            hours: rule.by_hour.clone(),
            minutes: rule.by_minute.clone(),
            seconds: rule.by_second.clone(),
            positions: rule.by_set_pos.clone(),
            until: Mark::MAX,
            count: None,
        };
        match &rule.end {
            End::Never => {}
            End::Count(count) => pattern.count = Some(*count),
            End::Until(until) => pattern.until = until_mark(until, clock),
        }
        if clock.form == Form::Date {
            // BYHOUR, BYMINUTE and BYSECOND MUST be ignored if DTSTART is a DATE (RFC 5545
            // §3.3.10).
            (pattern.hours, pattern.minutes, pattern.seconds) = (vec![], vec![], vec![]);
            if pattern.is_sub_daily() {
                // A sub-daily rule becomes a daily one, because a DATE has no hours.
                (pattern.interval, pattern.frequency) = ((pattern.step() / DAY).max(1), Frequency::Daily);
            }
        }
        if pattern.frequency >= Frequency::Daily {
            pattern.take_time_of_start(start);
        }
        pattern
    }

    fn take_time_of_start(&mut self, start: NaiveDateTime) {
        for (list, number) in
            [(&mut self.hours, start.hour()), (&mut self.minutes, start.minute()), (&mut self.seconds, start.second())]
        {
            if list.is_empty() {
                list.push(number);
            }
        }
    }

    pub(super) fn is_sub_daily(&self) -> bool {
        self.frequency < Frequency::Daily
    }

    /// True if DTSTART is one of the times that the rule generates.
    pub(super) fn gives_its_start(&self, clock: &Clock) -> bool {
        let mut buffer = Buffer::default();
        if self.is_sub_daily() {
            self.fill_step(self.start, clock, &mut buffer);
        } else if let Some(days) = self.period(0) {
            self.fill_days(days, clock, &mut buffer, usize::MAX);
        }
        buffer.occurrences.iter().any(|occurrence| occurrence.mark == self.start)
    }

    /// Returns the pattern with COUNT greater by one, for a rule whose COUNT does not include
    /// DTSTART.
    pub(super) fn with_one_more(mut self) -> Self {
        self.count = self.count.map(|count| count.saturating_add(1));
        self
    }
}

/// Converts UNTIL to a [`Mark`], which is a time on the clock of the series. A date means the end
/// of that day. Dates, local times and, in a floating series, times in UTC are read on the clock of
/// the series.
fn until_mark(until: &DateTime, clock: &Clock) -> Mark {
    match (until, clock.form) {
        (DateTime::Utc(until), Form::Fixed) => civil(*until),
        (DateTime::Date(until), _) => clock.mark(local(civil((*until).into()) + DAY - 1)),
        (DateTime::Utc(_) | DateTime::Floating(_) | DateTime::Zoned(..), _) => clock.mark(until.local()),
    }
}
