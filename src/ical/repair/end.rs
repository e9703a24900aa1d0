//! Repair of ends without a zone where the start has one (RFC 5545 §3.8.2.2, §3.8.2.3).
//!
//! **Invariant:** the local time of the end stays the same. The end gets the zone of the start,
//! which is its only possible meaning. If the start is in UTC, the end has several possible
//! meanings, and stays as it is.

use super::{Context, Repair, RepairKind};
use crate::text::{Component, Document, Edit, Property};
use crate::value::DateTime;

pub(super) fn repair(document: &Document, edit: &mut Edit<'_>, _: Context) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for component in document.root().components() {
        if let Some((end, tzid)) = without_zone(component) {
            edit.set_param(end.id(), "TZID", &tzid);
            repairs.push(Repair::property(RepairKind::EndWithoutZone, component, end.name()));
        }
    }
    repairs
}

/// Returns the end if it is a floating time, and the TZID of the start; `None` if there is nothing
/// to repair.
fn without_zone(component: Component<'_>) -> Option<(Property<'_>, String)> {
    let name = if component.is("VTODO") { "DUE" } else { "DTEND" };
    let (start, end) = (component.property("DTSTART")?, component.property(name)?);
    match (start.date_time().ok()?, end.date_time().ok()?) {
        (DateTime::Zoned(_, tzid), DateTime::Floating(_)) => Some((end, tzid.clone())),
        _ => None,
    }
}
