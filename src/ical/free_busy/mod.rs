//! Busy time from calendar objects (RFC 4791 §7.10, RFC 6638 §5).
//!
//! **Invariant:** periods exclude their end and lie within the window; for several windows, within
//! the time from the first to the last. They reveal that a user is busy, but not the reason.

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

use crate::bounds;
use crate::recur::{self, Budget, Instance, MAX_INSTANCES, TooManyInstances};
use crate::series::Series;
use crate::time::{Instant, TimeRange, Window};
use crate::view::{Event, FreeBusy, Status};
use crate::zone::{Zone, Zones};
use crate::{Address, Component, ComponentId, Document, Property};
use std::collections::BTreeMap;

/// A free-busy time type, FBTYPE (RFC 5545 §3.2.9). The busiest type sorts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FreeBusyType {
    /// FBTYPE=BUSY.
    Busy,
    /// FBTYPE=BUSY-UNAVAILABLE.
    Unavailable,
    /// FBTYPE=BUSY-TENTATIVE.
    Tentative,
    /// FBTYPE=FREE.
    Free,
}

impl FreeBusyType {
    /// Returns the type as a value of FBTYPE.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "BUSY",
            Self::Unavailable => "BUSY-UNAVAILABLE",
            Self::Tentative => "BUSY-TENTATIVE",
            Self::Free => "FREE",
        }
    }

    /// Parses a value of FBTYPE. An unknown value means BUSY (RFC 5545 §3.2.9).
    pub(crate) fn parse(name: &str) -> Self {
        let known = [Self::Unavailable, Self::Tentative, Self::Free];
        known.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(name)).unwrap_or(Self::Busy)
    }
}

/// A busy period from `start` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusyPeriod {
    /// The start of the period.
    pub start: Instant,
    /// The end of the period, exclusive.
    pub end: Instant,
    /// The free-busy type of the period.
    pub kind: FreeBusyType,
}

/// Returns the periods of the range in which an object makes the owner of the calendar busy.
///
/// `floating` is the zone for floating times. `owns` is true for the owner's addresses. A series
/// that exceeds the budget or the limit of instances becomes one period that covers all its
/// instances, cut to the range.
///
/// # Examples
///
/// ```
/// use ical::free_busy::{self, FreeBusyType};
/// use ical::recur::Budget;
/// use ical::zone::Zone;
/// use ical::{Address, Document, TimeRange};
///
/// let document = Document::parse(
///     "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260105T120000Z\nDURATION:PT1H\n\
///      ORGANIZER:mailto:alice@example.org\n\
///      ATTENDEE;PARTSTAT=TENTATIVE:mailto:bob@example.org\nEND:VEVENT\nEND:VCALENDAR\n",
/// )?;
/// let range = TimeRange { start: Some(1_767_571_200), end: Some(1_767_657_600) };
/// let is_bob = |address: &Address| address.mailbox() == Some("bob@example.org");
/// let busy = free_busy::periods(&document, range, &Zone::Utc, &is_bob, &Budget::default());
/// assert_eq!(busy.len(), 1);
/// assert_eq!(busy[0].kind, FreeBusyType::Tentative);
/// # Ok::<(), ical::SyntaxError>(())
/// ```
pub fn periods(
    object: &Document,
    range: TimeRange,
    floating: &Zone,
    owns: &dyn Fn(&Address) -> bool,
    budget: &Budget,
) -> Vec<BusyPeriod> {
    periods_at(object, &[range.window()], floating, owns, budget)
}

/// Like [`periods`], for several windows at once: returns at least the periods that overlap one of
/// `times`. Each series is expanded once, for all windows together. If that exceeds a limit and
/// there are several windows, the series is expanded for each window alone.
pub fn periods_at(
    object: &Document,
    times: &[Window],
    floating: &Zone,
    owns: &dyn Fn(&Address) -> bool,
    budget: &Budget,
) -> Vec<BusyPeriod> {
    let Some(hull) = Window::around(times) else { return Vec::new() };
    let zones = Zones::of(object);
    let mut found = Vec::new();
    // A stored VFREEBUSY counts as well (RFC 4791 §7.10).
    for (kind, period) in object.root().components().filter_map(FreeBusy::of).flat_map(FreeBusy::periods) {
        let Window { start, end } = zones.window(&period, floating);
        found.extend(clip(BusyPeriod { start, end, kind }, hull));
    }
    for series in Series::of(object, &zones) {
        let taken = Taken { kinds: Kinds::of(&series, owns), series, zones: &zones, floating, budget };
        match taken.within(hull) {
            Ok(periods) => found.extend(periods),
            Err(_) => found.extend(times.iter().flat_map(|time| taken.at(*time, times.len() > 1))),
        }
    }
    found
}

/// A series with the free-busy types of its components.
struct Taken<'a> {
    series: Series<'a>,
    kinds: Kinds,
    zones: &'a Zones,
    floating: &'a Zone,
    budget: &'a Budget,
}

impl Taken<'_> {
    fn within(&self, window: Window) -> Result<Vec<BusyPeriod>, TooManyInstances> {
        let Self { series, kinds: Kinds(kinds), zones, floating, budget } = self;
        if kinds.is_empty() {
            return Ok(Vec::new());
        }
        let counts = |component: Component<'_>| kinds.contains_key(&component.id());
        let limits = (MAX_INSTANCES, *budget);
        let instances = recur::instances_where(series, (zones, floating), window, limits, &counts)?;
        let period = |instance: &Instance<'_>| {
            let kind = *kinds.get(&instance.component.id())?;
            clip(BusyPeriod { start: instance.start, end: instance.end, kind }, window)
        };
        Ok(instances.iter().filter_map(period).collect())
    }

    /// Returns the periods of the series in the window `time`. If they exceed a limit, or if
    /// `may_expand` is false, one period that covers all instances takes their place, cut to
    /// `time`.
    fn at(&self, time: Window, may_expand: bool) -> Vec<BusyPeriod> {
        let expanded = if may_expand { self.within(time).ok() } else { None };
        let approximate = || approximate(&self.series, self.zones, &self.kinds);
        expanded.unwrap_or_else(|| approximate().and_then(|period| clip(period, time)).into_iter().collect())
    }
}

/// The free-busy types of those components of a series that make the owner busy.
struct Kinds(BTreeMap<ComponentId, FreeBusyType>);

impl Kinds {
    fn of(series: &Series<'_>, owns: &dyn Fn(&Address) -> bool) -> Self {
        let components = series.master.into_iter().chain(series.overrides.iter().map(|one| one.component));
        Self(components.filter_map(|component| Some((component.id(), kind_of(component, owns)?))).collect())
    }
}

/// Returns one period that covers all instances of the series, with the busiest type. Returns
/// `None` if no component makes the owner busy.
fn approximate(series: &Series<'_>, zones: &Zones, kinds: &Kinds) -> Option<BusyPeriod> {
    let kind = *kinds.0.values().min()?;
    let bounds = bounds::of_series(series, zones);
    let start = bounds.first.unwrap_or(Window::ALL.start);
    Some(BusyPeriod { start, end: bounds.last.unwrap_or(Window::ALL.end), kind })
}

/// Returns the free-busy type of an event for the owner of the calendar.
///
/// An owner who is not an attendee has the type that the event states. Returns `None` if the event
/// does not make the owner busy (RFC 4791 §7.10).
fn kind_of(event: Component<'_>, owns: &dyn Fn(&Address) -> bool) -> Option<FreeBusyType> {
    let kind = stated_type(event)?;
    let is_own = |property: &Property<'_>| property.address().is_some_and(|address| owns(&address));
    let Some(own) = event.properties_named("ATTENDEE").find(is_own) else { return Some(kind) };
    weigh(kind, Participation::of(own), || event.property("ORGANIZER").is_some_and(|organizer| is_own(&organizer)))
}

/// Returns the free-busy type that STATUS and TRANSP state, without regard to the attendees.
/// Returns `None` for a cancelled or transparent event, and for other components.
fn stated_type(event: Component<'_>) -> Option<FreeBusyType> {
    let event = Event::of(event)?;
    match event.status() {
        Some(Status::Cancelled) => None,
        _ if event.is_transparent() => None,
        Some(Status::Tentative) => Some(FreeBusyType::Tentative),
        Some(_) | None => Some(FreeBusyType::Busy),
    }
}

/// The PARTSTAT of an attendee, as far as it matters for busy time.
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
            "ACCEPTED" | "COMPLETED" | "IN-PROCESS" => Self::Accepted,
            // An unknown PARTSTAT means NEEDS-ACTION (RFC 5545 §3.2.12).
            _ => Self::Unanswered,
        }
    }
}

/// Combines the type of an event with the owner's PARTSTAT; RFC 4791 §7.10 lets the server choose
/// how. `invites` says whether the owner is the organizer, who is busy even without an answer.
/// Other attendees are not busy until they answer; otherwise, everybody could fill the calendars of
/// others. Returns `None` if the owner is not busy.
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
