//! When an alarm rings (RFC 5545 §3.8.6, RFC 4791 §9.9).

use crate::Component;
use crate::recur::{Instance, Times};
use crate::time::{DAY, Instant, TimeRange};
use crate::value::Duration;
use crate::zone::{Zone, Zones};

#[derive(Debug)]
pub(super) struct Trigger {
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

impl Trigger {
    pub(super) fn of(alarm: Component<'_>, zones: &Zones, floating: &Zone) -> Option<Self> {
        let trigger = alarm.property("TRIGGER")?;
        let from_end = || trigger.param("RELATED").is_some_and(|related| related.eq_ignore_ascii_case("END"));
        let when = match (trigger.date_time(), trigger.duration()) {
            (Ok(time), _) => When::At(zones.instant(&time, floating)),
            (Err(_), Ok(offset)) if from_end() => When::FromEnd(offset),
            (Err(_), Ok(offset)) => When::FromStart(offset),
            (Err(_), Err(_)) => return None,
        };
        let every = alarm.property("DURATION").and_then(|every| every.duration().ok());
        let repeat = alarm.property("REPEAT").and_then(|repeat| repeat.integer().ok());
        let every = every.map_or(0, Duration::nominal_seconds).max(0);
        let repeat = if every > 0 { i64::from(repeat.unwrap_or(0)).max(0) } else { 0 };
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
