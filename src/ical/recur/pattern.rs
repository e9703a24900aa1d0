//! A rule as it runs from a given DTSTART: what the rule leaves to DTSTART is made explicit, so that it can be entered anywhere.
//!
//! **Invariant:** *periods* are the rule's unit times its interval, counted from the one DTSTART is in. Those of a day or longer
//! are cut by the civil calendar; finer ones are steps of exact time, so that a gap repeats none and a fold hides none.

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
    /// No instance is behind it.
    pub(super) until: Mark,
    /// How many instances there are, DTSTART among them.
    pub(super) count: Option<u32>,
}

/// One time the rule gives.
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
            // RFC 5545 §3.3.10: what is finer than a day MUST be ignored where DTSTART is a DATE.
            (pattern.hours, pattern.minutes, pattern.seconds) = (vec![], vec![], vec![]);
            if pattern.is_sub_daily() {
                // Nor is there an hour of a day to step to.
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

    /// Whether the rule gives its DTSTART by itself.
    pub(super) fn gives_its_start(&self, clock: &Clock) -> bool {
        let mut buffer = Buffer::default();
        if self.is_sub_daily() {
            self.fill_step(self.start, clock, &mut buffer);
        } else if let Some(days) = self.period(0) {
            self.fill_days(days, clock, &mut buffer, usize::MAX);
        }
        buffer.occurrences.iter().any(|occurrence| occurrence.mark == self.start)
    }

    /// The same, but a COUNT does not count DTSTART.
    pub(super) fn with_one_more(mut self) -> Self {
        self.count = self.count.map(|count| count.saturating_add(1));
        self
    }
}

/// UNTIL in whatever form: a date means the end of that day, by the clock of the series; a local time is by that clock too.
fn until_mark(until: &DateTime, clock: &Clock) -> Mark {
    match (until, clock.form) {
        (DateTime::Utc(until), Form::Fixed) => civil(*until),
        (DateTime::Date(until), _) => clock.mark(local(civil((*until).into()) + DAY - 1)),
        (DateTime::Utc(_) | DateTime::Floating(_) | DateTime::Zoned(..), _) => clock.mark(until.local()),
    }
}
