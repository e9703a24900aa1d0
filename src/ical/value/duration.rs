//! DURATION (RFC 5545 §3.3.6).
//!
//! **Invariant:** weeks and days are nominal: their length in hours depends on the zone. Hours,
//! minutes and seconds are exact. In a parsed duration, the nominal and the exact part have the
//! same sign, and each is at most [`MAX_DURATION_DAYS`].

use super::digits;
use super::error::ValueError;
use std::fmt;

/// Maximum length of a duration, in days: ten thousand years.
pub const MAX_DURATION_DAYS: i64 = 3_652_500;

const SECONDS_A_DAY: i64 = 86_400;

/// A length of time, positive or negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Duration {
    /// Nominal days; a week counts as seven.
    pub days: i64,
    /// Exact seconds in addition to the days.
    pub seconds: i64,
}

impl Duration {
    /// Returns a duration of exact seconds.
    pub fn of_seconds(seconds: i64) -> Self {
        Self { days: 0, seconds }
    }

    /// Returns a duration of nominal days.
    pub fn of_days(days: i64) -> Self {
        Self { days, seconds: 0 }
    }

    /// Parses a DURATION.
    ///
    /// Returns an error if the text is malformed, or its nominal or exact part longer than
    /// [`MAX_DURATION_DAYS`].
    pub fn parse(value: &str) -> Result<Self, ValueError> {
        let error = || ValueError::new(value, "is not a DURATION");
        let (sign, unsigned) = match value.as_bytes().first() {
            Some(b'-') => (-1, &value[1..]),
            Some(b'+') => (1, &value[1..]),
            Some(_) | None => (1, value),
        };
        let parts = unsigned.strip_prefix(['P', 'p']).ok_or_else(error)?;
        let (date, time) = parts.split_once(['T', 't']).map_or((parts, None), |(date, time)| (date, Some(time)));
        // An empty time part is accepted, because some libraries write `P1DT` for one day.
        if date.is_empty() && time.is_none_or(str::is_empty) {
            return Err(error());
        }
        let days = sum(date, &[(b'W', 7), (b'D', 1)]).ok_or_else(error)?;
        let units = [(b'H', 3600), (b'M', 60), (b'S', 1)];
        let seconds = sum(time.unwrap_or_default(), &units).ok_or_else(error)?;
        if days > MAX_DURATION_DAYS || seconds > MAX_DURATION_DAYS * SECONDS_A_DAY {
            return Err(ValueError::new(value, "is longer than ten thousand years"));
        }
        Ok(Self { days: sign * days, seconds: sign * seconds })
    }

    /// True for a duration of length zero.
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// True for a negative duration.
    pub fn is_negative(self) -> bool {
        self.days < 0 || self.seconds < 0
    }

    /// Returns the length in seconds, with 24 hours for each day. For local times this is exact;
    /// for instants it is an estimate, because a day on which clocks change is shorter or longer.
    pub fn nominal_seconds(self) -> i64 {
        self.days * SECONDS_A_DAY + self.seconds
    }
}

/// Adds up numbers with units, as in `1H2M`; `units` has each unit and its factor. The units must
/// come in that order, each at most once. Returns `None` if the text is malformed.
fn sum(text: &str, units: &[(u8, i64)]) -> Option<i64> {
    let mut rest = text;
    let mut total = 0;
    let mut units = units.iter();
    while !rest.is_empty() {
        let len = rest.bytes().position(|byte| !byte.is_ascii_digit())?;
        let unit = rest.as_bytes()[len].to_ascii_uppercase();
        let (_, factor) = units.find(|(name, _)| *name == unit)?;
        total += digits(&rest[..len])? * factor;
        rest = &rest[len + 1..];
    }
    Some(total)
}

impl fmt::Display for Duration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negative() {
            formatter.write_str("-")?;
        }
        let (days, seconds) = (self.days.abs(), self.seconds.abs());
        if seconds == 0 && days > 0 {
            return if days % 7 == 0 { write!(formatter, "P{}W", days / 7) } else { write!(formatter, "P{days}D") };
        }
        formatter.write_str("P")?;
        if days > 0 {
            write!(formatter, "{days}D")?;
        }
        formatter.write_str("T")?;
        let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
        if hours > 0 {
            write!(formatter, "{hours}H")?;
        }
        if minutes > 0 {
            write!(formatter, "{minutes}M")?;
        }
        if seconds % 60 > 0 || seconds == 0 {
            write!(formatter, "{}S", seconds % 60)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_nominal_and_hours_exact() {
        let rows = [
            ("RFC 5545 §3.3.6", "P15DT5H0M20S", (15, 5 * 3600 + 20), "P15DT5H20S"),
            ("weeks", "P7W", (49, 0), "P7W"),
            ("days", "P1D", (1, 0), "P1D"),
            ("hours are not days", "PT24H", (0, 86400), "PT24H"),
            ("before", "-PT15M", (0, -900), "-PT15M"),
            ("plus", "+PT15M", (0, 900), "PT15M"),
            ("nothing", "PT0S", (0, 0), "PT0S"),
            ("less than nothing", "-P0D", (0, 0), "PT0S"),
            ("weeks and days", "P1W1D", (8, 0), "P8D"),
            ("a T and nothing behind", "P1DT", (1, 0), "P1D"),
            ("lower case", "pt1h", (0, 3600), "PT1H"),
        ];
        for (title, value, (days, seconds), written) in rows {
            assert_eq!(Duration::parse(value), Ok(Duration { days, seconds }), "{title}");
            assert_eq!(Duration { days, seconds }.to_string(), written, "{title}");
        }
        assert!(Duration::parse("P0W").is_ok_and(Duration::is_zero));
        assert_eq!(Duration { days: -1, seconds: -1 }.nominal_seconds(), -86401);
        assert_eq!((Duration::of_days(2).days, Duration::of_seconds(-3).seconds), (2, -3));
    }

    #[test]
    fn malformed_durations_are_refused() {
        let values = [
            "",
            "P",
            "PT",
            "-",
            "P1",
            "1D",
            "PT1D",
            "P1H",
            "PT1M1H",
            "PT1H1H",
            "P1.5D",
            "PD",
            "P-1D",
            "PT9999999999S",
            "P999999999D",
            "P1Dx",
            "Pä",
        ];
        for value in values {
            assert!(Duration::parse(value).is_err(), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(days in 0..=MAX_DURATION_DAYS, seconds in 0..999_999_999_i64, sign in prop_oneof![Just(1), Just(-1)]) {
            let duration = Duration { days: sign * days, seconds: sign * seconds };
            prop_assert_eq!(Duration::parse(&duration.to_string()), Ok(duration));
        }
    }
}
