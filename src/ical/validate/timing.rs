//! Checks of the times of a single component (RFC 5545 §3.6.1, §3.6.2, §3.8.2).
//!
//! **Invariant:** an accepted component has DTSTART if it is a stored event, and DTSTART or an end
//! if it recurs. It states its end at most once, apart from a DURATION of zero, and does not end
//! before it starts, as far as the zones of both are known.

use super::invalid::Invalid;
use super::object::Purpose;
use crate::text::{Component, Property};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use chrono::TimeDelta;

/// Maximum number of hours by which the local times of one instant differ between two zones.
const WIDEST_OFFSET_HOURS: i64 = 26;

pub(super) fn judge(component: Component<'_>, purpose: Purpose) -> Result<(), Invalid> {
    let event = component.is("VEVENT");
    let end_name = match component.name() {
        _ if event || component.is("VFREEBUSY") || component.is("VAVAILABILITY") || component.is("AVAILABLE") => {
            "DTEND"
        }
        _ if component.is("VTODO") => "DUE",
        _ if component.is("VJOURNAL") => return judge_start(component, component.property("DTSTART"), None, false),
        _ => return Ok(()),
    };
    let start = component.property("DTSTART");
    let end = component.property(end_name);
    // A message may omit DTSTART (RFC 5545 §3.6.1), for example a CANCEL of a whole series.
    judge_start(component, start, end, event && purpose == Purpose::Stored)?;
    judge_duration(component, start, end)?;
    match (start, end) {
        (Some(start), Some(end)) => judge_end(start, end),
        (None, _) | (_, None) => Ok(()),
    }
}

fn judge_start(
    component: Component<'_>,
    start: Option<Property<'_>>,
    end: Option<Property<'_>>,
    required: bool,
) -> Result<(), Invalid> {
    if required && start.is_none() {
        return Err(Invalid::component("dtstart", component, "DTSTART is missing"));
    }
    // A recurrence rule needs a start to count from (RFC 5545 §3.8.5.3). DUE serves as well,
    // because some tasks have only DUE.
    let rule = component.property("RRULE").or_else(|| component.property("RDATE"));
    match rule {
        Some(rule) if start.or(end).is_none() => {
            Err(Invalid::property("recurrence-start", rule, "a recurrence requires DTSTART"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks that a DURATION is not negative. Unless it is zero, it requires DTSTART and excludes
/// DTEND and DUE. Some clients write `DURATION:PT0S` in addition to DTEND when they move an
/// instance.
fn judge_duration(
    component: Component<'_>,
    start: Option<Property<'_>>,
    end: Option<Property<'_>>,
) -> Result<(), Invalid> {
    let Some(property) = component.property("DURATION") else { return Ok(()) };
    let Ok(duration) = property.duration() else { return Ok(()) };
    if duration.is_negative() {
        return Err(Invalid::property("duration-negative", property, "the duration is negative"));
    }
    if duration.is_zero() {
        return Ok(());
    }
    if let Some(end) = end {
        let why = format!("DURATION and {} exclude each other; keep one", end.name());
        return Err(Invalid::property("end-xor-duration", property, why));
    }
    if start.is_none() {
        return Err(Invalid::property("duration-start", property, "DURATION requires DTSTART")); // RFC 5545 §3.6.2
    }
    Ok(())
}

/// Checks that end and start are both dates or both times, and that the end is not before the
/// start. RFC 5545 §3.8.2.2 requires it to be after the start, but equal times are tolerated,
/// because many clients write them for an event without length.
fn judge_end(start: Property<'_>, end: Property<'_>) -> Result<(), Invalid> {
    let (Ok(from), Ok(until)) = (start.date_time(), end.date_time()) else { return Ok(()) };
    if from.is_date() != until.is_date() {
        let why = format!("{} and {} must both be dates or both be times", end.name(), start.name());
        return Err(Invalid::property("end-type", end, why));
    }
    if until.local() + tolerance(&from, &until) < from.local() {
        return Err(Invalid::property("end-before-start", end, format!("{until} is before DTSTART, {from}")));
    }
    Ok(())
}

/// Checks that the end is not before the start if they are in different zones, where local times
/// cannot be compared.
pub(super) fn judge_instants(component: Component<'_>, zones: &Zones) -> Result<(), Invalid> {
    let end = component.property("DTEND").or_else(|| component.property("DUE"));
    let (Some(start), Some(end)) = (component.property("DTSTART"), end) else { return Ok(()) };
    let (Ok(from), Ok(until)) = (start.date_time(), end.date_time()) else { return Ok(()) };
    if is_same_clock(&from, &until) || zones.floats(&from) || zones.floats(&until) {
        return Ok(());
    }
    if zones.instant(&until, &Zone::Utc) < zones.instant(&from, &Zone::Utc) {
        let why = format!("{until} in its zone is before DTSTART, {from} in its zone");
        return Err(Invalid::property("end-before-start", end, why));
    }
    Ok(())
}

/// Returns the length of time by which the end, as a local time, may be before the start: zero if
/// both have the same TZID, both are in UTC, or neither has a zone; else the most by which local
/// times differ between two zones.
fn tolerance(from: &DateTime, until: &DateTime) -> TimeDelta {
    if is_same_clock(from, until) { TimeDelta::zero() } else { TimeDelta::hours(WIDEST_OFFSET_HOURS) }
}

fn is_same_clock(from: &DateTime, until: &DateTime) -> bool {
    match (from, until) {
        (DateTime::Zoned(_, from), DateTime::Zoned(_, until)) => from == until,
        _ => std::mem::discriminant(from) == std::mem::discriminant(until),
    }
}
