//! The instances of a series: its recurrence set with the overrides laid over it.
//!
//! **Invariant:** an overridden instance is where its override puts it and nowhere else; an override that no rule knows, or
//! without a master, stands for itself.

use super::set::RecurrenceSet;
use super::times::{Length, Times};
use super::{Clock, Mark, Slot, TooMany};
use crate::Component;
use crate::series::{Override, RecurrenceKey, Series};
use crate::time::{DAY, FIRST_CIVIL, Instant, LAST_CIVIL, Window, civil, local};
use crate::zone::{Zone, Zones};
use chrono::NaiveDateTime;

/// One instance of a series.
#[derive(Debug, Clone, Copy)]
pub struct Instance<'a> {
    pub key: RecurrenceKey,
    pub start: Instant,
    /// Not before the start.
    pub end: Instant,
    /// The start by the clock of its component: the day of a date, the local time of a zone.
    pub local: NaiveDateTime,
    /// What says how it is: the master or an override.
    pub component: Component<'a>,
    pub is_override: bool,
}

impl Instance<'_> {
    /// RFC 4791 §9.9, for VEVENT: what takes no time is where it starts.
    pub fn overlaps(&self, window: Window) -> bool {
        let behind = if self.end > self.start { self.end > window.start } else { self.start >= window.start };
        behind && self.start < window.end
    }
}

/// Every offset is smaller, and so is every change of one.
const SLACK: i64 = 2 * DAY;

/// The instances that overlap the window, in the order of their starts; at most so many.
pub fn instances<'a>(
    series: &Series<'a>,
    zones: &Zones,
    floating: &Zone,
    window: impl Into<Window>,
    budget: usize,
) -> Result<Vec<Instance<'a>>, TooMany> {
    let mut search = Search { series, zones, floating, window: window.into(), found: Vec::new() };
    if let Some(master) = series.master {
        search.master(master)?;
    }
    search.overrides();
    search.found.sort_by_key(|instance| (instance.start, instance.key));
    if search.found.len() > budget {
        return Err(TooMany { limit: budget });
    }
    Ok(search.found)
}

/// Whether the series has such an instance.
pub fn exists(series: &Series<'_>, zones: &Zones, key: RecurrenceKey) -> bool {
    if series.overridden(key).is_some() {
        return true;
    }
    let Some(master) = series.master else { return false };
    let Some(times) = Times::of(master, zones, &Zone::Utc) else { return false };
    let set = RecurrenceSet::of(master, &times, zones, &Zone::Utc);
    times.clock.key(key.mark()) == key && set.has(key.mark())
}

struct Search<'s, 'a> {
    series: &'s Series<'a>,
    zones: &'s Zones,
    floating: &'s Zone,
    window: Window,
    found: Vec<Instance<'a>>,
}

/// Instances from one mark on that are alike: as the master says, or as a `RANGE=THISANDFUTURE` does.
struct Segment<'a> {
    from: Mark,
    component: Component<'a>,
    times: Times,
    /// How much later than the rule says, by the clock of the component.
    shift: i64,
    is_override: bool,
}

impl<'a> Search<'_, 'a> {
    fn master(&mut self, master: Component<'a>) -> Result<(), TooMany> {
        let Some(times) = Times::of(master, self.zones, self.floating) else { return Ok(()) };
        let set = RecurrenceSet::of(master, &times, self.zones, self.floating);
        let clock = times.clock.clone();
        let mut segments = vec![Segment { from: FIRST_CIVIL, component: master, times, shift: 0, is_override: false }];
        let ranges = self.series.overrides.iter().filter(|one| one.this_and_future);
        segments.extend(ranges.filter_map(|range| self.segment(range, &clock)));
        for (at, segment) in segments.iter().enumerate() {
            let until = segments.get(at + 1).map_or(LAST_CIVIL, |next| next.from);
            self.segment_instances(segment, until, &set, &clock)?;
        }
        Ok(())
    }

    fn segment(&self, range: &Override<'a>, clock: &Clock) -> Option<Segment<'a>> {
        let times = Times::of(range.component, self.zones, self.floating)?;
        let planned = times.clock.local_at(clock.instant(range.key.mark()));
        let shift = civil(times.start.local()) - civil(planned);
        Some(Segment { from: range.key.mark(), component: range.component, times, shift, is_override: true })
    }

    fn segment_instances(
        &mut self,
        segment: &Segment<'a>,
        until: Mark,
        set: &RecurrenceSet,
        clock: &Clock,
    ) -> Result<(), TooMany> {
        let longest = segment.times.length.nominal_seconds().max(set.longest_date());
        let from = self.mark(clock, self.window.start).saturating_sub(longest + segment.shift + SLACK);
        let to = self.mark(clock, self.window.end).saturating_sub(segment.shift - SLACK);
        let marks = Window::new(from.max(segment.from), to.min(until));
        for (slot, length) in set.slots(marks)? {
            let key = clock.key(slot.mark);
            if self.series.overridden(key).is_none() {
                let instance = placed(segment, slot, key, length, clock);
                self.add(instance);
            }
        }
        Ok(())
    }

    fn mark(&self, clock: &Clock, instant: Instant) -> Mark {
        clock.mark_of_instant(instant.clamp(FIRST_CIVIL, LAST_CIVIL))
    }

    fn overrides(&mut self) {
        for one in &self.series.overrides {
            let Some(times) = Times::of(one.component, self.zones, self.floating) else { continue };
            let local = times.start.local();
            let start = times.clock.instant_of_local(local);
            let end = times.end_of(local, times.length);
            let instance = Instance { key: one.key, start, end, local, component: one.component, is_override: true };
            self.add(instance);
        }
    }

    fn add(&mut self, instance: Instance<'a>) {
        if instance.overlaps(self.window) {
            self.found.push(instance);
        }
    }
}

fn placed<'a>(
    segment: &Segment<'a>,
    slot: Slot,
    key: RecurrenceKey,
    length: Option<Length>,
    clock: &Clock,
) -> Instance<'a> {
    let length = length.unwrap_or(segment.times.length);
    let planned = clock.instant(slot.mark);
    let (start, local) = if segment.is_override {
        let local = local(civil(segment.times.clock.local_at(planned)) + segment.shift);
        (segment.times.clock.instant_of_local(local), local)
    } else {
        (planned, slot.local)
    };
    // Not by the local time, which a fold has twice.
    let end = if length.days == 0 { start.saturating_add(length.seconds) } else { segment.times.end_of(local, length) };
    Instance { key, start, end: end.max(start), local, component: segment.component, is_override: segment.is_override }
}
