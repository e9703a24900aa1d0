//! When an alarm rings (RFC 5545 §3.8.6, RFC 4791 §9.9).

use crate::recur::{Instance, Times};
use crate::time::{DAY, Instant, TimeRange};
use crate::value::Duration;
use crate::view::{Alarm, Trigger};
use crate::zone::{Zone, Zones};

/// All the times an alarm rings.
#[derive(Debug)]
pub(super) struct Ringing {
    when: When,
    repeat: i64,
    every: i64,
}

#[derive(Debug, Clone, Copy)]
enum When {
    At(Instant),
    FromStart(Duration),
    FromEnd(Duration),
}

impl Ringing {
    pub(super) fn of(alarm: Alarm<'_>, zones: &Zones, floating: &Zone) -> Option<Self> {
        let when = match alarm.trigger()? {
            Trigger::At(time) => When::At(zones.instant(&time, floating)),
            Trigger::FromStart(offset) => When::FromStart(offset),
            Trigger::FromEnd(offset) => When::FromEnd(offset),
        };
        let again = alarm.repeat();
        let repeat = again.map_or(0, |again| i64::from(again.times));
        let every = again.map_or(0, |again| again.every.nominal_seconds());
        Some(Self { when, repeat, every })
    }

    /// When it first rings, if that does not depend on an instance.
    pub(super) fn absolute(&self) -> Option<Instant> {
        match self.when {
            When::At(instant) => Some(instant),
            When::FromStart(_) | When::FromEnd(_) => None,
        }
    }

    /// When it first rings for an instance. A day before is the same time of day (RFC 5545 §3.3.6).
    pub(super) fn first(&self, instance: &Instance<'_>, zones: &Zones, floating: &Zone) -> Instant {
        let (from, offset) = match self.when {
            When::At(instant) => return instant,
            When::FromStart(offset) => (instance.start, offset),
            When::FromEnd(offset) => (instance.end, offset),
        };
        let times = if offset.days == 0 { None } else { Times::of(instance.component, zones, floating) };
        match times {
            Some(times) => times.end_of(times.clock.local_at(from), offset),
            None => from.saturating_add(offset.nominal_seconds()),
        }
    }

    /// Whether it rings in the range, the first time or again.
    pub(super) fn rings_within(&self, first: Instant, range: TimeRange) -> bool {
        let missed = range.start.map_or(0, |start| start.saturating_sub(first).max(0));
        let times = if self.every == 0 { 0 } else { missed.saturating_add(self.every - 1) / self.every };
        let at = first.saturating_add(times.min(self.repeat).saturating_mul(self.every));
        range.overlaps(at, at)
    }

    /// Instances outside of this range do not ring in the one that is asked for.
    pub(super) fn reach(&self, range: TimeRange) -> TimeRange {
        let offset = match self.when {
            When::At(_) => Duration::default(),
            When::FromStart(offset) | When::FromEnd(offset) => offset,
        };
        // One second more, so that what only touches is asked too; a day more, where clocks may change in between.
        let slack = if offset.days == 0 { 1 } else { DAY };
        let earliest = offset.nominal_seconds();
        let latest = earliest.saturating_add(self.repeat.saturating_mul(self.every));
        TimeRange {
            start: range.start.map(|start| start.saturating_sub(latest).saturating_sub(slack)),
            end: range.end.map(|end| end.saturating_sub(earliest).saturating_add(slack)),
        }
    }
}
