//! Less of what an object has: overrides and busy times that matter in a window (RFC 4791 §9.6.6, §9.6.7).

use crate::recur::{self, MAX_INSTANCES, TooManyInstances};
use crate::series::{Override, RecurrenceKey, Series};
use crate::time::{TimeRange, Window};
use crate::value::Period;
use crate::zone::{Zone, Zones};
use crate::{ComponentId, Document, Edit, Property};
use std::collections::BTreeSet;

/// Takes away the overrides that neither are in the window nor would be there, were they not overridden.
pub(super) fn overrides(
    edit: &mut Edit<'_>,
    object: &Document,
    window: Window,
    floating: &Zone,
) -> Result<(), TooManyInstances> {
    let zones = Zones::of(object);
    for series in Series::of(object, &zones).iter().filter(|series| !series.overrides.is_empty()) {
        let impact = Impact::of(series, &zones, floating, window)?;
        let goes: BTreeSet<_> = series.overrides.iter().filter(|one| !impact.has(one)).map(|one| one.key).collect();
        // With the one that counts go those that it stands before: nobody shall take them for it.
        for one in series.overrides.iter().chain(&series.superseded).filter(|one| goes.contains(&one.key)) {
            edit.remove_component(one.component.id());
        }
    }
    Ok(())
}

/// What says how the instances in a window are, and which instances would be in it by the rules alone.
struct Impact {
    components: BTreeSet<ComponentId>,
    keys: BTreeSet<RecurrenceKey>,
}

impl Impact {
    fn of(series: &Series<'_>, zones: &Zones, floating: &Zone, window: Window) -> Result<Self, TooManyInstances> {
        let current = recur::instances(series, zones, floating, window, MAX_INSTANCES)?;
        let ruled = Series { uid: series.uid, master: series.master, overrides: Vec::new(), superseded: Vec::new() };
        let components = current.iter().map(|instance| instance.component.id()).collect();
        let ruled = recur::instances(&ruled, zones, floating, window, MAX_INSTANCES)?;
        let mut keys: BTreeSet<_> = ruled.iter().map(|instance| instance.key).collect();
        if series.master.is_none() {
            // Nobody knows how long it would have been.
            let at = |key: RecurrenceKey| zones.instant(&key.date_time(), floating);
            let inside = |key: &RecurrenceKey| TimeRange::from(window).overlaps(at(*key), at(*key));
            keys.extend(series.overrides.iter().map(|one| one.key).filter(inside));
        }
        Ok(Self { components, keys })
    }

    /// One for all that follow is needed to understand them (RFC 4791 §9.6.6).
    fn has(&self, one: &Override<'_>) -> bool {
        one.this_and_future || self.keys.contains(&one.key) || self.components.contains(&one.component.id())
    }
}

/// Takes away the periods of FREEBUSY that are not in the window.
pub(super) fn busy_times(edit: &mut Edit<'_>, object: &Document, window: Window, floating: &Zone) {
    let zones = Zones::of(object);
    let range = TimeRange::from(window);
    for published in object.root().components_named("VFREEBUSY") {
        for property in published.properties_named("FREEBUSY") {
            let kept: Vec<&str> =
                property.value().split(',').filter(|text| is_within(property, text, range, &zones, floating)).collect();
            if kept.is_empty() {
                edit.remove(property.id());
            } else {
                edit.set_value(property.id(), &kept.join(","));
            }
        }
    }
}

/// What cannot be read is kept.
fn is_within(property: Property<'_>, text: &str, range: TimeRange, zones: &Zones, floating: &Zone) -> bool {
    let Ok(period) = Period::parse(text.trim(), property.param("TZID").as_deref()) else { return true };
    let busy = zones.window(&period, floating);
    range.overlaps(busy.start, busy.end)
}
