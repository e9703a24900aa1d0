//! DATE and DATE-TIME (RFC 5545 §3.3.4, §3.3.5).
//!
//! **Invariant:** date and time exist in the calendar. The four forms are never converted into each
//! other.

use super::digits_at;
use super::error::ValueError;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use std::fmt;

/// A date or time in the form in which a property states it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DateTime {
    /// A date, which is a value of type DATE.
    Date(NaiveDate),
    /// A local time without a zone: it is meant in the time zone of the person who reads it.
    Floating(NaiveDateTime),
    /// A time in UTC.
    Utc(NaiveDateTime),
    /// A local time in the zone with this TZID.
    Zoned(NaiveDateTime, String),
}

impl DateTime {
    /// Parses a DATE or a DATE-TIME, according to the form of the text. A local time gets the
    /// `tzid`; a date and a time in UTC ignore it (RFC 5545 §3.2.19).
    ///
    /// Returns an error if the text is neither of them.
    pub fn parse(value: &str, tzid: Option<&str>) -> Result<Self, ValueError> {
        let (local, utc) = value.strip_suffix(['Z', 'z']).map_or((value, false), |local| (local, true));
        let date = date(local).ok_or_else(|| no_such(value, "is not a valid date"))?;
        if local.len() == DATE_LEN && !utc {
            return Ok(Self::Date(date));
        }
        let local = date.and_time(time(local).ok_or_else(|| no_such(value, "is not a valid time"))?);
        Ok(match tzid {
            _ if utc => Self::Utc(local),
            Some(tzid) => Self::Zoned(local, tzid.to_owned()),
            None => Self::Floating(local),
        })
    }

    /// True if the value is a DATE.
    pub fn is_date(&self) -> bool {
        matches!(self, Self::Date(_))
    }

    /// Returns date and time as written, without regard to the zone. A DATE gives midnight.
    pub fn local(&self) -> NaiveDateTime {
        match self {
            Self::Date(date) => date.and_time(NaiveTime::MIN),
            Self::Floating(local) | Self::Utc(local) | Self::Zoned(local, _) => *local,
        }
    }

    /// Returns the date as written.
    pub fn date(&self) -> NaiveDate {
        self.local().date()
    }

    /// Returns the TZID of a local time with a zone; `None` for the other forms.
    pub fn tzid(&self) -> Option<&str> {
        match self {
            Self::Zoned(_, tzid) => Some(tzid),
            Self::Date(_) | Self::Floating(_) | Self::Utc(_) => None,
        }
    }

    /// Returns a value with the same form and TZID, at another local time.
    #[must_use]
    pub fn at(&self, local: NaiveDateTime) -> Self {
        match self {
            Self::Date(_) => Self::Date(local.date()),
            Self::Floating(_) => Self::Floating(local),
            Self::Utc(_) => Self::Utc(local),
            Self::Zoned(_, tzid) => Self::Zoned(local, tzid.clone()),
        }
    }
}

/// Writes the value of the property, without its parameters VALUE and TZID.
impl fmt::Display for DateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => write!(formatter, "{}", date.format("%Y%m%d")),
            Self::Floating(local) | Self::Zoned(local, _) => write!(formatter, "{}", local.format("%Y%m%dT%H%M%S")),
            Self::Utc(local) => write!(formatter, "{}", local.format("%Y%m%dT%H%M%SZ")),
        }
    }
}

const DATE_LEN: usize = "YYYYMMDD".len();
const TIME_LEN: usize = "YYYYMMDDTHHMMSS".len();

fn no_such(value: &str, why: &'static str) -> ValueError {
    ValueError::new(value, why)
}

fn date(value: &str) -> Option<NaiveDate> {
    let year = digits_at(value, 0..4)?.try_into().ok()?;
    NaiveDate::from_ymd_opt(year, digits_at(value, 4..6)?, digits_at(value, 6..8)?)
}

fn time(value: &str) -> Option<NaiveTime> {
    if value.len() != TIME_LEN || !matches!(value.as_bytes()[DATE_LEN], b'T' | b't') {
        return None;
    }
    let second = digits_at(value, 13..15)?;
    // A leap second is read as the second before it (RFC 5545 §3.3.12).
    let second = if second == 60 { 59 } else { second };
    NaiveTime::from_hms_opt(digits_at(value, 9..11)?, digits_at(value, 11..13)?, second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_four_forms_are_read_and_written() {
        let rows = [
            ("date", "20260105", None, "20260105", "Date"),
            ("floating", "20260105T120000", None, "20260105T120000", "Floating"),
            ("UTC", "20260105T120000Z", None, "20260105T120000Z", "Utc"),
            ("zoned", "20260105T120000", Some("Europe/Berlin"), "20260105T120000", "Zoned"),
            ("a date has no zone", "20260105", Some("Europe/Berlin"), "20260105", "Date"),
            ("UTC has no other zone", "20260105T120000Z", Some("Europe/Berlin"), "20260105T120000Z", "Utc"),
            ("lower case", "20260105t120000z", None, "20260105T120000Z", "Utc"),
            ("leap day", "20280229", None, "20280229", "Date"),
            ("leap second", "20161231T235960Z", None, "20161231T235959Z", "Utc"),
        ];
        for (title, value, tzid, written, form) in rows {
            let read = DateTime::parse(value, tzid).unwrap_or_else(|error| panic!("{title}: {error}"));
            assert_eq!(read.to_string(), written, "{title}");
            assert!(format!("{read:?}").starts_with(form), "{title}");
            assert_eq!((read.is_date(), read.tzid().is_some()), (form == "Date", form == "Zoned"), "{title}");
            assert_eq!(read.at(read.local()), read, "{title}");
            assert_eq!(read.date(), read.local().date(), "{title}");
        }
    }

    #[test]
    fn malformed_times_are_refused() {
        let values = [
            "",
            "Z",
            "20260231",
            "20261301",
            "2026015",
            "202601055",
            "20260105Z",
            "2026-01-05",
            "20260105T",
            "20260105T1200",
            "20260105T120000+0100",
            "20260105T240000",
            "20260105T126000",
            "20260105T120061",
            "20260105 120000",
            "+0260105",
            "2026010äT12000",
        ];
        for value in values {
            assert!(DateTime::parse(value, None).is_err(), "{value}");
        }
        let error = DateTime::parse("20260231", None).expect_err("February has no 31st day");
        assert_eq!(error.to_string(), "`20260231` is not a valid date");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in "\\PC{0,20}|[0-9TZ]{0,20}") {
            if let Ok(read) = DateTime::parse(&text, None) {
                prop_assert_eq!(DateTime::parse(&read.to_string(), None), Ok(read));
            }
        }
    }
}
