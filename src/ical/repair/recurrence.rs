//! Repair of redundant properties and overrides, which repeat what others state.
//!
//! **Invariant:** the repaired object has the same instances.

use std::collections::HashSet;

use super::{Context, Repair, RepairKind};
use crate::text::{Component, Document, Edit};
use crate::zone::{Zone, Zones};

/// The properties that define a recurrence set.
const RECURRENCE: [&str; 4] = ["RRULE", "RDATE", "EXDATE", "EXRULE"];

pub(super) fn repair(document: &Document, edit: &mut Edit<'_>, _: Context) -> Vec<Repair> {
    let mut repairs = Vec::new();
    let mut overrides = HashSet::new();
    for component in document.root().components() {
        // Some exporters write an override twice.
        if component.property("RECURRENCE-ID").is_some() && !overrides.insert(component.text()) {
            edit.remove_component(component.id());
            repairs.push(Repair::property(RepairKind::RepeatedOverride, component, "RECURRENCE-ID"));
            continue;
        }
        if component.property("RECURRENCE-ID").is_some() && remove_repeated(document, component, edit) {
            repairs.push(Repair::property(RepairKind::RepeatedRecurrence, component, "RECURRENCE-ID"));
        }
        if component.property("DURATION").is_some() && remove_duration(document, component, edit) {
            repairs.push(Repair::property(RepairKind::RepeatedEnd, component, "DURATION"));
        }
    }
    repairs
}

/// Removes recurrence properties of an override that repeat the master's, which some libraries
/// copy. An override is one instance (RFC 5545 §3.8.4.4). Returns true if any was removed.
fn remove_repeated(document: &Document, one: Component<'_>, edit: &mut Edit<'_>) -> bool {
    let masters = document.root().components_named(one.name());
    let mut masters = masters.filter(|it| it.property("RECURRENCE-ID").is_none() && it.uid() == one.uid());
    let Some(master) = masters.next() else { return false };
    let mut removed = false;
    for property in one.properties().filter(|property| RECURRENCE.iter().any(|name| property.is(name))) {
        if master.properties_named(property.name()).any(|other| other.content_line() == property.content_line()) {
            edit.remove(property.id());
            removed = true;
        }
    }
    removed
}

/// Removes a DURATION that states the same end as DTEND or DUE. Returns true if it was removed.
fn remove_duration(document: &Document, component: Component<'_>, edit: &mut Edit<'_>) -> bool {
    let end = component.date_time("DTEND").or_else(|| component.date_time("DUE"));
    let (Some(start), Some(end), Some(duration)) = (component.start(), end, component.duration()) else { return false };
    let Some(property) = component.property("DURATION") else { return false };
    let zones = Zones::of(document);
    let same_form = start.is_date() == end.is_date() && !duration.is_zero() && !duration.is_negative();
    let same_end = same_form && zones.after(&start, duration, &Zone::Utc) == zones.instant(&end, &Zone::Utc);
    if same_end {
        edit.remove(property.id());
    }
    same_end
}
