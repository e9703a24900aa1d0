//! The identity of an instance: its original start, whichever way a document writes it.
//!
//! **Invariant:** within one object whose time zones are known, all spellings of an instance have
//! the same key.

use chrono::{DateTime as Instant, NaiveDateTime, NaiveTime, TimeDelta};
use ical::recur::{self, InstanceChange, Recurrence};
use ical::rule::Rule;
use ical::series::{self, RecurrenceKey};
use ical::value::{DateTime, Duration};
use ical::zone::{Zone, Zones};
use ical::{Component, Document, Property};

/// The identity of an instance: its original start (RFC 5545 §3.8.4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum InstanceKey {
    /// A date (as its midnight), a floating time, or a time in an unknown time zone.
    Local(NaiveDateTime),
    /// A point in time, in seconds since the epoch.
    Instant(i64),
}

impl InstanceKey {
    /// Returns the key as a DATE-TIME (RFC 5545 §3.3.5), in UTC for a point in time; `None` for a
    /// point in time beyond the calendar.
    pub(crate) fn to_text(self) -> Option<String> {
        match self {
            Self::Local(local) => Some(local.format(LOCAL).to_string()),
            Self::Instant(seconds) => Some(format!("{}Z", Instant::from_timestamp(seconds, 0)?.format(LOCAL))),
        }
    }

    /// Reads a key that [`Self::to_text`] wrote; `None` if the text is no such key.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let local = |text| NaiveDateTime::parse_from_str(text, LOCAL).ok();
        match text.strip_suffix('Z') {
            Some(utc) => local(utc).map(|utc| Self::Instant(utc.and_utc().timestamp())),
            None => local(text).map(Self::Local),
        }
    }
}

const LOCAL: &str = "%Y%m%dT%H%M%S";

impl From<RecurrenceKey> for InstanceKey {
    fn from(key: RecurrenceKey) -> Self {
        match key {
            RecurrenceKey::Date(date) => Self::Local(date.and_time(NaiveTime::MIN)),
            RecurrenceKey::Floating(local) => Self::Local(local),
            RecurrenceKey::At(instant) => Self::Instant(instant),
        }
    }
}

/// Converts times of one document with its time zones: those that it defines, and known ones that
/// it only names.
#[derive(Debug, Clone)]
pub(crate) struct Times {
    zones: Zones,
}

impl Times {
    pub(crate) fn of(document: &Document) -> Self {
        Self { zones: Zones::of(document) }
    }

    /// Returns a copy in which the time zones with these TZIDs are defined as in `other`.
    pub(crate) fn redefined<'t>(&self, tzids: impl IntoIterator<Item = &'t str>, other: &Self) -> Self {
        Self { zones: self.zones.clone().redefined(tzids, &other.zones) }
    }

    /// Returns the zone of a time; `None` for a date, a floating time or an unknown TZID.
    pub(crate) fn zone(&self, time: &DateTime) -> Option<Zone> {
        match time {
            DateTime::Date(_) | DateTime::Floating(_) => None,
            DateTime::Utc(_) => Some(Zone::Utc),
            DateTime::Zoned(_, tzid) => self.zones.find(tzid),
        }
    }

    /// Returns true if this document and the other one mean the same time zone by the TZID, or if
    /// neither of them knows it.
    pub(crate) fn agree_on(&self, tzid: &str, other: &Self) -> bool {
        self.zones.find(tzid) == other.zones.find(tzid)
    }

    /// Returns the key of an instance whose original start is `time`.
    pub(crate) fn key(&self, time: &DateTime) -> InstanceKey {
        match time {
            DateTime::Date(_) | DateTime::Floating(_) => InstanceKey::Local(time.local()),
            DateTime::Utc(local) => InstanceKey::Instant(local.and_utc().timestamp()),
            DateTime::Zoned(local, tzid) => match self.zones.get(tzid) {
                Zone::Floating => InstanceKey::Local(*local),
                zone @ (Zone::Utc | Zone::Iana(_) | Zone::Custom(_)) => InstanceKey::Instant(zone.to_instant(*local)),
            },
        }
    }

    /// Returns the key of the instance that `time`, a RECURRENCE-ID or EXDATE, names in a series
    /// that starts at `start`. Without `start` this is [`key`](Self::key).
    ///
    /// Tolerates clients that write a date or a floating time in a series with zoned times, a time
    /// in a series with dates, or an unknown time zone.
    pub(crate) fn instance_key(&self, time: &DateTime, start: Option<&DateTime>) -> InstanceKey {
        let Some(start) = start else { return self.key(time) };
        match (start, time) {
            (DateTime::Date(_), _) => InstanceKey::Local(time.date().and_time(NaiveTime::MIN)),
            (DateTime::Floating(_) | DateTime::Utc(_) | DateTime::Zoned(..), DateTime::Date(date)) => {
                self.key(&start.at(date.and_time(start.local().time())))
            }
            (DateTime::Floating(_), _) => InstanceKey::Local(time.local()),
            (DateTime::Utc(_) | DateTime::Zoned(..), DateTime::Floating(local)) => self.key(&start.at(*local)),
            (DateTime::Utc(_) | DateTime::Zoned(..), DateTime::Utc(_) | DateTime::Zoned(..)) => match self.key(time) {
                InstanceKey::Local(local) => self.key(&start.at(local)),
                key @ InstanceKey::Instant(_) => key,
            },
        }
    }

    /// Returns the original start of an instance in the form of the series' start: a date, or a
    /// floating, UTC or zoned time.
    pub(crate) fn spelled(&self, key: InstanceKey, start: &DateTime) -> DateTime {
        match (key, start) {
            (InstanceKey::Instant(instant), DateTime::Zoned(_, tzid)) => {
                start.at(self.zones.get(tzid).to_local(instant))
            }
            (InstanceKey::Instant(instant), _) => start.at(Zone::Utc.to_local(instant)),
            (InstanceKey::Local(local), _) => start.at(local),
        }
    }

    /// Returns `end` moved along with its start, from `from` to `to`, so that the exact duration
    /// stays the same (RFC 5545 §3.8.5.3). The result has the form of `end`; it is in UTC if that
    /// form would be ambiguous, in the hour that a change of the clock repeats. `None` if the
    /// calendar has no such time.
    pub(crate) fn moved(&self, end: &DateTime, from: &DateTime, to: &DateTime) -> Option<DateTime> {
        if let (InstanceKey::Instant(end_at), InstanceKey::Instant(from), InstanceKey::Instant(to)) =
            (self.key(end), self.key(from), self.key(to))
        {
            let ends = to.checked_add(end_at.checked_sub(from)?)?;
            let spelled = self.spelled(InstanceKey::Instant(ends), end);
            let is_clear = self.key(&spelled) == InstanceKey::Instant(ends);
            return Some(if is_clear { spelled } else { DateTime::Utc(Zone::Utc.to_local(ends)) });
        }
        let moved = to.local().signed_duration_since(from.local());
        Some(end.at(end.local().checked_add_signed(moved)?))
    }

    /// Compares two sets of rules with the same DTSTART by the instances they generate.
    pub(crate) fn compare_rules(&self, start: &DateTime, before: &[Rule], after: &[Rule]) -> InstanceChange {
        recur::compare_rules(start, &self.zones, before, after)
    }

    /// Returns whether `rules` generate the same instances from both starts in the first `days`
    /// days. Each start is read with the time zones of its own document. `None` if the comparison
    /// takes too many instances or too much work.
    pub(crate) fn recur_alike(
        &self,
        rules: &[Rule],
        start: &DateTime,
        (other, other_start): (&Self, &DateTime),
        days: i64,
    ) -> Option<bool> {
        recur::same_on_both_clocks(rules, [(start, &self.zones), (other_start, &other.zones)], days)
    }

    /// Reads the recurrence set of a master; `None` if it has no start.
    pub(crate) fn recurrence(&self, master: Component<'_>) -> Option<Recurrence> {
        Recurrence::of(master, &self.zones)
    }

    /// Returns whether the recurrence set of a master with this `start` contains the instance.
    pub(crate) fn recurs(&self, recurrence: &Recurrence, start: &DateTime, key: InstanceKey) -> bool {
        let value = match key {
            InstanceKey::Instant(instant) => DateTime::Utc(Zone::Utc.to_local(instant)),
            InstanceKey::Local(local) => start.at(local),
        };
        recurrence.has(series::key(&value, start, &self.zones))
    }

    /// Returns the end of a component that starts at `start`; `None` if the calendar has no such
    /// time.
    pub(crate) fn end(&self, start: &DateTime, end: End<'_>) -> Option<InstanceKey> {
        match end {
            End::At(end) => Some(self.key(end)),
            // RFC 5545 §3.3.6: the days of a duration are calendar days, which may have 23 or 25
            // hours; its hours, minutes and seconds are exact.
            End::After(duration) => {
                let nominal = start.local().checked_add_signed(TimeDelta::try_days(duration.days)?)?;
                match self.key(&start.at(nominal)) {
                    InstanceKey::Local(local) => {
                        local.checked_add_signed(TimeDelta::try_seconds(duration.seconds)?).map(InstanceKey::Local)
                    }
                    InstanceKey::Instant(instant) => instant.checked_add(duration.seconds).map(InstanceKey::Instant),
                }
            }
        }
    }
}

/// The end of a component: a time, or a duration after the start.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End<'t> {
    At(&'t DateTime),
    After(Duration),
}

/// Returns the starts in a property with dates, times or periods; empty if one of its values is
/// unreadable.
pub(crate) fn starts(property: Property<'_>) -> Vec<DateTime> {
    if property.param("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("PERIOD")) {
        let periods = property.periods().unwrap_or_default();
        return periods.into_iter().map(|period| period.start).collect();
    }
    property.date_times().unwrap_or_default()
}

/// Formats seconds since the epoch as a UTC date-time (RFC 5545 §3.3.5).
pub(crate) fn utc(seconds: i64) -> String {
    let instant = Instant::from_timestamp(seconds, 0).unwrap_or_default();
    instant.format("%Y%m%dT%H%M%SZ").to_string()
}
