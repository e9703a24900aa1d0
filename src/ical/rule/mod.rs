//! Recurrence rules as plain data (RFC 5545 §3.3.10).
//!
//! **Invariant:** every [`Rule`] can be expanded: all lists are within their ranges, the interval
//! is not zero, and COUNT and UNTIL exclude each other. Module `recur` gives it its meaning for a
//! DTSTART.

mod parse;
#[cfg(test)]
mod tests;

use crate::value::DateTime;
use chrono::Weekday;

/// A recurrence rule, RECUR (RFC 5545 §3.3.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// FREQ.
    pub frequency: Frequency,
    /// INTERVAL; at least 1.
    pub interval: u32,
    /// COUNT or UNTIL.
    pub end: End,
    /// WKST.
    pub week_start: Weekday,
    /// BYMONTH, sorted.
    pub by_month: Vec<u32>,
    /// BYWEEKNO, sorted.
    pub by_week_no: Vec<i32>,
    /// BYYEARDAY, sorted.
    pub by_year_day: Vec<i32>,
    /// BYMONTHDAY, sorted.
    pub by_month_day: Vec<i32>,
    /// BYDAY, in the order of the text.
    pub by_day: Vec<ByDay>,
    /// BYHOUR, sorted.
    pub by_hour: Vec<u32>,
    /// BYMINUTE, sorted.
    pub by_minute: Vec<u32>,
    /// BYSECOND, sorted. A leap second becomes second 59.
    pub by_second: Vec<u32>,
    /// BYSETPOS, sorted.
    pub by_set_pos: Vec<i32>,
    /// SKIP.
    pub skip: Skip,
}

/// FREQ, ordered from the shortest to the longest period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    /// SECONDLY.
    Secondly,
    /// MINUTELY.
    Minutely,
    /// HOURLY.
    Hourly,
    /// DAILY.
    Daily,
    /// WEEKLY.
    Weekly,
    /// MONTHLY.
    Monthly,
    /// YEARLY.
    Yearly,
}

/// The end of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Neither COUNT nor UNTIL: the rule has no end.
    Never,
    /// COUNT: the number of instances, DTSTART included.
    Count(u32),
    /// UNTIL: the last instance is at this time or earlier.
    Until(DateTime),
}

/// An entry of BYDAY: `MO`, `2TU`, `-1FR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByDay {
    /// The ordinal within the month or year; zero means every one.
    pub nth: i32,
    /// The weekday.
    pub weekday: Weekday,
}

/// SKIP: what happens to nonexistent days (RFC 7529 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Skip {
    /// They are omitted.
    #[default]
    Omit,
    /// They move to the previous existing day.
    Backward,
    /// They move to the next existing day.
    Forward,
}

/// Calendar scales of supported rules, as in `CALDAV:supported-rscale-set` (RFC 7529 §7).
pub const SUPPORTED_SCALES: [&str; 1] = ["GREGORIAN"];

/// Why a text is not a rule that can be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A part without an equals sign.
    #[error("“{0}” is not of the form NAME=value")]
    NoPart(String),
    /// A part whose value is malformed or out of range.
    #[error("“{value}” is not allowed for {name}")]
    Value {
        /// The name of the part.
        name: String,
        /// Its value, shortened.
        value: String,
    },
    /// A part that occurs twice.
    #[error("{0} occurs twice")]
    Twice(String),
    /// More parts than the limit.
    #[error("the rule has too many parts")]
    TooManyParts,
    /// FREQ is missing.
    #[error("FREQ is missing")]
    NoFrequency,
    /// COUNT and UNTIL in one rule.
    #[error("COUNT and UNTIL exclude each other; keep one")]
    TwoEnds,
    /// SKIP without RSCALE.
    #[error("SKIP requires RSCALE (RFC 7529 §4)")]
    SkipWithoutScale,
    /// A calendar scale other than those of [`SUPPORTED_SCALES`].
    #[error("RSCALE={0} is not supported, only GREGORIAN")]
    Scale(String),
}

impl Rule {
    /// Reads a rule.
    ///
    /// Returns an error if it is malformed, or of another calendar scale.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        parse::parse(text)
    }
}
