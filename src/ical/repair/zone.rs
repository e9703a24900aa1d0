//! An empty TZID (RFC 5545 §3.2.19) names no zone: the time is floating, or the instant that it
//! says.

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
