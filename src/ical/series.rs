//! A series: the components of one UID, which are the master and its overrides (RFC 5545 §3.8.4.4,
//! RFC 4791 §4.1).
//!
//! **Invariant:** overrides are sorted by key and have different keys. If two overrides are of the
//! same instance, the later one in the document counts.

use crate::recur::{Clock, Form, Mark};
use crate::time::{Instant, civil, local};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use crate::{Component, Document, Property};
use chrono::{NaiveDate, NaiveDateTime};
use std::collections::BTreeMap;

/// The canonical RECURRENCE-ID of an instance: its original start (RFC 5545 §3.8.4.4). In a series
/// with a readable start, all keys have the same form and are ordered by time, and two spellings of
/// one instance, such as UTC and local time in a zone, have equal keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecurrenceKey {
    /// The recurrence key in a series of dates: a date.
    Date(NaiveDate),
    /// The recurrence key in a floating series: a local time.
    Floating(NaiveDateTime),
    /// The recurrence key in a series in UTC or with a zone: an instant.
    At(Instant),
}

impl RecurrenceKey {
    /// Returns the recurrence key of a RECURRENCE-ID, in the form of the RECURRENCE-ID itself. It
    /// is meant for a series whose DTSTART is unknown; otherwise [`Series::key`] is right.
    pub fn of(value: &DateTime, zones: &Zones) -> Self {
        let clock = Clock::of(value, zones, &Zone::Utc);
        clock.key(clock.mark(value.local()))
    }

    pub(crate) fn mark(self) -> Mark {
        match self {
            Self::Date(date) => civil(date.into()),
            Self::Floating(time) => civil(time),
            Self::At(instant) => instant,
        }
    }

    /// Returns the recurrence key as a property value: a date, a floating time, or a time in UTC.
    pub fn date_time(self) -> DateTime {
        match self {
            Self::Date(date) => DateTime::Date(date),
            Self::Floating(time) => DateTime::Floating(time),
            Self::At(instant) => DateTime::Utc(local(instant)),
        }
    }
}

impl Clock {
    pub(crate) fn key(&self, mark: Mark) -> RecurrenceKey {
        match self.form {
            Form::Date => RecurrenceKey::Date(local(mark).date()),
            Form::Floating => RecurrenceKey::Floating(local(mark)),
            Form::Fixed => RecurrenceKey::At(mark),
        }
    }
}

/// A series: the components of one UID. A component that does not recur is the master of a series.
#[derive(Debug, Clone)]
pub struct Series<'a> {
    /// The UID of the series, as written.
    pub uid: &'a str,
    /// The first component without RECURRENCE-ID; `None` if the series has only overrides.
    pub master: Option<Component<'a>>,
    /// The overrides of the series, sorted by recurrence key, without those whose RECURRENCE-ID is
    /// invalid.
    pub overrides: Vec<Override<'a>>,
    /// The overrides that do not count, because a later one in the document has the same recurrence
    /// key.
    pub superseded: Vec<Override<'a>>,
}

/// An override: a component with a RECURRENCE-ID.
#[derive(Debug, Clone, Copy)]
pub struct Override<'a> {
    /// The canonical RECURRENCE-ID of the override.
    pub key: RecurrenceKey,
    /// The component that overrides the instance.
    pub component: Component<'a>,
    /// True if the override has RANGE=THISANDFUTURE (RFC 5545 §3.2.13).
    pub this_and_future: bool,
}

impl<'a> Series<'a> {
    /// Returns the series of a document, in the order of their first components. `zones` are the
    /// zones of the document.
    pub fn of(document: &'a Document, zones: &Zones) -> Vec<Self> {
        Self::among(document.root().components().filter(|component| !component.is("VTIMEZONE")), zones)
    }

    /// Groups the components into series by their UIDs.
    pub(crate) fn among(components: impl Iterator<Item = Component<'a>>, zones: &Zones) -> Vec<Self> {
        let mut uids: Vec<&str> = Vec::new();
        let mut members: BTreeMap<&str, Vec<Component<'a>>> = BTreeMap::new();
        for component in components {
            let uid = component.uid().unwrap_or_default();
            if !members.contains_key(uid) {
                uids.push(uid);
            }
            members.entry(uid).or_default().push(component);
        }
        uids.into_iter().map(|uid| Self::of_members(uid, members.remove(uid).unwrap_or_default(), zones)).collect()
    }

    fn of_members(uid: &'a str, members: Vec<Component<'a>>, zones: &Zones) -> Self {
        let (overrides, masters): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|member| member.property("RECURRENCE-ID").is_some());
        let mut series = Self { uid, master: masters.first().copied(), overrides: Vec::new(), superseded: Vec::new() };
        let start = series.start();
        let mut by_key = BTreeMap::new();
        for component in overrides {
            let Some(id) = component.recurrence_id() else { continue };
            let key = start.as_ref().map_or_else(|| RecurrenceKey::of(&id, zones), |start| key(&id, start, zones));
            let this_and_future = component.is_this_and_future();
            series.superseded.extend(by_key.insert(key, Override { key, component, this_and_future }));
        }
        series.overrides = by_key.into_values().collect();
        series
    }

    fn start(&self) -> Option<DateTime> {
        self.master.and_then(start_property).and_then(|start| start.date_time().ok())
    }

    /// Returns the recurrence key of the instance that a value names. The value may have another
    /// form than DTSTART.
    pub fn key(&self, value: &DateTime, zones: &Zones) -> RecurrenceKey {
        self.start().map_or_else(|| RecurrenceKey::of(value, zones), |start| key(value, &start, zones))
    }

    /// Returns the override of an instance; `None` if it has none.
    pub fn overridden(&self, key: RecurrenceKey) -> Option<Component<'a>> {
        let at = self.overrides.binary_search_by_key(&key, |one| one.key).ok()?;
        Some(self.overrides[at].component)
    }
}

/// Returns the recurrence key of the instance that a value names, in a series that starts at
/// `start`.
pub fn key(value: &DateTime, start: &DateTime, zones: &Zones) -> RecurrenceKey {
    let clock = Clock::of(start, zones, &Zone::Utc);
    let mark = match value {
        // A date, in a series with times, means the instance of that day.
        DateTime::Date(date) if !start.is_date() => clock.mark(date.and_time(start.local().time())),
        DateTime::Date(_) | DateTime::Floating(_) | DateTime::Utc(_) | DateTime::Zoned(..) => {
            clock.mark_of(value, zones)
        }
    };
    clock.key(mark)
}

/// Returns the property that states the start: DTSTART (RFC 5545 §3.8.2.4), or DUE of a task
/// without DTSTART. Returns `None` if the component has neither.
pub(crate) fn start_property(component: Component<'_>) -> Option<Property<'_>> {
    let due = || component.property("DUE").filter(|_| component.is("VTODO"));
    component.property("DTSTART").or_else(due)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(components: &[&str]) -> Document {
        let components: Vec<_> = components
            .iter()
            .map(|lines| format!("BEGIN:VEVENT\n{}\nEND:VEVENT\n", lines.replace(' ', "\n")))
            .collect();
        let text = specimens::calendar(&components.concat());
        Document::parse(text).expect("the text is well-formed")
    }

    fn value(text: &str) -> DateTime {
        let (tzid, value) = text.split_once(':').map_or((None, text), |(tzid, value)| (Some(tzid), value));
        DateTime::parse(value, tzid).expect("it is a time")
    }

    #[test]
    fn an_instance_has_one_key_however_it_is_written() {
        let berlin = "UID:1 DTSTART;TZID=Europe/Berlin:20260105T120000";
        let rows = [
            ("in UTC", berlin, "20260106T110000Z", "20260106T110000Z"),
            ("in its zone", berlin, "Europe/Berlin:20260106T120000", "20260106T110000Z"),
            ("in another", berlin, "America/New_York:20260106T060000", "20260106T110000Z"),
            ("in a zone of another case", berlin, "europe/berlin:20260106T120000", "20260106T110000Z"),
            ("in an unknown zone", berlin, "Mars/Olympus:20260106T120000", "20260106T110000Z"),
            ("without a zone", berlin, "20260106T120000", "20260106T110000Z"),
            ("by the day", berlin, "20260106", "20260106T110000Z"),
            ("a day", "UID:1 DTSTART;VALUE=DATE:20260105", "20260106", "20260106"),
            ("a time of a day", "UID:1 DTSTART;VALUE=DATE:20260105", "20260106T000000Z", "20260106"),
            ("floating", "UID:1 DTSTART:20260105T120000", "20260106T120000", "20260106T120000"),
            (
                "a zone, where the series floats",
                "UID:1 DTSTART:20260105T120000",
                "Europe/Berlin:20260106T120000",
                "20260106T120000",
            ),
            ("a task from its due", "UID:1 DUE:20260105T120000Z", "20260106", "20260106"),
        ];
        for (title, master, id, expected) in rows {
            let document = document(&[master]);
            let zones = Zones::of(&document);
            let series = Series::of(&document, &zones).remove(0);
            assert_eq!(series.key(&value(id), &zones).date_time(), value(expected), "{title}");
        }
    }

    #[test]
    fn components_of_one_uid_are_a_series_sorted_by_instance() {
        let document = document(&[
            "UID:1 RECURRENCE-ID:20260107T120000Z DTSTART:20260107T130000Z",
            "UID:2 DTSTART:20260105T120000Z",
            "UID:1 DTSTART:20260105T120000Z",
            "UID:1 RECURRENCE-ID;RANGE=THISANDFUTURE:20260106T120000Z DTSTART:20260106T130000Z",
        ]);
        let zones = Zones::of(&document);
        let all = Series::of(&document, &zones);
        let uids: Vec<_> =
            all.iter().map(|series| (series.uid, series.master.is_some(), series.overrides.len())).collect();
        assert_eq!(uids, [("1", true, 2), ("2", true, 0)]);
        let ranges: Vec<_> = all[0].overrides.iter().map(|one| one.this_and_future).collect();
        assert_eq!(ranges, [true, false]);
        let seventh = RecurrenceKey::of(&value("20260107T120000Z"), &zones);
        assert_eq!(all[0].overridden(seventh).map(Component::line), Some(4));
        assert!(all[0].overridden(RecurrenceKey::of(&value("20260108T120000Z"), &zones)).is_none());
    }
}
