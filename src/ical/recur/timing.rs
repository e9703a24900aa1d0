//! Start and length of one component (RFC 4791 §9.9).
//!
//! **Invariant:** a length is never negative. DTEND or DUE gives an exact length; between two dates
//! it is counted in days. The days of a DURATION keep the time of day (RFC 5545 §3.8.5.3).

use super::clock::Clock;
use crate::series::start_property;
use crate::time::{DAY, Instant, civil, local};
use crate::value::{DateTime, Duration, PeriodEnd};
use crate::zone::{Zone, Zones};
use crate::{Component, value::Period};
use chrono::NaiveDateTime;

/// The length of an instance: nominal days and exact seconds.
pub(crate) type Length = Duration;

#[derive(Debug, Clone)]
pub(crate) struct Timing {
    pub(crate) start: DateTime,
    pub(crate) clock: Clock,
    pub(crate) length: Length,
}

impl Timing {
    /// Reads the start and the length of a component.
    ///
    /// Returns `None` if the component has no readable start.
    pub(crate) fn of(component: Component<'_>, zones: &Zones, floating: &Zone) -> Option<Self> {
        let start = start_property(component)?.date_time().ok()?;
        let clock = Clock::of(&start, zones, floating);
        let length = length(component, &start, zones, floating);
        Some(Self { start, clock, length })
    }

    /// Returns the end of an instance that starts at a local time.
    pub(crate) fn end_of(&self, time: NaiveDateTime, length: Length) -> Instant {
        let end = local(civil(time).saturating_add(length.days.saturating_mul(DAY)));
        self.clock.instant_of_local(end).saturating_add(length.seconds)
    }
}

fn length(component: Component<'_>, start: &DateTime, zones: &Zones, floating: &Zone) -> Length {
    let end_name = if component.is("VTODO") { "DUE" } else { "DTEND" };
    if let Some(end) = component.date_time(end_name).filter(|_| !component.is("VJOURNAL")) {
        let length = between(start, &end, zones, floating);
        // RFC 5545 §3.8.2.2 requires a later DTEND, but clients write the same day for an all-day
        // event.
        let same_day = start.is_date() && length.is_zero() && !component.is("VTODO");
        return if same_day { Length::of_days(1) } else { length };
    }
    match component.duration() {
        Some(duration) if !duration.is_negative() => duration,
        // An all-day event without an end lasts that day (RFC 5545 §3.6.1), and so does a journal
        // entry.
        None if start.is_date() && !component.is("VTODO") => Length::of_days(1),
        Some(_) | None => Length::default(),
    }
}

fn between(start: &DateTime, end: &DateTime, zones: &Zones, floating: &Zone) -> Length {
    if start.is_date() {
        return Length::of_days((end.date() - start.date()).num_days().max(0));
    }
    let seconds = zones.instant(end, floating) - zones.instant(start, floating);
    Length::of_seconds(seconds.max(0))
}

/// Returns the length of an RDATE period.
pub(super) fn length_of(period: &Period, zones: &Zones, floating: &Zone) -> Length {
    match &period.end {
        PeriodEnd::At(end) => between(&period.start, end, zones, floating),
        PeriodEnd::After(duration) => *duration,
    }
}
