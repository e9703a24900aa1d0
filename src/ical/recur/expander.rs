//! A series prepared for expansion in any window.
//!
//! **Invariant:** an overridden instance takes place only at the time of its override. An override
//! without a matching instance or master is an instance of its own.

use super::budget::Budget;
use super::set::RecurrenceSet;
use super::timing::{Length, Timing};
use super::{Clock, Instance, Mark, Occurrence, TooManyInstances};
use crate::Component;
use crate::series::{Override, RecurrenceKey, Series};
use crate::time::{DAY, FIRST_CIVIL, Instant, LAST_CIVIL, TimeRange, Window, civil, local};
use crate::zone::{Zone, Zones};
use chrono::NaiveDateTime;

/// Time by which windows are widened, in seconds: more than any UTC offset and any change of one.
const SLACK: i64 = 2 * DAY;
/// Number of occurrences that are generated beyond the limit, because some of them are overridden
/// or lie in the margins of the window.
const MARGIN: usize = 1_000;

pub(crate) struct Expander<'s, 'a> {
    series: &'s Series<'a>,
    zones: &'s Zones,
    floating: &'s Zone,
    generated: Option<Generator<'a>>,
    /// The work that the budget allowed when the expander was made.
    work: usize,
}

/// The recurrence set of the master, with the overrides for RANGE=THISANDFUTURE that change it.
struct Generator<'a> {
    clock: Clock,
    set: RecurrenceSet,
    segments: Vec<Segment<'a>>,
}

/// Consecutive instances with the same properties, from one point in time on. The properties are
/// those of the master, or of an override with `RANGE=THISANDFUTURE`.
struct Segment<'a> {
    from: Mark,
    component: Component<'a>,
    times: Timing,
    /// The time by which the instances are later than the rule says, in seconds of local time. It
    /// is negative if they are earlier.
    shift: i64,
    is_override: bool,
}

impl<'s, 'a> Expander<'s, 'a> {
    pub(super) fn of(series: &'s Series<'a>, zones: &'s Zones, floating: &'s Zone, budget: &Budget) -> Self {
        let share = budget.share();
        let work = share.left();
        let generated = series.master.and_then(|master| Generator::of(master, series, zones, floating, share));
        Self { series, zones, floating, generated, work }
    }

    /// Returns the work that expansion has cost so far.
    pub(super) fn spent(&self) -> usize {
        self.generated.as_ref().map_or(0, |generated| self.work - generated.set.left())
    }

    /// Returns the instances of all overrides in the window, ordered by recurrence key.
    pub(super) fn overrides(&self, window: Window) -> impl Iterator<Item = Instance<'a>> {
        self.series.overrides.iter().filter_map(move |one| self.override_in(one, window))
    }

    /// Returns the instance that an override defines; `None` if it is not in the window, or if its
    /// time is unknown.
    pub(super) fn override_in(&self, one: &Override<'a>, window: Window) -> Option<Instance<'a>> {
        self.overridden(one).filter(|instance| is_in(instance, window))
    }

    fn overridden(&self, one: &Override<'a>) -> Option<Instance<'a>> {
        let (times, local) = if let Some(times) = Timing::of(one.component, self.zones, self.floating) {
            let local = times.start.local();
            (times, local)
        } else {
            // An override in a message may have no DTSTART. It then takes place when the rule says.
            let generated = self.generated.as_ref()?;
            (generated.segment_of(one.key.mark())?.times.clone(), generated.clock.local(one.key.mark()))
        };
        let start = times.clock.instant_of_local(local);
        let end = times.end_of(local, times.length).max(start);
        Some(Instance { key: one.key, start, end, local, component: one.component, is_override: true })
    }

    pub(super) fn override_at(&self, at: usize) -> &'s Override<'a> {
        &self.series.overrides[at]
    }

    /// Returns the instances that the master or an override with `RANGE=THISANDFUTURE` defines, for
    /// each component in the order of their keys. Only components for which `wanted` is true are
    /// expanded.
    ///
    /// Returns an error if there are more than `limit` instances, if a component with rules has
    /// more than `limit` plus [`MARGIN`] occurrences, or if the budget is exhausted.
    pub(super) fn generated(
        &self,
        wanted: &dyn Fn(Component<'a>) -> bool,
        window: Window,
        limit: usize,
    ) -> Result<Vec<Instance<'a>>, TooManyInstances> {
        let mut found = Vec::new();
        let Some(generated) = &self.generated else { return Ok(found) };
        for (at, segment) in generated.segments.iter().enumerate().filter(|(_, segment)| wanted(segment.component)) {
            let until = generated.segments.get(at + 1).map_or(LAST_CIVIL, |next| next.from);
            let marks = segment.marks(window, until, generated);
            let occurrences = generated.set.occurrences(marks, limit + MARGIN);
            for (occurrence, length) in occurrences.map_err(|_| TooManyInstances { limit })? {
                let key = generated.clock.key(occurrence.mark);
                if self.series.overridden(key).is_none() {
                    let instance = segment.placed(occurrence, key, length, &generated.clock);
                    found.extend(Some(instance).filter(|instance| is_in(instance, window)));
                }
            }
        }
        if found.len() > limit { Err(TooManyInstances { limit }) } else { Ok(found) }
    }

    /// Returns a window that contains all generated instances. If a rule has no UNTIL, the window
    /// reaches to the end of the calendar.
    pub(super) fn reach(&self) -> Window {
        let Some(generated) = &self.generated else { return Window::new(0, 0) };
        let shift = generated.segments.iter().map(|segment| segment.shift.abs()).max().unwrap_or(0);
        let longest = generated.segments.iter().map(|segment| segment.longest(&generated.set)).max().unwrap_or(0);
        let first = generated.clock.instant(generated.set.first());
        let last = generated.set.last_by_until().map_or(LAST_CIVIL, |last| generated.clock.instant(last));
        Window::new(first.saturating_sub(shift + SLACK), last.saturating_add(shift + longest + SLACK))
    }
}

impl<'a> Generator<'a> {
    fn of(master: Component<'a>, series: &Series<'a>, zones: &Zones, floating: &Zone, budget: Budget) -> Option<Self> {
        let times = Timing::of(master, zones, floating)?;
        let set = RecurrenceSet::with_budget(master, &times, zones, floating, budget);
        let clock = times.clock.clone();
        let mut segments = vec![Segment { from: FIRST_CIVIL, component: master, times, shift: 0, is_override: false }];
        let ranges = series.overrides.iter().filter(|one| one.this_and_future);
        for range in ranges {
            let times = Timing::of(range.component, zones, floating);
            // Without DTSTART, the override keeps the length and shift of the segment before it.
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

    /// Returns the range of marks (times on the clock of the series) whose instances may be in the
    /// window. The segment ends before `until`.
    fn marks(&self, window: Window, until: Mark, generated: &Generator<'a>) -> Window {
        let mark = |instant: Instant| generated.clock.mark_of_instant(instant.clamp(FIRST_CIVIL, LAST_CIVIL));
        let is_exact = !self.is_override && !generated.clock.floats() && self.times.length.days == 0;
        let slack = if is_exact { 0 } else { SLACK };
        let from = mark(window.start).saturating_sub(self.longest(&generated.set) + self.shift + slack);
        // One more second includes instances that only touch the end of the window, which [`is_in`]
        // decides about.
        let to = mark(window.end).saturating_sub(self.shift - slack - 1);
        Window::new(from.max(self.from), to.min(until))
    }

    fn placed(
        &self,
        occurrence: Occurrence,
        key: RecurrenceKey,
        length: Option<Length>,
        clock: &Clock,
    ) -> Instance<'a> {
        let length = length.unwrap_or(self.times.length);
        let (start, local) = self.start(occurrence, clock);
        // Local times are ambiguous when clocks are set back, so an exact length is added to the
        // instant.
        let end =
            if length.days == 0 { start.saturating_add(length.seconds) } else { self.times.end_of(local, length) };
        Instance { key, start, end: end.max(start), local, component: self.component, is_override: self.is_override }
    }

    fn start(&self, occurrence: Occurrence, clock: &Clock) -> (Instant, NaiveDateTime) {
        let planned = clock.instant(occurrence.mark);
        if !self.is_override {
            return (planned, occurrence.local);
        }
        let local = local(civil(self.times.clock.local_at(planned)) + self.shift);
        (self.times.clock.instant_of_local(local), local)
    }
}

/// True if the instance overlaps the window. A task is included even if it only touches the window:
/// RFC 4791 §9.9 has other rules for tasks, which the caller applies.
fn is_in(instance: &Instance<'_>, window: Window) -> bool {
    let range = TimeRange::from(window);
    if instance.component.is("VTODO") {
        return range.touches(instance.start, instance.end);
    }
    range.overlaps(instance.start, instance.end)
}
