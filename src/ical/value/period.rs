//! PERIOD (RFC 5545 §3.3.9).
//!
//! **Invariant:** a period starts at a time, not at a date, and its end is not before its start, if
//! both have the same form.

use super::date_time::DateTime;
use super::duration::Duration;
use super::error::ValueError;
use std::fmt;

/// A period of time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Period {
    /// The start of the period.
    pub start: DateTime,
    /// The end of the period, as a time or as a duration.
    pub end: PeriodEnd,
}

/// The end of a period, in one of the two forms in which a period can state it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PeriodEnd {
    /// The end is stated as a time.
    At(DateTime),
    /// The end is stated as a duration from the start.
    After(Duration),
}

impl Period {
    /// Parses a PERIOD. Its local times are in the zone with the given TZID.
    ///
    /// Returns an error if the text is malformed, or if the period ends before it starts.
    pub fn parse(value: &str, tzid: Option<&str>) -> Result<Self, ValueError> {
        let error = |why| ValueError::new(value, why);
        let (start, end) =
            value.split_once('/').ok_or_else(|| error("is not a PERIOD such as 20260105T120000Z/PT1H"))?;
        let start = DateTime::parse(start, tzid)?;
        let end = if end.starts_with(['P', 'p', '+', '-']) {
            PeriodEnd::After(Duration::parse(end)?)
        } else {
            PeriodEnd::At(DateTime::parse(end, tzid)?)
        };
        let backwards = match &end {
            PeriodEnd::At(end) => end.is_date() || end.local() < start.local(),
            PeriodEnd::After(duration) => duration.is_negative(),
        };
        if start.is_date() || backwards {
            return Err(error("is not a PERIOD: it must start and end at a time, and not end before it starts"));
        }
        Ok(Self { start, end })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.end {
            PeriodEnd::At(end) => write!(formatter, "{}/{end}", self.start),
            PeriodEnd::After(duration) => write!(formatter, "{}/{duration}", self.start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_ends_at_a_time_or_after_a_duration() {
        let rows = [
            ("RFC 5545 §3.3.9, explicit", "19970101T180000Z/19970102T070000Z", true),
            ("RFC 5545 §3.3.9, start", "19970101T180000Z/PT5H30M", true),
            ("empty", "19970101T180000Z/PT0S", true),
            ("floating", "19970101T180000/19970101T190000", true),
            ("backwards", "19970101T180000Z/19970101T170000Z", false),
            ("a negative duration", "19970101T180000Z/-PT1H", false),
            ("a date", "19970101/P1D", false),
            ("until a date", "19970101T180000Z/19970102", false),
            ("no end", "19970101T180000Z", false),
            ("an empty end", "19970101T180000Z/", false),
        ];
        for (title, value, valid) in rows {
            let written = Period::parse(value, None).map(|period| period.to_string());
            assert_eq!(written.ok().as_deref(), valid.then_some(value), "{title}");
        }
        let zoned = Period::parse("19970101T180000/PT1H", Some("Europe/Berlin")).expect("a zoned period is read");
        assert_eq!(zoned.start.tzid(), Some("Europe/Berlin"));
    }
}
