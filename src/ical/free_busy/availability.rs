//! Availability (RFC 7953): office hours and exceptions from them.
//!
//! **Invariant:** if two VAVAILABILITYs cover the same time, the one with the higher priority
//! decides (RFC 7953 §4). If the priorities are equal, available time wins over unavailable time,
//! and then the busier type wins.

use super::{BusyPeriod, FreeBusyType};
use crate::recur::{self, Budget};
use crate::series::Series;
use crate::time::{Instant, TimeRange, Window};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use crate::{Document, view};
use std::collections::BTreeMap;

/// The effect of one VAVAILABILITY within a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// The rank among overlapping VAVAILABILITYs, of which the highest decides: 0 without PRIORITY
    /// or for PRIORITY 0, 1 for PRIORITY 9, up to 9 for PRIORITY 1 (RFC 7953 §4).
    rank: u8,
    kind: FreeBusyType,
    span: Window,
    /// The instances of the AVAILABLE components within `span`, cut to it.
    free: Vec<Window>,
}

/// Returns the effects of those VAVAILABILITY components of the object that apply in the range.
///
/// `floating` is the zone for floating times. A series of AVAILABLEs that exceeds a limit of
/// [`recur::instances`] is ignored.
pub fn availabilities(object: &Document, range: TimeRange, floating: &Zone, budget: &Budget) -> Vec<Availability> {
    let mut found = Vec::new();
    let mut said = object.root().components().filter_map(view::Availability::of).peekable();
    if said.peek().is_none() {
        return found;
    }
    let zones = Zones::of(object);
    for said in said {
        let asked = clipped(span(said, &zones, floating), range.window());
        if asked.start < asked.end {
            let free = free(said, asked, (&zones, floating), budget);
            // PRIORITY 1 is the highest, and 0 or no PRIORITY is lower than 9 (RFC 7953 §4).
            let rank = said.priority().map_or(0, |priority| 10 - priority);
            found.push(Availability { rank, kind: said.busy_type(), span: asked, free });
        }
    }
    found
}

/// Returns the time to which a VAVAILABILITY applies (RFC 7953 §3.1). A side without a valid value
/// in the component has the bound of [`Window::ALL`].
pub(crate) fn span(said: view::Availability<'_>, zones: &Zones, floating: &Zone) -> Window {
    let instant = |time: DateTime| zones.instant(&time, floating);
    let (start, end) = (said.start(), said.end().map(instant));
    let after = || Some(zones.after(start.as_ref()?, said.duration()?, floating));
    let end = end.or_else(after).unwrap_or(Window::ALL.end);
    Window::new(start.clone().map_or(Window::ALL.start, instant), end)
}

fn free(
    said: view::Availability<'_>,
    asked: Window,
    (zones, floating): (&Zones, &Zone),
    budget: &Budget,
) -> Vec<Window> {
    let mut free = Vec::new();
    for series in Series::among(said.available().map(view::Available::component), zones) {
        let instances = recur::instances(&series, zones, floating, asked, budget).unwrap_or_default();
        free.extend(instances.iter().map(|instance| clipped(Window::new(instance.start, instance.end), asked)));
    }
    free
}

fn clipped(window: Window, to: Window) -> Window {
    Window::new(window.start.max(to.start), window.end.min(to.end))
}

/// Combines availabilities into the periods in which the calendar user is unavailable, ordered by
/// start (RFC 7953 §4).
pub fn unavailable(mut availabilities: Vec<Availability>, range: TimeRange) -> Vec<BusyPeriod> {
    let mut day = Overlay::of(range.window());
    // The busier of two types is painted later, so that it covers the less busy one. `FreeBusyType`
    // sorts the busiest type first.
    availabilities.sort_by(|one, other| one.rank.cmp(&other.rank).then(other.kind.cmp(&one.kind)));
    for level in availabilities.chunk_by(|one, other| one.rank == other.rank) {
        for availability in level {
            day.paint(availability.span, Some(availability.kind));
        }
        for window in level.iter().flat_map(|availability| &availability.free) {
            day.paint(*window, None);
        }
    }
    day.periods()
}

/// A timeline on which busy types are painted over each other: the type that holds from each
/// instant on; `None` for time that is not busy.
struct Overlay {
    end: Instant,
    since: BTreeMap<Instant, Option<FreeBusyType>>,
}

impl Overlay {
    fn of(window: Window) -> Self {
        Self { end: window.end, since: BTreeMap::from([(window.start, None)]) }
    }

    fn paint(&mut self, window: Window, kind: Option<FreeBusyType>) {
        if window.start >= window.end {
            return;
        }
        let behind = self.since.range(..=window.end).next_back().and_then(|(_, kind)| *kind);
        let hidden: Vec<Instant> = self.since.range(window.start..window.end).map(|(at, _)| *at).collect();
        for at in hidden {
            self.since.remove(&at);
        }
        self.since.insert(window.start, kind);
        if window.end < self.end {
            self.since.insert(window.end, behind);
        }
    }

    fn periods(self) -> Vec<BusyPeriod> {
        let ends = self.since.keys().skip(1).copied().chain([self.end]);
        let pieces = self.since.values().zip(self.since.keys().zip(ends));
        pieces.filter_map(|(kind, (start, end))| kind.map(|kind| BusyPeriod { start: *start, end, kind })).collect()
    }
}

#[cfg(test)]
mod tests;
