//! The instances of a series: its recurrence set with the overrides laid over it.
//!
//! **Invariant:** a query costs what its window holds; nothing is expanded that nobody asked for.

use super::TooManyInstances;
use super::expander::Expander;
use super::set::RecurrenceSet;
use super::timing::Timing;
use crate::series::{RecurrenceKey, Series};
use crate::time::{DAY, Instant, Window};
use crate::zone::{Zone, Zones};
use crate::{Component, ComponentId};
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

/// The instances that overlap the window, in the order of their starts; at most so many. Of tasks also those that touch it.
pub fn instances<'a>(
    series: &Series<'a>,
    zones: &Zones,
    floating: &Zone,
    window: impl Into<Window>,
    budget: usize,
) -> Result<Vec<Instance<'a>>, TooManyInstances> {
    let window = window.into();
    let expander = Expander::of(series, zones, floating);
    let mut found = expander.generated(None, window)?;
    found.extend(expander.overrides(window));
    if found.len() > budget {
        return Err(TooManyInstances { limit: budget });
    }
    found.sort_by_key(|instance| (instance.start, instance.key));
    Ok(found)
}

/// What is looked at first, where one instance may do: even of every second, not too many. After it, each time so many times as much.
const FIRST_STRETCH: i64 = DAY / 2;
const STRETCH_GROWTH: i64 = 8;

/// Whether any instance that overlaps the window is accepted. Looks no further than it must, so the window may be open.
pub fn any<'a>(
    series: &Series<'a>,
    zones: &Zones,
    floating: &Zone,
    window: impl Into<Window>,
    accept: &mut dyn FnMut(&Instance<'a>) -> bool,
) -> Result<bool, TooManyInstances> {
    let window = window.into();
    let expander = Expander::of(series, zones, floating);
    Ok(expander.overrides(window).any(|instance| accept(&instance)) || any_generated(&expander, None, window, accept)?)
}

/// Whether an instance is accepted that a rule gives; only of those that component says how they are, if there is one.
pub(super) fn any_generated<'a>(
    expander: &Expander<'_, 'a>,
    by: Option<ComponentId>,
    window: Window,
    accept: &mut dyn FnMut(&Instance<'a>) -> bool,
) -> Result<bool, TooManyInstances> {
    let reach = expander.reach();
    let (mut from, end) = (window.start.max(reach.start), window.end.min(reach.end));
    let mut stretch = FIRST_STRETCH;
    while from < end {
        let to = from.saturating_add(stretch).min(end);
        if expander.generated(by, Window::new(from, to))?.iter().any(&mut *accept) {
            return Ok(true);
        }
        (from, stretch) = (to, stretch.saturating_mul(STRETCH_GROWTH));
    }
    Ok(false)
}

/// Whether the series has such an instance.
pub fn exists(series: &Series<'_>, zones: &Zones, key: RecurrenceKey) -> bool {
    if series.overridden(key).is_some() {
        return true;
    }
    let Some(master) = series.master else { return false };
    let Some(times) = Timing::of(master, zones, &Zone::Utc) else { return false };
    let set = RecurrenceSet::of(master, &times, zones, &Zone::Utc);
    times.clock.key(key.mark()) == key && set.has(key.mark())
}
