//! Recurrence rules as plain data (RFC 5545 §3.3.10).
//!
//! **Invariant:** every parsed [`Rule`] can be expanded: all lists are within their ranges, the
//! interval is not zero, and the rule has at most one of COUNT and UNTIL. Module `recur` expands a
//! rule from a DTSTART.

mod parse;
#[cfg(test)]
mod tests;

use crate::value::DateTime;
use chrono::Weekday;

/// A recurrence rule, RECUR (RFC 5545 §3.3.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// FREQ, the unit of the rule.
    pub frequency: Frequency,
    /// INTERVAL, the number of units from the start of one period to that of the next; at least 1.
    pub interval: u32,
    /// The end of the rule: COUNT, UNTIL or none.
    pub end: End,
    /// WKST, the first day of the week.
    pub week_start: Weekday,
    /// BYMONTH: the months in ascending order.
    pub by_month: Vec<u32>,
    /// BYWEEKNO: the numbers of weeks in ascending order.
    pub by_week_no: Vec<i32>,
    /// BYYEARDAY: the days of the year in ascending order.
    pub by_year_day: Vec<i32>,
    /// BYMONTHDAY: the days of the month in ascending order.
    pub by_month_day: Vec<i32>,
    /// BYDAY, in the order in which the rule states the weekdays.
    pub by_day: Vec<ByDay>,
    /// BYHOUR: the hours in ascending order.
    pub by_hour: Vec<u32>,
    /// BYMINUTE: the minutes in ascending order.
    pub by_minute: Vec<u32>,
    /// BYSECOND: the seconds in ascending order. The leap second 60 is stored as 59.
    pub by_second: Vec<u32>,
    /// BYSETPOS: the positions within a period in ascending order.
    pub by_set_pos: Vec<i32>,
    /// SKIP, the treatment of days that do not exist.
    pub skip: Skip,
}

/// A value of FREQ. Values are ordered from the shortest to the longest period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Frequency {
    /// FREQ=SECONDLY.
    Secondly,
    /// FREQ=MINUTELY.
    Minutely,
    /// FREQ=HOURLY.
    Hourly,
    /// FREQ=DAILY.
    Daily,
    /// FREQ=WEEKLY.
    Weekly,
    /// FREQ=MONTHLY.
    Monthly,
    /// FREQ=YEARLY.
    Yearly,
}

/// The end of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Neither COUNT nor UNTIL: the rule has no end.
    Never,
    /// COUNT: the number of instances, including DTSTART.
    Count(u32),
    /// UNTIL: no instance is later than this time.
    Until(DateTime),
}

/// An entry of BYDAY: `MO`, `2TU`, `-1FR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByDay {
    /// The ordinal within the month or year, negative if counted from the end; zero if the entry
    /// has none and means every such weekday.
    pub nth: i32,
    /// The weekday of the entry.
    pub weekday: Weekday,
}

/// A value of SKIP: the treatment of days that do not exist (RFC 7529 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Skip {
    /// Nonexistent days are omitted.
    #[default]
    Omit,
    /// Nonexistent days move to the previous existing day.
    Backward,
    /// Nonexistent days move to the next existing day.
    Forward,
}

/// The calendar scales that rules may have, as in `CALDAV:supported-rscale-set` (RFC 7529 §10.1).
pub const SUPPORTED_SCALES: [&str; 1] = ["GREGORIAN"];

/// An error: the reason why a text is not a rule that can be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The rule has a part without an equals sign.
    #[error("`{0}` is not of the form NAME=value")]
    NoPart(String),
    /// The rule has a part whose value is malformed or out of range.
    #[error("`{value}` is not allowed for {name}")]
    Value {
        /// The name of the part.
        name: String,
        /// The value of the part, shortened.
        value: String,
    },
    /// The rule has a part that occurs more than once.
    #[error("{0} occurs twice")]
    Twice(String),
    /// The rule has more parts than the limit.
    #[error("the recurrence rule has more than {} parts", parse::MAX_PARTS)]
    TooManyParts,
    /// The rule has no FREQ.
    #[error("FREQ is missing")]
    NoFrequency,
    /// The rule has both COUNT and UNTIL.
    #[error("COUNT and UNTIL exclude each other; keep one")]
    TwoEnds,
    /// The rule has SKIP, but no RSCALE.
    #[error("SKIP requires RSCALE (RFC 7529, section 4)")]
    SkipWithoutScale,
    /// The rule has a calendar scale that [`SUPPORTED_SCALES`] does not contain.
    #[error("RSCALE={0} is not supported, only GREGORIAN")]
    Scale(String),
}

impl Rule {
    /// Parses a recurrence rule.
    ///
    /// Returns an error if the rule is malformed, or has an unsupported calendar scale.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        parse::parse(text)
    }
}
