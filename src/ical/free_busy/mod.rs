//! When somebody is busy, as the objects of a calendar say (RFC 4791 §7.10, RFC 6638 §5).
//!
//! **Invariant:** periods are half-open and clipped to the window; what is told is that somebody is busy, never why.

pub(crate) mod availability;
mod index;
mod merge;
mod request;
mod write;

pub use availability::{Availability, availabilities, unavailable};
pub use index::{IndexedPeriod, MAX_INDEXED_SPAN, indexed_periods};
pub use merge::merge;
pub use request::{Request, vfreebusy_fault};
pub use write::{ReplyLines, reply, report};

use crate::recur::{self, MAX_INSTANCES, TooManyInstances};
use crate::series::Series;
use crate::time::{Instant, TimeRange, Window};
use crate::view::{Event, FreeBusy, Status};
use crate::zone::{Zone, Zones};
use crate::{Address, Component, Document, Property};

/// `FBTYPE` (RFC 5545 §3.2.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FreeBusyType {
    Busy,
    Unavailable,
    Tentative,
    Free,
}

impl FreeBusyType {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "BUSY",
            Self::Unavailable => "BUSY-UNAVAILABLE",
            Self::Tentative => "BUSY-TENTATIVE",
            Self::Free => "FREE",
        }
    }

    /// What is not known counts as busy (RFC 5545 §3.2.9).
    pub(crate) fn parse(name: &str) -> Self {
        let known = [Self::Unavailable, Self::Tentative, Self::Free];
        known.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(name)).unwrap_or(Self::Busy)
    }
}

/// From `start` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusyPeriod {
    pub start: Instant,
    pub end: Instant,
    pub kind: FreeBusyType,
}

/// The periods in which an object makes the owner of its calendar busy. `owns` tells the owner's addresses.
pub fn periods(
    object: &Document,
    range: TimeRange,
    floating: &Zone,
    owns: &dyn Fn(&Address) -> bool,
) -> Result<Vec<BusyPeriod>, TooManyInstances> {
    let zones = Zones::of(object);
    let window = range.window();
    let mut found = Vec::new();
    // Free-busy somebody published as such counts too (RFC 4791 §7.10).
    for (kind, period) in object.root().components().filter_map(FreeBusy::of).flat_map(FreeBusy::periods) {
        let Window { start, end } = zones.window(&period, floating);
        found.push(BusyPeriod { start, end, kind });
    }
    for series in Series::of(object, &zones) {
        if !series.master.iter().chain(series.overrides.iter().map(|own| &own.component)).any(|part| part.is("VEVENT"))
        {
            continue;
        }
        for instance in recur::instances(&series, &zones, floating, window, MAX_INSTANCES)? {
            if let Some(kind) = kind_of(instance.component, owns) {
                found.push(BusyPeriod { start: instance.start, end: instance.end, kind });
            }
        }
    }
    Ok(found.into_iter().filter_map(|period| clip(period, window)).collect())
}

/// What an event makes of its owner's time; `None`: nothing (RFC 4791 §7.10).
fn kind_of(event: Component<'_>, owns: &dyn Fn(&Address) -> bool) -> Option<FreeBusyType> {
    let kind = stated_type(event)?;
    let is_own = |property: &Property<'_>| property.address().is_some_and(|address| owns(&address));
    let Some(own) = event.properties_named("ATTENDEE").find(is_own) else { return Some(kind) };
    weigh(kind, Participation::of(own), || event.property("ORGANIZER").is_some_and(|organizer| is_own(&organizer)))
}

/// What it says of itself, whoever is invited.
fn stated_type(event: Component<'_>) -> Option<FreeBusyType> {
    let event = Event::of(event)?;
    match event.status() {
        Some(Status::Cancelled) => None,
        _ if event.is_transparent() => None,
        Some(Status::Tentative) => Some(FreeBusyType::Tentative),
        Some(_) | None => Some(FreeBusyType::Busy),
    }
}

/// How somebody answered an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Participation {
    Accepted,
    Tentative,
    Declined,
    Unanswered,
}

impl Participation {
    fn of(attendee: Property<'_>) -> Self {
        match attendee.param("PARTSTAT").unwrap_or_default().to_ascii_uppercase().as_str() {
            "DECLINED" | "DELEGATED" => Self::Declined,
            "TENTATIVE" => Self::Tentative,
            "" | "NEEDS-ACTION" => Self::Unanswered,
            _ => Self::Accepted,
        }
    }
}

/// What the owner answered is left to the server to weigh. Who invites, comes, even where a client has not written it down. An
/// invitation that nobody has answered takes no time yet: else everybody could fill everybody's days.
fn weigh(kind: FreeBusyType, own: Participation, invites: impl FnOnce() -> bool) -> Option<FreeBusyType> {
    match own {
        Participation::Declined => None,
        Participation::Tentative => Some(FreeBusyType::Tentative),
        Participation::Unanswered => invites().then_some(kind),
        Participation::Accepted => Some(kind),
    }
}

fn clip(period: BusyPeriod, window: Window) -> Option<BusyPeriod> {
    let (start, end) = (period.start.max(window.start), period.end.min(window.end));
    (start < end && period.kind != FreeBusyType::Free).then_some(BusyPeriod { start, end, ..period })
}

#[cfg(test)]
mod tests;
