//! When instances are: the identity of an instance whatever it is spelled in.
//!
//! **Invariant:** two spellings of one instance of one object have one key.

use chrono::{DateTime as Instant, NaiveDateTime, NaiveTime, TimeDelta};
use ical::recur;
use ical::series::Series;
use ical::value::{DateTime, Duration};
use ical::zone::{Zone, Zones};
use ical::{Component, Document, Property};

/// Which instance of a series: its original start (RFC 5545 §3.8.4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// A day or a floating time.
    Local(NaiveDateTime),
    /// Seconds since the epoch.
    Instant(i64),
}

/// The times of one document, in the zones it names.
#[derive(Debug)]
pub(crate) struct Times {
    zones: Zones,
}

impl Times {
    pub(crate) fn of(document: &Document) -> Self {
        Self { zones: Zones::of(document) }
    }

    /// The key of a point in time.
    pub(crate) fn key(&self, time: &DateTime) -> Key {
        match time {
            DateTime::Date(_) | DateTime::Floating(_) => Key::Local(time.local()),
            DateTime::Utc(local) => Key::Instant(local.and_utc().timestamp()),
            DateTime::Zoned(local, tzid) => match self.zones.get(tzid) {
                Zone::Floating => Key::Local(*local),
                zone @ (Zone::Utc | Zone::Iana(_) | Zone::Custom(_)) => Key::Instant(zone.to_instant(*local)),
            },
        }
    }

    /// The key of a value that names an instance of a series which starts so. Clients name days where the series has times, and
    /// times where it has days.
    pub(crate) fn instance_key(&self, time: &DateTime, start: Option<&DateTime>) -> Key {
        let Some(start) = start else { return self.key(time) };
        match (start, time) {
            (DateTime::Date(_), _) => Key::Local(time.date().and_time(NaiveTime::MIN)),
            (DateTime::Floating(_) | DateTime::Utc(_) | DateTime::Zoned(..), DateTime::Date(date)) => {
                self.key(&start.at(date.and_time(start.local().time())))
            }
            (DateTime::Floating(_), _) => Key::Local(time.local()),
            (DateTime::Utc(_) | DateTime::Zoned(..), DateTime::Floating(local)) => self.key(&start.at(*local)),
            (DateTime::Utc(_) | DateTime::Zoned(..), DateTime::Utc(_) | DateTime::Zoned(..)) => self.key(time),
        }
    }

    /// The start of that instance, spelled as the start of the series is.
    pub(crate) fn spelled(&self, key: Key, start: &DateTime) -> DateTime {
        match (key, start) {
            (Key::Instant(instant), DateTime::Zoned(_, tzid)) => start.at(self.zones.get(tzid).to_local(instant)),
            (Key::Instant(instant), _) => start.at(Zone::Utc.to_local(instant)),
            (Key::Local(local), _) => start.at(local),
        }
    }

    /// Does the recurrence set of a master that starts so hold that instance?
    pub(crate) fn recurs(&self, master: Component<'_>, start: &DateTime, key: Key) -> bool {
        let value = match key {
            Key::Instant(instant) => DateTime::Utc(Zone::Utc.to_local(instant)),
            Key::Local(local) => start.at(local),
        };
        let series = Series { uid: "", master: Some(master), overrides: Vec::new(), superseded: Vec::new() };
        recur::exists(&series, &self.zones, series.key(&value, &self.zones))
    }

    /// When a component that starts so ends.
    pub(crate) fn end(&self, start: &DateTime, end: End<'_>) -> Option<Key> {
        match end {
            End::At(end) => Some(self.key(end)),
            // RFC 5545 §3.3.6: days are days of the calendar, seconds are seconds
            End::After(duration) => {
                let nominal = start.local().checked_add_signed(TimeDelta::try_days(duration.days)?)?;
                match self.key(&start.at(nominal)) {
                    Key::Local(local) => {
                        local.checked_add_signed(TimeDelta::try_seconds(duration.seconds)?).map(Key::Local)
                    }
                    Key::Instant(instant) => instant.checked_add(duration.seconds).map(Key::Instant),
                }
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
