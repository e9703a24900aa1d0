//! The instances of a series: its recurrence set with overrides applied.
//!
//! **Invariant:** the cost depends on the instances in the window, not on the age of the series.

use super::clock::Clock;
use super::expander::Expander;
use super::set::RecurrenceSet;
use super::timing::Timing;
use super::{Budget, MAX_INSTANCES, TooManyInstances};
use crate::Component;
use crate::series::{RecurrenceKey, Series};
use crate::time::{DAY, Instant, Window};
use crate::zone::{Zone, Zones};
use chrono::NaiveDateTime;

/// One instance of a series.
#[derive(Debug, Clone, Copy)]
pub struct Instance<'a> {
    /// The canonical RECURRENCE-ID.
    pub key: RecurrenceKey,
    /// The start.
    pub start: Instant,
    /// The end; never before the start.
    pub end: Instant,
    /// The start in local time of its component: the day of a date, or the local time in a zone.
    pub local: NaiveDateTime,
    /// The component that defines it: the master or an override.
    pub component: Component<'a>,
    /// True if an override defines it.
    pub is_override: bool,
}

/// Returns the instances that overlap the window, ordered by start. Tasks that only touch the
/// window are included.
///
/// Returns an error if there are more than [`MAX_INSTANCES`], or the budget is spent.
///
/// # Examples
///
/// ```
/// use ical::Document;
/// use ical::recur::{self, Budget};
/// use ical::series::Series;
/// use ical::time::Window;
/// use ical::zone::{Zone, Zones};
///
/// let document = Document::parse(
///     "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Berlin:20260105T120000\n\
///      DURATION:PT1H\nRRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR\n",
/// )?;
/// let zones = Zones::of(&document);
/// let series = Series::of(&document, &zones).remove(0);
/// // From 2026-01-05T00:00:00Z for two days; noon in Berlin is 11:00 in UTC.
/// let window = Window::new(1_767_571_200, 1_767_744_000);
/// let found = recur::instances(&series, &zones, &Zone::Utc, window, &Budget::default())?;
/// let starts: Vec<_> = found.iter().map(|instance| instance.start - window.start).collect();
/// assert_eq!(starts, [11 * 3600, 35 * 3600]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn instances<'a>(
    series: &Series<'a>,
    zones: &Zones,
    floating: &Zone,
    window: impl Into<Window>,
    budget: &Budget,
) -> Result<Vec<Instance<'a>>, TooManyInstances> {
    instances_within(series, zones, floating, window.into(), (MAX_INSTANCES, budget))
}

/// As [`instances`], with another limit for their number.
pub(crate) fn instances_within<'a>(
    series: &Series<'a>,
    zones: &Zones,
    floating: &Zone,
    window: Window,
    limits: (usize, &Budget),
) -> Result<Vec<Instance<'a>>, TooManyInstances> {
    instances_where(series, (zones, floating), window, limits, &|_| true)
}

/// As [`instances_within`], but only the instances for whose defining component `wanted` is true.
/// The others are not expanded.
pub(crate) fn instances_where<'a>(
    series: &Series<'a>,
    (zones, floating): (&Zones, &Zone),
    window: Window,
    (limit, budget): (usize, &Budget),
    wanted: &dyn Fn(Component<'a>) -> bool,
) -> Result<Vec<Instance<'a>>, TooManyInstances> {
    let expander = Expander::of(series, zones, floating, budget);
    let generated = expander.generated(wanted, window, limit);
    budget.charge(expander.spent() + series.overrides.len());
    let mut found = generated?;
    found.extend(expander.overrides(window).filter(|instance| wanted(instance.component)));
    if found.len() > limit {
        return Err(TooManyInstances { limit });
    }
    found.sort_by_key(|instance| (instance.start, instance.key));
    Ok(found)
}

/// First window searched when a single instance may be enough: at most 43,200 instances even with
/// FREQ=SECONDLY. Each further window is `STRETCH_GROWTH` times longer.
const FIRST_STRETCH: i64 = DAY / 2;
const STRETCH_GROWTH: i64 = 8;

/// True if `accept` returns true for an instance that overlaps the window. The search stops at the
/// first one, so the window may be unbounded.
///
/// Returns an error if the search exceeds its budget.
pub fn any<'a>(
    series: &Series<'a>,
    zones: &Zones,
    floating: &Zone,
    window: impl Into<Window>,
    budget: &Budget,
    accept: &mut dyn FnMut(&Instance<'a>) -> bool,
) -> Result<bool, TooManyInstances> {
    let window = window.into();
    let expander = Expander::of(series, zones, floating, budget);
    budget.charge(series.overrides.len());
    Ok(expander.overrides(window).any(|instance| accept(&instance))
        || any_generated(&expander, &|_| true, window, budget, accept)?)
}

/// True if `accept` returns true for a generated instance. Only those for whose defining component
/// `wanted` is true are tried.
pub(super) fn any_generated<'a>(
    expander: &Expander<'_, 'a>,
    wanted: &dyn Fn(Component<'a>) -> bool,
    window: Window,
    budget: &Budget,
    accept: &mut dyn FnMut(&Instance<'a>) -> bool,
) -> Result<bool, TooManyInstances> {
    let reach = expander.reach();
    let (mut from, end) = (window.start.max(reach.start), window.end.min(reach.end));
    let mut stretch = FIRST_STRETCH;
    while from < end {
        let to = from.saturating_add(stretch).min(end);
        let before = expander.spent();
        let found = expander.generated(wanted, Window::new(from, to), MAX_INSTANCES);
        budget.charge(expander.spent() - before);
        if found?.iter().any(&mut *accept) {
            return Ok(true);
        }
        (from, stretch) = (to, stretch.saturating_mul(STRETCH_GROWTH));
    }
    Ok(false)
}

/// True if the series has an instance with this key.
pub fn exists(series: &Series<'_>, zones: &Zones, key: RecurrenceKey) -> bool {
    if series.overridden(key).is_some() {
        return true;
    }
    series.master.and_then(|master| Recurrence::of(master, zones)).is_some_and(|recurrence| recurrence.has(key))
}

/// The recurrence set of a series, read once to be asked for many instances.
#[derive(Debug)]
pub struct Recurrence {
    clock: Clock,
    set: RecurrenceSet,
}

impl Recurrence {
    /// Reads the rules and dates of a series; `None` if it has no start.
    pub fn of(master: Component<'_>, zones: &Zones) -> Option<Self> {
        let times = Timing::of(master, zones, &Zone::Utc)?;
        let set = RecurrenceSet::of(master, &times, zones, &Zone::Utc);
        Some(Self { clock: times.clock, set })
    }

    /// Returns all instances of the set; `None` if there are more than `limit`, the excluded ones
    /// among them, or the budget of one series does not suffice.
    pub fn all(&self, limit: usize) -> Option<Vec<RecurrenceKey>> {
        let window = Window::new(self.set.first(), self.set.last()?.saturating_add(1));
        let occurrences = self.set.all_in(window, limit)?;
        Some(occurrences.into_iter().map(|mark| self.clock.key(mark)).collect())
    }

    /// True if the set has an instance with this key. Each question has the budget of one series.
    pub fn has(&self, key: RecurrenceKey) -> bool {
        self.clock.key(key.mark()) == key && self.set.has(key.mark())
    }
}
