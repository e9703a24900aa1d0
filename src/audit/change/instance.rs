//! The values that a recurring component has for one of its instances.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use ical::{
    Component,
    series::RecurrenceKey,
    value::DateTime,
    zone::{Zone, Zones},
};

use super::{
    Version,
    values::{self, Value, Values},
};

/// Properties that belong to the series as a whole, not to an instance.
const OF_THE_SERIES: [&str; 4] = ["RRULE", "RDATE", "EXDATE", "EXRULE"];

/// Returns the master's values as they apply to one instance: with the instance's times, without
/// the recurrence rules.
pub(super) fn of_master(master: Component<'_>, key: RecurrenceKey, zones: &Zones) -> Values {
    let mut values = values::of_component(master);
    for name in OF_THE_SERIES {
        values.remove(&values::key(name));
    }
    let Some(start) = master.start() else { return values };
    let begins = on(&start, key, zones);
    for name in ["DTEND", "DUE"] {
        let Some(end) = master.date_time(name) else { continue };
        let lasts = end.local() - start.local();
        let ends = begins.local().checked_add_signed(lasts).unwrap_or_else(|| begins.local() + TimeDelta::zero());
        values.insert(values::key(name), Value::Time(end.at(ends)));
    }
    values.insert(values::key("DTSTART"), Value::Time(begins));
    values
}

/// Returns the overrides that moved together with their series when its start changed, as a map
/// from the new key to the old key; empty if the local time of the start is the same, or a version
/// has no master with a start.
pub(super) fn shifted(was: &Version<'_>, is: &Version<'_>) -> BTreeMap<RecurrenceKey, RecurrenceKey> {
    let start = |version: &Version<'_>| version.master.and_then(Component::start);
    let (Some(before), Some(after)) = (start(was), start(is)) else { return BTreeMap::new() };
    let by = after.local() - before.local();
    if by.is_zero() {
        return BTreeMap::new();
    }
    let moved = |old: &RecurrenceKey| {
        let local = on(&before, *old, &was.zones);
        let local = local.at(local.local().checked_add_signed(by)?);
        let new = match old {
            RecurrenceKey::Date(_) => RecurrenceKey::Date(local.date()),
            RecurrenceKey::Floating(_) => RecurrenceKey::Floating(local.local()),
            RecurrenceKey::At(_) => RecurrenceKey::At(is.zones.instant(&after.at(local.local()), &Zone::Utc)),
        };
        let is_moved =
            is.overrides.contains_key(&new) && !is.overrides.contains_key(old) && !was.overrides.contains_key(&new);
        is_moved.then_some((new, *old))
    };
    was.overrides.keys().filter_map(moved).collect()
}

/// Returns the start of an instance in the form (date, floating, UTC or zone) of the master's own
/// start.
fn on(start: &DateTime, key: RecurrenceKey, zones: &Zones) -> DateTime {
    match (start, key) {
        (_, RecurrenceKey::Date(date)) => start.at(date.and_time(start.local().time())),
        (_, RecurrenceKey::Floating(time)) => start.at(time),
        (DateTime::Zoned(_, tzid), RecurrenceKey::At(instant)) => start.at(zones.get(tzid).to_local(instant)),
        (_, RecurrenceKey::At(_)) => start.at(key.date_time().local()),
    }
}
