//! Repair of empty TZID parameters (RFC 5545 §3.2.19). An empty TZID names no zone, so it is
//! removed: a local time is then floating, and a time in UTC stays the same instant.

use super::{Context, Repair, RepairKind};
use crate::text::{Document, Edit};

pub(super) fn repair(document: &Document, edit: &mut Edit<'_>, _: Context) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for component in document.components() {
        for property in component.properties() {
            if property.param("TZID").is_some_and(|tzid| tzid.trim().is_empty()) {
                edit.remove_param(property.id(), "TZID");
                repairs.push(Repair::property(RepairKind::EmptyTimeZone, component, property.name()));
            }
        }
    }
    repairs
}
