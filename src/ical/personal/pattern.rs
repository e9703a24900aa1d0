//! Derivation of the instances that follow the rule of their series.

use super::entry::TRANSP;
use crate::recur::{RecurrenceSet, Timing};
use crate::series::{RecurrenceKey, Series, start_property};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use crate::{Component, Property, Writer};

/// The properties that describe the recurrence. They are left out if an instance is derived from
/// its series, and if contents are compared.
pub(super) const OF_SERIES: [&str; 5] = ["RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"];
/// The properties whose time is moved if an instance is derived from its series.
pub(super) const TIMES: [&str; 3] = ["DTSTART", "DTEND", "DUE"];

/// A series in which all instances without an override equal the master, except for their time.
pub(super) struct Pattern<'a, 'z> {
    series: &'z Series<'a>,
    pub(super) master: Component<'a>,
    times: Timing,
    set: RecurrenceSet,
    zones: &'z Zones,
}

impl<'a, 'z> Pattern<'a, 'z> {
    /// Creates the pattern of a series. Returns `None` if the series has no master that recurs, or
    /// no readable start. Also returns `None` if instances differ by more than their time: by an
    /// override with RANGE=THISANDFUTURE, or by an RDATE of PERIODs.
    pub(super) fn of(series: &'z Series<'a>, zones: &'z Zones) -> Option<Self> {
        let master = series.master.filter(|master| master.recurs())?;
        let is_period = |date: Property<'_>| date.param("VALUE").is_some_and(|it| it.eq_ignore_ascii_case("PERIOD"));
        let differs = series.overrides.iter().chain(&series.superseded).any(|one| one.this_and_future)
            || master.properties_named("RDATE").any(is_period);
        let times = Timing::of(master, zones, &Zone::Utc).filter(|_| !differs)?;
        let set = RecurrenceSet::of(master, &times, zones, &Zone::Utc);
        Some(Self { series, master, times, set, zones })
    }

    /// True if the override with this recurrence key is of an instance of the series, and has the
    /// [`TIMES`] that the series gives this instance.
    pub(super) fn is_at_its_time(&self, key: RecurrenceKey, component: Component<'_>) -> bool {
        let is_moved = |name: &&str| {
            let expected = self.master.date_time(name).map(|time| self.moved(&time, key));
            let found = component.date_time(name);
            match (expected, found) {
                (None, None) => false,
                (Some(Some(expected)), Some(found)) => {
                    RecurrenceKey::of(&expected, self.zones) != RecurrenceKey::of(&found, self.zones)
                }
                (Some(_), _) | (None, Some(_)) => true,
            }
        };
        self.has(key) && !TIMES.iter().any(is_moved)
    }

    /// Returns the recurrence key of an instance, which is given by its original start (a DATE or
    /// DATE-TIME). Returns `None` if the series has no such instance, or has an override for it.
    pub(super) fn instance(&self, instance: &str) -> Option<RecurrenceKey> {
        let key = self.series.key(&DateTime::parse(instance, None).ok()?, self.zones);
        (self.has(key) && self.series.overridden(key).is_none()).then_some(key)
    }

    /// True if the recurrence set of the series contains this instance. Overrides do not count.
    fn has(&self, key: RecurrenceKey) -> bool {
        self.times.clock.key(key.mark()) == key && self.set.has(key.mark())
    }

    /// Writes the properties of an instance, with RECURRENCE-ID after DTSTART, or after the DUE of
    /// a task without DTSTART. TRANSP is written only if `with_transparency` is true. Returns
    /// `None` if a time cannot be read or moved.
    pub(super) fn write_properties(
        &self,
        key: RecurrenceKey,
        with_transparency: bool,
        writer: &mut Writer,
    ) -> Option<()> {
        let is_left_out = |property: &Property<'_>| {
            OF_SERIES.iter().any(|name| property.is(name)) || (property.is(TRANSP) && !with_transparency)
        };
        let start = start_property(self.master)?.id();
        for property in self.master.properties().filter(|property| !is_left_out(property)) {
            if !TIMES.iter().any(|name| property.is(name)) {
                writer.raw(property.raw());
                continue;
            }
            let moved = self.moved(&property.date_time().ok()?, key)?;
            writer.property(&relined(property.name(), property, &moved));
            if property.id() == start {
                let original = self.spelled(key);
                writer.property(&relined("RECURRENCE-ID", property, &original));
            }
        }
        Some(())
    }

    /// Returns the original start of an instance, in the same form and zone as the DTSTART of the
    /// series.
    fn spelled(&self, key: RecurrenceKey) -> DateTime {
        match (key.date_time(), &self.times.start) {
            (DateTime::Utc(_), DateTime::Zoned(_, tzid)) => {
                let instant = self.zones.instant(&key.date_time(), &Zone::Utc);
                self.times.start.at(self.zones.get(tzid).to_local(instant))
            }
            (original, _) => self.times.start.at(original.local()),
        }
    }

    /// Returns a time of the master, moved to the instance; `None` if the result is beyond the
    /// calendar.
    fn moved(&self, time: &DateTime, key: RecurrenceKey) -> Option<DateTime> {
        let by = self.spelled(key).local().signed_duration_since(self.times.start.local());
        Some(time.at(time.local().checked_add_signed(by)?))
    }
}

/// Returns a content line with the given name and time, and with the parameters of `property`.
fn relined(name: &str, property: Property<'_>, time: &DateTime) -> String {
    let mut line = name.to_owned();
    for param in property.params() {
        line.extend([";", param.name(), "=", param.raw_value()]);
    }
    line.extend([":", &time.to_string()]);
    line
}
