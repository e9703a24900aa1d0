//! THISANDFUTURE: ends a series before the instance that a CANCEL names (RFC 5546 §3.2.5).
//!
//! **Invariant:** earlier instances do not change.

use crate::meeting::Meeting;
use crate::times::{self, InstanceKey};
use chrono::TimeDelta;
use ical::value::DateTime;
use ical::{Edit, Property};

/// Ends the series of a copy before an instance. Returns false if there is no series, or if the
/// instance does not come after the start of the series.
pub(super) fn end_before(key: InstanceKey, copy: &Meeting<'_>, edit: &mut Edit<'_>) -> bool {
    let Some((master, start)) = copy.master.as_ref().zip(copy.start()) else { return false };
    if key <= copy.times.key(&start) {
        return false;
    }
    if let Some(rule) = master.component.property("RRULE") {
        edit.set_value(rule.id(), &ending(rule.value(), &until(key, &start)));
    }
    for dates in master.component.properties_named("RDATE") {
        let (kept, gone): (Vec<_>, Vec<_>) = values(dates).partition(|value| before(value, dates, key, copy));
        if kept.is_empty() {
            edit.remove(dates.id());
        } else if !gone.is_empty() {
            edit.set_value(dates.id(), &kept.join(","));
        }
    }
    true
}

fn values(dates: Property<'_>) -> impl Iterator<Item = &str> {
    dates.value().split(',').map(str::trim)
}

fn before(value: &str, dates: Property<'_>, key: InstanceKey, copy: &Meeting<'_>) -> bool {
    let start = value.split_once('/').map_or(value, |(start, _)| start);
    let time = DateTime::parse(start, dates.param("TZID").as_deref());
    time.is_ok_and(|time| copy.times.instance_key(&time, copy.start().as_ref()) < key)
}

/// Returns the rule with this UNTIL in place of its UNTIL or COUNT.
fn ending(rule: &str, until: &str) -> String {
    let is_end = |part: &&str| {
        let name = part.split_once('=').map_or(*part, |(name, _)| name);
        ["UNTIL", "COUNT"].iter().any(|end| end.eq_ignore_ascii_case(name))
    };
    let parts = rule.split(';').filter(|part| !is_end(part));
    parts.chain([format!("UNTIL={until}").as_str()]).collect::<Vec<_>>().join(";")
}

/// Returns the last moment before an instance, in the form that UNTIL needs for this start (RFC
/// 5545 §3.3.10).
fn until(key: InstanceKey, start: &DateTime) -> String {
    match key {
        InstanceKey::Instant(instant) => times::utc(instant.saturating_sub(1)),
        InstanceKey::Local(local) if start.is_date() => (local - TimeDelta::days(1)).format("%Y%m%d").to_string(),
        InstanceKey::Local(local) => (local - TimeDelta::seconds(1)).format("%Y%m%dT%H%M%S").to_string(),
    }
}
