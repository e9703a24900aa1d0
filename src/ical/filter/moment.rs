//! The tables of RFC 4791 §9.9 for what has no plain start and end: tasks, and published free-busy.

use crate::recur::Instance;
use crate::time::{Instant, TimeRange};
use crate::value::PeriodEnd;
use crate::zone::{Zone, Zones};
use crate::Component;

/// Whether a task stands for itself: no rule makes more of it.
pub(super) fn is_single(task: Component<'_>) -> bool {
    ["RRULE", "RDATE", "RECURRENCE-ID"].into_iter().all(|name| task.property(name).is_none())
}

fn begins(range: TimeRange) -> Instant {
    range.start.unwrap_or(Instant::MIN)
}

fn ends(range: TimeRange) -> Instant {
    range.end.unwrap_or(Instant::MAX)
}

/// The table for VTODO.
pub(super) fn task(task: Component<'_>, zones: &Zones, floating: &Zone, range: TimeRange) -> bool {
    let at = |name: &str| {
        let time = task.property(name)?.date_time().ok()?;
        Some(zones.instant(&time, floating))
    };
    let duration = task.property("DURATION").and_then(|duration| duration.duration().ok());
    let (start, end) = (begins(range), ends(range));
    match (at("DTSTART"), duration, at("DUE"), at("COMPLETED"), at("CREATED")) {
        (Some(from), Some(duration), _, _, _) => lasting(from, from.saturating_add(duration.nominal_seconds()), range),
        (Some(from), None, Some(due), _, _) => due_by(from, due, range),
        (Some(from), None, None, _, _) => start <= from && end > from,
        (None, _, Some(due), _, _) => start < due && end >= due,
        (None, _, None, Some(completed), Some(created)) => {
            (start <= created || start <= completed) && (end >= created || end >= completed)
        }
        (None, _, None, Some(completed), None) => start <= completed && end >= completed,
        (None, _, None, None, Some(created)) => end > created,
        (None, _, None, None, None) => true,
    }
}

/// The same table, for one of many.
pub(super) fn task_instance(instance: &Instance<'_>, task: Component<'_>, range: TimeRange) -> bool {
    let (from, to) = (instance.start, instance.end);
    match (task.property("DTSTART").is_some(), task.property("DUE").is_some()) {
        (true, true) => due_by(from, to, range),
        (true, false) if task.property("DURATION").is_some() => lasting(from, to, range),
        (true, false) => begins(range) <= from && ends(range) > from,
        (false, _) => begins(range) < to && ends(range) >= to,
    }
}

fn lasting(from: Instant, to: Instant, range: TimeRange) -> bool {
    begins(range) <= to && (ends(range) > from || ends(range) >= to)
}

fn due_by(from: Instant, due: Instant, range: TimeRange) -> bool {
    (begins(range) < due || begins(range) <= from) && (ends(range) > from || ends(range) >= due)
}

/// The table for VFREEBUSY.
pub(super) fn free_busy(component: Component<'_>, zones: &Zones, floating: &Zone, range: TimeRange) -> bool {
    let at = |name: &str| {
        let time = component.property(name)?.date_time().ok()?;
        Some(zones.instant(&time, floating))
    };
    if let (Some(from), Some(to)) = (at("DTSTART"), at("DTEND")) {
        return begins(range) <= to && ends(range) > from;
    }
    let periods = component.properties_named("FREEBUSY").filter_map(|busy| busy.periods().ok()).flatten();
    periods.into_iter().any(|period| {
        let from = zones.instant(&period.start, floating);
        let to = match &period.end {
            PeriodEnd::At(end) => zones.instant(end, floating),
            PeriodEnd::After(duration) => from.saturating_add(duration.nominal_seconds()),
        };
        begins(range) < to && ends(range) > from
    })
}
