//! Matching of time ranges by the tables of RFC 4791 §9.9, row by row.

use super::Subject;
use super::alarm::{AlarmTimes, First};
use crate::Component;
use crate::free_busy::availability;
use crate::recur::Instance;
use crate::time::{Instant, TimeRange};
use crate::value::DateTime;
use crate::view::{Alarm, Availability, FreeBusy};
use crate::zone::{Zone, Zones};

impl<'a> Subject<'_, 'a> {
    pub(super) fn is_within(&self, component: Component<'a>, range: TimeRange) -> bool {
        if let Some(alarm) = Alarm::of(component) {
            return self.triggers_within(alarm, range);
        }
        if let Some(published) = FreeBusy::of(component) {
            return self::published(published, self.zones(), self.floating, range);
        }
        if let Some(availability) = Availability::of(component) {
            let window = availability::span(availability, self.zones(), self.floating);
            return begins(range) < window.end && ends(range) > window.start;
        }
        if component.is("VTODO") {
            return match task_without_start(component, self.zones(), self.floating, range) {
                Some(is_within) => is_within,
                None => self.any_instance(component, range, &mut |instance| task(instance, range)),
            };
        }
        // A VJOURNAL without DTSTART has no instances, so it matches no range.
        self.any_instance(component, range, &mut |instance| range.overlaps(instance.start, instance.end))
    }

    fn triggers_within(&self, alarm: Alarm<'a>, range: TimeRange) -> bool {
        let Some((alarm_times, parent)) = AlarmTimes::of(alarm, self.zones(), self.floating).zip(alarm.parent()) else {
            return false;
        };
        match alarm_times.first {
            First::At(first) => alarm_times.triggers_within(first, range),
            First::Relative(relative) => {
                self.any_instance(parent, alarm_times.reach(relative, range), &mut |instance| {
                    alarm_times.triggers_within(relative.instant(instance, self.zones(), self.floating), range)
                })
            }
        }
    }
}

fn begins(range: TimeRange) -> Instant {
    range.start.unwrap_or(Instant::MIN)
}

fn ends(range: TimeRange) -> Instant {
    range.end.unwrap_or(Instant::MAX)
}

/// True if the instance of a task overlaps the range (RFC 4791 §9.9, the rows of the table for
/// VTODO with DTSTART or DUE).
pub(crate) fn task(instance: &Instance<'_>, range: TimeRange) -> bool {
    let says = |name: &str| instance.component.property(name).is_some();
    let (from, to, start, end) = (instance.start, instance.end, begins(range), ends(range));
    match (says("DTSTART"), says("DURATION"), says("DUE")) {
        (true, true, false) => start <= to && (end > from || end >= to),
        (true, _, true) => (start < to || start <= from) && (end > from || end >= to),
        (true, false, false) => start <= from && end > from,
        (false, _, true) => start < to && end >= to,
        // An override without DTSTART and DUE takes place at the time that the rule says.
        (false, _, false) => range.overlaps(from, to),
    }
}

/// Returns whether a task without DTSTART and DUE overlaps the range (RFC 4791 §9.9, the rows of
/// the table for VTODO with neither).
///
/// Returns `None` if the task has DTSTART, DUE or RECURRENCE-ID.
pub(crate) fn task_without_start(
    task: Component<'_>,
    zones: &Zones,
    floating: &Zone,
    range: TimeRange,
) -> Option<bool> {
    if ["DTSTART", "DUE", "RECURRENCE-ID"].into_iter().any(|name| task.property(name).is_some()) {
        return None;
    }
    let at = |name: &str| task.date_time(name).map(|time| zones.instant(&time, floating));
    let (start, end) = (begins(range), ends(range));
    Some(match (at("COMPLETED"), at("CREATED")) {
        (Some(completed), Some(created)) => {
            (start <= created || start <= completed) && (end >= created || end >= completed)
        }
        (Some(completed), None) => start <= completed && end >= completed,
        (None, Some(created)) => end > created,
        (None, None) => true,
    })
}

/// True if a VFREEBUSY overlaps the range (RFC 4791 §9.9, the table for VFREEBUSY).
pub(crate) fn published(published: FreeBusy<'_>, zones: &Zones, floating: &Zone, range: TimeRange) -> bool {
    let instant = |time: DateTime| zones.instant(&time, floating);
    let (start, end) = (begins(range), ends(range));
    if let (Some(from), Some(to)) = (published.start().map(instant), published.end().map(instant)) {
        return start <= to && end > from;
    }
    published.periods().any(|(_, period)| {
        let busy = zones.window(&period, floating);
        start < busy.end && end > busy.start
    })
}
