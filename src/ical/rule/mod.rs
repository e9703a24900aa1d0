//! Recurrence rules (RFC 5545 §3.3.10) as plain data.
//!
//! **Invariant:** a [`Rule`] that exists can be expanded: every list is within its range, the interval is not zero, COUNT and
//! UNTIL exclude each other. What the rule means for a given DTSTART is `recur`'s.

mod parse;
#[cfg(test)]
mod tests;

use crate::value::DateTime;
use chrono::Weekday;

/// RFC 5545 §3.3.10: `recur`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub frequency: Frequency,
    /// At least one.
    pub interval: u32,
    pub end: End,
    pub week_start: Weekday,
    pub by_month: Vec<u32>,
    pub by_week_no: Vec<i32>,
    pub by_year_day: Vec<i32>,
    pub by_month_day: Vec<i32>,
    pub by_day: Vec<ByDay>,
    pub by_hour: Vec<u32>,
    pub by_minute: Vec<u32>,
    /// A leap second counts as the second before it.
    pub by_second: Vec<u32>,
    pub by_set_pos: Vec<i32>,
    pub skip: Skip,
}

/// How often; finer is smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// Where a rule ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Never,
    Count(u32),
    /// The last one is at this time or before it.
    Until(DateTime),
}

/// `MO`, `2TU`, `-1FR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByDay {
    /// Which one within the month or year; zero is every one.
    pub nth: i32,
    pub weekday: Weekday,
}

/// What becomes of a day the month does not have (RFC 7529 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Skip {
    #[default]
    Omit,
    Backward,
    Forward,
}

/// RFC 7529 §7: the calendars rules may be of, what `CALDAV:supported-rscale-set` lists.
pub const SUPPORTED_SCALES: [&str; 1] = ["GREGORIAN"];

/// Why a text is no rule that can be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("“{0}” is no part of a rule")]
    NoPart(String),
    #[error("{name} cannot be “{value}”")]
    Value { name: String, value: String },
    #[error("{0} stands twice")]
    Twice(String),
    #[error("there are too many parts")]
    TooManyParts,
    #[error("FREQ is missing")]
    NoFrequency,
    #[error("COUNT and UNTIL exclude each other")]
    TwoEnds,
    #[error("SKIP means something only beside RSCALE")]
    SkipWithoutScale,
    #[error("only Gregorian months are known here, not those of {0}")]
    Scale(String),
}

impl Rule {
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        parse::parse(text)
    }
}
