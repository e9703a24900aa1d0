//! Repair of calendar user addresses in quotation marks or angle brackets. RFC 5545 §3.3.3 requires
//! a URI as the value.

use super::{Context, Repair, RepairKind, colon, with_value};
use crate::text::{Document, Edit};

pub(super) fn repair(document: &Document, edit: &mut Edit<'_>, _: Context) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for component in document.components() {
        for property in component.properties() {
            let is_address = colon::ADDRESSES.iter().any(|name| property.is(name));
            if let Some(address) = is_address.then(|| inside(property.value())).flatten() {
                edit.replace(property.id(), &with_value(property, address));
                repairs.push(Repair::property(RepairKind::AddressFormat, component, property.name()));
            }
        }
    }
    repairs
}

fn inside(value: &str) -> Option<&str> {
    let value = value.trim();
    let pair = |open: char, close: char| value.strip_prefix(open).and_then(|value| value.strip_suffix(close));
    let inner = pair('"', '"').or_else(|| pair('<', '>'))?.trim();
    (inner.contains([':', '@']) && !inner.contains(['"', '<', '>'])).then_some(inner)
}
