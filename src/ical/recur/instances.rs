//! The instances of a series: its recurrence set with overrides applied.
//!
//! **Invariant:** the cost depends on the window, not on the age of the series, except for the
//! rules with COUNT that module `occurrences` names.

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
    /// The canonical RECURRENCE-ID of the instance.
    pub key: RecurrenceKey,
    /// The start of the instance.
    pub start: Instant,
    /// The end of the instance; never before the start.
    pub end: Instant,
    /// The start in the local time of the component: for a date its midnight, otherwise the local
    /// time in the component's zone.
    pub local: NaiveDateTime,
    /// The component that defines the instance: the master or an override.
    pub component: Component<'a>,
    /// True if an override defines the instance.
    pub is_override: bool,
}

/// Returns the instances that overlap the window, ordered by start. Tasks that only touch the
/// window are included (RFC 4791 §9.9).
///
/// Returns an error if there are more than [`MAX_INSTANCES`] instances, or if the budget is
/// exhausted.
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

/// Like [`instances`], with another limit for the number of instances.
pub(crate) fn instances_within<'a>(
    series: &Series<'a>,
    zones: &Zones,
    floating: &Zone,
    window: Window,
    limits: (usize, &Budget),
) -> Result<Vec<Instance<'a>>, TooManyInstances> {
    instances_where(series, (zones, floating), window, limits, &|_| true)
}

/// Like [`instances_within`], but returns only the instances of components for which `wanted` is
/// true.
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

/// Length of the first window in a search that ends with the first match, in seconds. A rule
/// generates at most 43,200 starts in it, with FREQ=SECONDLY.
const FIRST_STRETCH: i64 = DAY / 2;
/// Factor by which each further window is longer than the one before it.
const STRETCH_GROWTH: i64 = 8;

/// True if `accept` returns true for an instance that overlaps the window. The search stops at the
/// first match, so the window may be unbounded.
///
/// Returns an error if the search needs more than the budget, or if more than [`MAX_INSTANCES`]
/// instances are in one of the windows that it searches one after another.
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

/// True if `accept` returns true for a generated instance in the window. Only components for which
/// `wanted` is true are expanded. Returns an error in the same cases as [`any`].
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

/// True if the series has an instance with this recurrence key, in its recurrence set (found within
/// the budget of one series) or by an override.
pub fn exists(series: &Series<'_>, zones: &Zones, key: RecurrenceKey) -> bool {
    if series.overridden(key).is_some() {
        return true;
    }
    series.master.and_then(|master| Recurrence::of(master, zones)).is_some_and(|recurrence| recurrence.has(key))
}

/// The recurrence set of a master, for many queries. The rules are parsed only once.
#[derive(Debug)]
pub struct Recurrence {
    clock: Clock,
    set: RecurrenceSet,
}

impl Recurrence {
    /// Reads the rules and dates of a master. Returns `None` if it has no readable start.
    pub fn of(master: Component<'_>, zones: &Zones) -> Option<Self> {
        let times = Timing::of(master, zones, &Zone::Utc)?;
        let set = RecurrenceSet::of(master, &times, zones, &Zone::Utc);
        Some(Self { clock: times.clock, set })
    }

    /// Returns the recurrence keys of all instances of the set. Returns `None` if the set has no
    /// end, if it has more than `limit` instances (with RRULE, excluded ones count), or if the
    /// budget of one series is too small.
    pub fn all(&self, limit: usize) -> Option<Vec<RecurrenceKey>> {
        let window = Window::new(self.set.first(), self.set.last()?.saturating_add(1));
        let occurrences = self.set.all_in(window, limit)?;
        Some(occurrences.into_iter().map(|mark| self.clock.key(mark)).collect())
    }

    /// True if the set has an instance with this recurrence key. Each call has the budget of one
    /// series; if that is too small, the result is false.
    pub fn has(&self, key: RecurrenceKey) -> bool {
        self.clock.key(key.mark()) == key && self.set.has(key.mark())
    }
}
