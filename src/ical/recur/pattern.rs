//! A rule combined with its DTSTART, with all parts made explicit that the rule takes from DTSTART,
//! so that expansion can start anywhere.
//!
//! **Invariant:** a *period* is the rule's unit times its interval, counted from the one that
//! contains DTSTART. Periods of a day or more follow the civil calendar. Shorter ones are exact
//! steps of time, so that no instant is repeated or lost when clocks change.

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
    /// No instance is later.
    pub(super) until: Mark,
    /// The number of instances, DTSTART included.
    pub(super) count: Option<u32>,
}

/// One time that a rule generates.
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
            // RFC 5545 §3.3.10: BYHOUR, BYMINUTE and BYSECOND MUST be ignored if DTSTART is a DATE.
            (pattern.hours, pattern.minutes, pattern.seconds) = (vec![], vec![], vec![]);
            if pattern.is_sub_daily() {
                // A DATE has no hours to step through either.
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

    /// True if the rule generates its DTSTART.
    pub(super) fn gives_its_start(&self, clock: &Clock) -> bool {
        let mut buffer = Buffer::default();
        if self.is_sub_daily() {
            self.fill_step(self.start, clock, &mut buffer);
        } else if let Some(days) = self.period(0) {
            self.fill_days(days, clock, &mut buffer, usize::MAX);
        }
        buffer.occurrences.iter().any(|occurrence| occurrence.mark == self.start)
    }

    /// Returns the pattern with a COUNT that excludes DTSTART.
    pub(super) fn with_one_more(mut self) -> Self {
        self.count = self.count.map(|count| count.saturating_add(1));
        self
    }
}

/// Returns UNTIL as a mark. A date means the end of that day on the clock of the series; a local
/// time is on that clock, too.
fn until_mark(until: &DateTime, clock: &Clock) -> Mark {
    match (until, clock.form) {
        (DateTime::Utc(until), Form::Fixed) => civil(*until),
        (DateTime::Date(until), _) => clock.mark(local(civil((*until).into()) + DAY - 1)),
        (DateTime::Utc(_) | DateTime::Floating(_) | DateTime::Zoned(..), _) => clock.mark(until.local()),
    }
}
