//! The expanders of all series of an object, which can be queried for each component.
//!
//! **Invariant:** the query for a component costs only the instances of that component, even if the
//! object has many others. All queries for one series share one budget.

use super::expander::Expander;
use super::instances::any_generated;
use super::{Budget, Instance, TooManyInstances};
use crate::series::Series;
use crate::time::Window;
use crate::zone::{Zone, Zones};
use crate::{Component, ComponentId};
use std::collections::BTreeMap;

pub(crate) struct Expanders<'s, 'a> {
    expanders: Vec<Expander<'s, 'a>>,
    places: BTreeMap<ComponentId, Place>,
}

/// The place of a component: the index of its series, and its index among the overrides. The second
/// index of a master is `None`.
struct Place {
    series: usize,
    override_at: Option<usize>,
}

impl<'s, 'a> Expanders<'s, 'a> {
    pub(crate) fn of(all: &'s [Series<'a>], zones: &'s Zones, floating: &'s Zone, budget: &Budget) -> Self {
        let mut places = BTreeMap::new();
        for (at, series) in all.iter().enumerate() {
            let overrides = series.overrides.iter().enumerate().map(|(at, one)| (one.component, Some(at)));
            for (component, override_at) in overrides.chain(series.master.map(|master| (master, None))) {
                places.insert(component.id(), Place { series: at, override_at });
            }
        }
        Self { expanders: all.iter().map(|series| Expander::of(series, zones, floating, budget)).collect(), places }
    }

    /// True if `accept` returns true for an instance that this component defines and that is in the
    /// window. False for a component that is no master or override. Returns an error in the same
    /// cases as [`any_generated`].
    pub(crate) fn any(
        &self,
        component: Component<'a>,
        window: Window,
        budget: &Budget,
        accept: &mut dyn FnMut(&Instance<'a>) -> bool,
    ) -> Result<bool, TooManyInstances> {
        let Some(place) = self.places.get(&component.id()) else { return Ok(false) };
        let expander = &self.expanders[place.series];
        let own = place.override_at.map(|at| expander.override_at(at));
        if own.and_then(|own| expander.override_in(own, window)).is_some_and(|instance| accept(&instance)) {
            return Ok(true);
        }
        if own.is_some_and(|own| !own.this_and_future) {
            return Ok(false);
        }
        let wanted = |one: Component<'a>| one.id() == component.id();
        any_generated(expander, &wanted, window, budget, accept)
    }
}
