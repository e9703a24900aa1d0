//! Reduction of a document to the overrides and FREEBUSY periods in a window (RFC 4791 §9.6.6,
//! §9.6.7).

use crate::recur::{self, Budget, TooManyInstances};
use crate::series::{Override, RecurrenceKey, Series};
use crate::time::{TimeRange, Window};
use crate::value::Period;
use crate::zone::{Zone, Zones};
use crate::{ComponentId, Document, Edit, Property};
use std::collections::BTreeSet;

/// Removes each override that has no effect in the window: neither its own time nor the original
/// time of its instance is in the window. An override with RANGE=THISANDFUTURE always stays.
/// Returns an error if the instances in the window exceed a limit of [`recur::instances`].
pub(super) fn overrides(
    edit: &mut Edit<'_>,
    object: &Document,
    window: Window,
    (floating, budget): (&Zone, &Budget),
) -> Result<(), TooManyInstances> {
    let zones = Zones::of(object);
    for series in Series::of(object, &zones).iter().filter(|series| !series.overrides.is_empty()) {
        let impact = Impact::of(series, (&zones, floating), window, budget)?;
        let goes: BTreeSet<_> = series.overrides.iter().filter(|one| !impact.has(one)).map(|one| one.key).collect();
        // When an override is removed, the overrides that it superseded are removed too. Otherwise
        // a client would show one of them.
        for one in series.overrides.iter().chain(&series.superseded).filter(|one| goes.contains(&one.key)) {
            edit.remove_component(one.component.id());
        }
    }
    Ok(())
}

/// The components that define instances in a window, and the recurrence keys of the instances that
/// the recurrence rules alone would place there.
struct Impact {
    components: BTreeSet<ComponentId>,
    keys: BTreeSet<RecurrenceKey>,
}

impl Impact {
    fn of(
        series: &Series<'_>,
        (zones, floating): (&Zones, &Zone),
        window: Window,
        budget: &Budget,
    ) -> Result<Self, TooManyInstances> {
        let current = recur::instances(series, zones, floating, window, budget)?;
        let ruled = Series { uid: series.uid, master: series.master, overrides: Vec::new(), superseded: Vec::new() };
        let components = current.iter().map(|instance| instance.component.id()).collect();
        let ruled = recur::instances(&ruled, zones, floating, window, budget)?;
        let mut keys: BTreeSet<_> = ruled.iter().map(|instance| instance.key).collect();
        if series.master.is_none() {
            // Without a master, the original length of the instance is unknown, so only its
            // original start counts.
            let at = |key: RecurrenceKey| zones.instant(&key.date_time(), floating);
            let inside = |key: &RecurrenceKey| TimeRange::from(window).overlaps(at(*key), at(*key));
            keys.extend(series.overrides.iter().map(|one| one.key).filter(inside));
        }
        Ok(Self { components, keys })
    }

    /// True if the override has an effect in the window. One with RANGE=THISANDFUTURE always
    /// counts, because later instances depend on it (RFC 4791 §9.6.6).
    fn has(&self, one: &Override<'_>) -> bool {
        one.this_and_future || self.keys.contains(&one.key) || self.components.contains(&one.component.id())
    }
}

/// Removes the FREEBUSY periods outside the window.
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

/// True if the period overlaps the range. A period that cannot be parsed is kept, too.
fn is_within(property: Property<'_>, text: &str, range: TimeRange, zones: &Zones, floating: &Zone) -> bool {
    let Ok(period) = Period::parse(text.trim(), property.param("TZID").as_deref()) else { return true };
    let busy = zones.window(&period, floating);
    range.overlaps(busy.start, busy.end)
}
