//! UTC-OFFSET (RFC 5545 §3.3.14).
//!
//! **Invariant:** an offset is less than a day in either direction.

use super::digits_at;
use super::error::ValueError;
use std::fmt;

/// An offset from UTC in seconds, positive east of Greenwich.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UtcOffset(pub i32);

impl UtcOffset {
    /// Parses a UTC-OFFSET.
    ///
    /// Returns an error if the text is malformed.
    pub fn parse(value: &str) -> Result<Self, ValueError> {
        Self::read(value).ok_or_else(|| ValueError::new(value, "is not a UTC offset such as +0100"))
    }

    fn read(value: &str) -> Option<Self> {
        let sign = match value.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let (first, second) = (digits_at(value, 1..3)?, digits_at(value, 3..5)?);
        let (hours, minutes, seconds) = match value.len() {
            // Some servers drop the leading zeros of a local mean time: `+005730` becomes `+5730`,
            // which would be 57 hours.
            5 if first >= 24 => (0, first, second),
            5 => (first, second, 0),
            7 => (first, second, digits_at(value, 5..7)?),
            _ => return None,
        };
        let valid = hours < 24 && minutes < 60 && seconds < 60;
        let offset = i32::try_from(hours * 3600 + minutes * 60 + seconds).ok()?;
        valid.then_some(Self(sign * offset))
    }
}

impl fmt::Display for UtcOffset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, seconds) = (if self.0 < 0 { '-' } else { '+' }, self.0.unsigned_abs());
        write!(formatter, "{sign}{:02}{:02}", seconds / 3600, seconds / 60 % 60)?;
        if seconds % 60 > 0 { write!(formatter, "{:02}", seconds % 60) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_read_in_seconds() {
        let rows = [
            ("+0100", Some(3600)),
            ("-0500", Some(-18000)),
            ("+0530", Some(19800)),
            ("+013015", Some(5415)),
            ("-0000", Some(0)),
            ("+5730", Some(3450)),
            ("0100", None),
            ("+1", None),
            ("+01:00", None),
            ("+0160", None),
            ("+240000", None),
            ("+6060", None),
            ("", None),
            ("+ä0000", None),
        ];
        for (value, expected) in rows {
            assert_eq!(UtcOffset::parse(value).ok().map(|offset| offset.0), expected, "{value}");
        }
        for value in ["+0100", "-0500", "+013015", "+0000"] {
            assert_eq!(UtcOffset::parse(value).map(|offset| offset.to_string()).as_deref(), Ok(value));
        }
    }
}
