//! A series made ready to be asked for its instances, in any window.
//!
//! **Invariant:** an overridden instance is where its override puts it and nowhere else; an override that no rule knows, or
//! without a master, stands for itself.

use super::set::RecurrenceSet;
use super::times::{Length, Times};
use super::{Clock, Instance, Mark, Slot, TooMany};
use crate::series::{Override, RecurrenceKey, Series};
use crate::time::{DAY, FIRST_CIVIL, Instant, LAST_CIVIL, TimeRange, Window, civil, local};
use crate::zone::{Zone, Zones};
use crate::{Component, ComponentId};
use chrono::NaiveDateTime;

/// Every offset is smaller, and so is every change of one.
const SLACK: i64 = 2 * DAY;

pub(crate) struct Plan<'s, 'a> {
    series: &'s Series<'a>,
    zones: &'s Zones,
    floating: &'s Zone,
    ruled: Option<Ruled<'a>>,
}

/// What the master gives.
struct Ruled<'a> {
    clock: Clock,
    set: RecurrenceSet,
    segments: Vec<Segment<'a>>,
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

impl<'s, 'a> Plan<'s, 'a> {
    pub(super) fn of(series: &'s Series<'a>, zones: &'s Zones, floating: &'s Zone) -> Self {
        let ruled = series.master.and_then(|master| Ruled::of(master, series, zones, floating));
        Self { series, zones, floating, ruled }
    }

    /// The instances overrides stand for, in the order of their keys.
    pub(super) fn overrides(&self, window: Window) -> impl Iterator<Item = Instance<'a>> {
        self.series.overrides.iter().filter_map(move |one| self.override_in(one, window))
    }

    /// The instance one of them stands for, if that is in the window.
    pub(super) fn override_in(&self, one: &Override<'a>, window: Window) -> Option<Instance<'a>> {
        self.overridden(one).filter(|instance| is_in(instance, window))
    }

    fn overridden(&self, one: &Override<'a>) -> Option<Instance<'a>> {
        let (times, local) = if let Some(times) = Times::of(one.component, self.zones, self.floating) {
            let local = times.start.local();
            (times, local)
        } else {
            // It says only what else is different, as a message may: it is where the rule puts it.
            let ruled = self.ruled.as_ref()?;
            (ruled.segment_of(one.key.mark())?.times.clone(), ruled.clock.local(one.key.mark()))
        };
        let start = times.clock.instant_of_local(local);
        let end = times.end_of(local, times.length).max(start);
        Some(Instance { key: one.key, start, end, local, component: one.component, is_override: true })
    }

    pub(super) fn override_at(&self, at: usize) -> &'s Override<'a> {
        &self.series.overrides[at]
    }

    /// The instances the master or a `RANGE=THISANDFUTURE` says how they are, or one of them, nearly in order.
    pub(super) fn ruled(&self, by: Option<ComponentId>, window: Window) -> Result<Vec<Instance<'a>>, TooMany> {
        let mut found = Vec::new();
        let Some(ruled) = &self.ruled else { return Ok(found) };
        let wanted = |segment: &Segment<'a>| by.is_none_or(|by| segment.component.id() == by);
        for (at, segment) in ruled.segments.iter().enumerate().filter(|(_, segment)| wanted(segment)) {
            let until = ruled.segments.get(at + 1).map_or(LAST_CIVIL, |next| next.from);
            for (slot, length) in ruled.set.slots(segment.marks(window, until, ruled))? {
                let key = ruled.clock.key(slot.mark);
                if self.series.overridden(key).is_none() {
                    let instance = segment.placed(slot, key, length, &ruled.clock);
                    found.extend(Some(instance).filter(|instance| is_in(instance, window)));
                }
            }
        }
        Ok(found)
    }

    /// From when to when there can be instances, as far as that is told cheaply.
    pub(super) fn reach(&self) -> Window {
        let Some(ruled) = &self.ruled else { return Window::new(0, 0) };
        let shift = ruled.segments.iter().map(|segment| segment.shift.abs()).max().unwrap_or(0);
        let longest = ruled.segments.iter().map(|segment| segment.longest(&ruled.set)).max().unwrap_or(0);
        let first = ruled.clock.instant(ruled.set.first());
        let last = ruled.set.last_by_until().map_or(LAST_CIVIL, |last| ruled.clock.instant(last));
        Window::new(first.saturating_sub(shift + SLACK), last.saturating_add(shift + longest + SLACK))
    }
}

impl<'a> Ruled<'a> {
    fn of(master: Component<'a>, series: &Series<'a>, zones: &Zones, floating: &Zone) -> Option<Self> {
        let times = Times::of(master, zones, floating)?;
        let set = RecurrenceSet::of(master, &times, zones, floating);
        let clock = times.clock.clone();
        let mut segments = vec![Segment { from: FIRST_CIVIL, component: master, times, shift: 0, is_override: false }];
        let ranges = series.overrides.iter().filter(|one| one.this_and_future);
        for range in ranges {
            let times = Times::of(range.component, zones, floating);
            // One that says no start moves nothing.
            let (times, shift) = match times {
                Some(times) => {
                    let planned = times.clock.local_at(clock.instant(range.key.mark()));
                    let shift = civil(times.start.local()) - civil(planned);
                    (times, shift)
                }
                None => segments.last().map(|before| (before.times.clone(), before.shift))?,
            };
            segments.push(Segment {
                from: range.key.mark(),
                component: range.component,
                times,
                shift,
                is_override: true,
            });
        }
        Some(Self { clock, set, segments })
    }

    fn segment_of(&self, mark: Mark) -> Option<&Segment<'a>> {
        let behind = self.segments.partition_point(|segment| segment.from <= mark);
        self.segments.get(behind.checked_sub(1)?)
    }
}

impl<'a> Segment<'a> {
    fn longest(&self, set: &RecurrenceSet) -> i64 {
        self.times.length.nominal_seconds().max(set.longest_date())
    }

    /// The marks whose instances may be in the window.
    fn marks(&self, window: Window, until: Mark, ruled: &Ruled<'a>) -> Window {
        let mark = |instant: Instant| ruled.clock.mark_of_instant(instant.clamp(FIRST_CIVIL, LAST_CIVIL));
        let is_exact = !self.is_override && !ruled.clock.floats() && self.times.length.days == 0;
        let slack = if is_exact { 0 } else { SLACK };
        let from = mark(window.start).saturating_sub(self.longest(&ruled.set) + self.shift + slack);
        // One more: what touches the window from behind is for the caller to judge.
        let to = mark(window.end).saturating_sub(self.shift - slack - 1);
        Window::new(from.max(self.from), to.min(until))
    }

    fn placed(&self, slot: Slot, key: RecurrenceKey, length: Option<Length>, clock: &Clock) -> Instance<'a> {
        let length = length.unwrap_or(self.times.length);
        let (start, local) = self.start(slot, clock);
        // Not by the local time, which a fold has twice.
        let end =
            if length.days == 0 { start.saturating_add(length.seconds) } else { self.times.end_of(local, length) };
        Instance { key, start, end: end.max(start), local, component: self.component, is_override: self.is_override }
    }

    fn start(&self, slot: Slot, clock: &Clock) -> (Instant, NaiveDateTime) {
        let planned = clock.instant(slot.mark);
        if !self.is_override {
            return (planned, slot.local);
        }
        let local = local(civil(self.times.clock.local_at(planned)) + self.shift);
        (self.times.clock.instant_of_local(local), local)
    }
}

/// A task that ends as the window begins may be in it (RFC 4791 §9.9): who asks looks at it again.
fn is_in(instance: &Instance<'_>, window: Window) -> bool {
    let range = TimeRange::from(window);
    if instance.component.is("VTODO") {
        return range.touches(instance.start, instance.end);
    }
    range.overlaps(instance.start, instance.end)
}
