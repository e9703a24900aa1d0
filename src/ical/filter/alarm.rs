//! When an alarm rings (RFC 5545 §3.8.6, RFC 4791 §9.9).

use crate::recur::Instance;
use crate::time::{Instant, TimeRange};
use crate::zone::{Zone, Zones};
use crate::Component;

/// Repetitions looked at; more of them say no more.
const MAX_REPEAT: i64 = 1_000;

#[derive(Debug)]
pub(super) struct Trigger {
    /// `VALUE=DATE-TIME`
    pub(super) absolute: Option<Instant>,
    /// Seconds from the start or end of the instance.
    offset: i64,
    from_end: bool,
    repeat: i64,
    every: i64,
}

impl Trigger {
    pub(super) fn of(alarm: Component<'_>, zones: &Zones, floating: &Zone) -> Option<Self> {
        let trigger = alarm.property("TRIGGER")?;
        let absolute = trigger.date_time().ok().map(|time| zones.instant(&time, floating));
        let offset = match absolute {
            Some(_) => 0,
            None => trigger.duration().ok()?.nominal_seconds(),
        };
        let from_end = trigger.param("RELATED").is_some_and(|related| related.eq_ignore_ascii_case("END"));
        let every = alarm.property("DURATION").and_then(|every| every.duration().ok());
        let repeat = alarm.property("REPEAT").and_then(|repeat| repeat.integer().ok());
        let every = every.map_or(0, crate::value::Duration::nominal_seconds).max(0);
        Some(Self { absolute, offset, from_end, repeat: i64::from(repeat.unwrap_or(0)).clamp(0, MAX_REPEAT), every })
    }

    /// When it first rings for an instance.
    pub(super) fn first(&self, instance: &Instance<'_>) -> Instant {
        let from = if self.from_end { instance.end } else { instance.start };
        from.saturating_add(self.offset)
    }

    /// Whether it rings in the range, the first time or again.
    pub(super) fn rings_within(&self, first: Instant, range: TimeRange) -> bool {
        (0..=self.repeat).any(|time| {
            let at = first.saturating_add(time.saturating_mul(self.every));
            range.overlaps(at, at)
        })
    }

    /// Instances outside of this range do not ring in the one that is asked for.
    pub(super) fn reach(&self, range: TimeRange) -> TimeRange {
        let last = self.offset.saturating_add(self.repeat.saturating_mul(self.every));
        let (earliest, latest) = (self.offset.min(last), self.offset.max(last));
        // One second more, so that what only touches is asked too.
        TimeRange {
            start: range.start.map(|start| start.saturating_sub(latest).saturating_sub(1)),
            end: range.end.map(|end| end.saturating_sub(earliest).saturating_add(1)),
        }
    }
}
