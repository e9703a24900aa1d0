//! When instances are: the identity of an instance whatever it is spelled in.
//!
//! **Invariant:** two spellings of one instance of one object have one key.

use chrono::{DateTime as Instant, NaiveDateTime, TimeDelta};
use ical::value::{DateTime, Duration};
use ical::{Document, Property};

/// Which instance of a series: its original start (RFC 5545 §3.8.4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// A day or a floating time.
    Local(NaiveDateTime),
    /// Seconds since the epoch.
    Instant(i64),
}

/// The times of one document.
#[derive(Debug)]
pub(crate) struct Times;

impl Times {
    pub(crate) fn of(_document: &Document) -> Self {
        Self
    }

    /// The key of a point in time.
    pub(crate) fn key(&self, time: &DateTime) -> Key {
        match time {
            DateTime::Date(_) | DateTime::Floating(_) => Key::Local(time.local()),
            DateTime::Utc(local) | DateTime::Zoned(local, _) => Key::Instant(local.and_utc().timestamp()),
        }
    }

    /// The key of a value that names an instance of a series which starts so.
    pub(crate) fn instance_key(&self, time: &DateTime, start: Option<&DateTime>) -> Key {
        match (time, start) {
            // Evolution writes EXDATE as a day where the series has times.
            (DateTime::Date(date), Some(start)) if !start.is_date() => {
                self.key(&start.at(date.and_time(start.local().time())))
            }
            _ => self.key(time),
        }
    }

    /// The same point in time, spelled as the start of the series is.
    pub(crate) fn spelled_as(&self, time: &DateTime, start: &DateTime) -> DateTime {
        match (self.key(time), start) {
            (Key::Local(local), DateTime::Date(_) | DateTime::Floating(_)) => start.at(local),
            (Key::Instant(instant), DateTime::Utc(_)) => Instant::from_timestamp(instant, 0).map_or_else(|| time.clone(), |at| start.at(at.naive_utc())),
            _ => time.clone(),
        }
    }

    /// When a component that starts so ends.
    pub(crate) fn end(&self, start: &DateTime, end: End<'_>) -> Option<Key> {
        match end {
            End::At(end) => Some(self.key(end)),
            End::After(duration) => {
                let nominal = TimeDelta::days(duration.days);
                let exact = TimeDelta::seconds(duration.seconds);
                Some(self.key(&start.at(start.local().checked_add_signed(nominal)?.checked_add_signed(exact)?)))
            }
        }
    }
}

/// How a component says where it ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End<'t> {
    At(&'t DateTime),
    After(Duration),
}

/// The starts a list of dates, times and periods names; what cannot be read names nothing.
pub(crate) fn starts(property: Property<'_>) -> Vec<DateTime> {
    if property.param("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("PERIOD")) {
        let periods = property.periods().unwrap_or_default();
        return periods.into_iter().map(|period| period.start).collect();
    }
    property.date_times().unwrap_or_default()
}

/// Seconds since the epoch as a property in UTC writes them.
pub(crate) fn utc(seconds: i64) -> String {
    let instant = Instant::from_timestamp(seconds, 0).unwrap_or_default();
    instant.format("%Y%m%dT%H%M%SZ").to_string()
}

