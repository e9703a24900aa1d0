//! The times at which an alarm triggers (RFC 5545 §3.8.6, RFC 4791 §9.9).

use crate::recur::{Instance, Timing};
use crate::time::{DAY, Instant, TimeRange};
use crate::value::Duration;
use crate::view::{Alarm, Trigger};
use crate::zone::{Zone, Zones};

/// The first trigger of an alarm and its repetitions.
#[derive(Debug)]
pub(super) struct AlarmTimes {
    pub(super) first: First,
    repeat: i64,
    every: i64,
}

/// The time at which an alarm triggers first.
#[derive(Debug, Clone, Copy)]
pub(super) enum First {
    At(Instant),
    /// A trigger for each instance, at an offset from the instance.
    Relative(Relative),
}

/// An offset from the start or the end of each instance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Relative {
    end: bool,
    offset: Duration,
}

impl AlarmTimes {
    pub(super) fn of(alarm: Alarm<'_>, zones: &Zones, floating: &Zone) -> Option<Self> {
        let first = match alarm.trigger()? {
            Trigger::At(time) => First::At(zones.instant(&time, floating)),
            Trigger::FromStart(offset) => First::Relative(Relative { end: false, offset }),
            Trigger::FromEnd(offset) => First::Relative(Relative { end: true, offset }),
        };
        let again = alarm.repeat();
        let repeat = again.map_or(0, |again| i64::from(again.times));
        let every = again.map_or(0, |again| again.every.nominal_seconds());
        Some(Self { first, repeat, every })
    }

    /// True if the alarm triggers in the range, the first time (at `first`) or as a repetition.
    pub(super) fn triggers_within(&self, first: Instant, range: TimeRange) -> bool {
        let missed = range.start.map_or(0, |start| start.saturating_sub(first).max(0));
        let times = if self.every == 0 { 0 } else { missed.saturating_add(self.every - 1) / self.every };
        let at = first.saturating_add(times.min(self.repeat).saturating_mul(self.every));
        range.overlaps(at, at)
    }

    /// Returns a range that overlaps every instance whose alarm can trigger in `range`.
    pub(super) fn reach(&self, relative: Relative, range: TimeRange) -> TimeRange {
        // A slack of one second includes instances that only touch the range. A slack of one day
        // includes those whose days, counted by an offset in days, have 23 or 25 hours.
        let slack = if relative.offset.days == 0 { 1 } else { DAY };
        let earliest = relative.offset.nominal_seconds();
        let latest = earliest.saturating_add(self.repeat.saturating_mul(self.every));
        TimeRange {
            start: range.start.map(|start| start.saturating_sub(latest).saturating_sub(slack)),
            end: range.end.map(|end| end.saturating_sub(earliest).saturating_add(slack)),
        }
    }
}

impl Relative {
    /// Returns the instant of the first trigger for one instance. An offset in days keeps the time
    /// of day (RFC 5545 §3.3.6).
    pub(super) fn instant(self, instance: &Instance<'_>, zones: &Zones, floating: &Zone) -> Instant {
        let from = if self.end { instance.end } else { instance.start };
        let times = if self.offset.days == 0 { None } else { Timing::of(instance.component, zones, floating) };
        match times {
            Some(times) => times.end_of(times.clock.local_at(from), self.offset),
            None => from.saturating_add(self.offset.nominal_seconds()),
        }
    }
}
