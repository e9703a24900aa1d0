//! Ends whose form differs from that of the start (RFC 5545 §3.8.2.2, §3.8.2.3).
//!
//! **Invariant:** the local time stays. An end without a zone has only one meaning if the start has
//! a zone. If the start is in UTC, it has several meanings, and stays as it is.

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

/// Returns a floating end and the zone of the start.
fn without_zone(component: Component<'_>) -> Option<(Property<'_>, String)> {
    let name = if component.is("VTODO") { "DUE" } else { "DTEND" };
    let (start, end) = (component.property("DTSTART")?, component.property(name)?);
    match (start.date_time().ok()?, end.date_time().ok()?) {
        (DateTime::Zoned(_, tzid), DateTime::Floating(_)) => Some((end, tzid.clone())),
        _ => None,
    }
}
