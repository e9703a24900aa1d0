//! Repairs of single properties according to the table of `validate`.
//!
//! **Invariant:** a value is repaired only if the table refuses it.

use super::{Context, Purpose, Repair, RepairKind, value, with_value};
use crate::text::{Component, Document, Edit, Property};
use crate::time::local;
use crate::validate::table::{self, Cardinality, Row, Type};
use crate::value::DateTime;

/// Properties that identify the component. An empty one is never removed, because the component
/// would then be another one.
const ESSENTIAL: [&str; 2] = ["UID", "RECURRENCE-ID"];

/// Properties that state the time of a change. In them, a time of zeros states nothing.
const CHANGES: [&str; 3] = ["CREATED", "LAST-MODIFIED", "DTSTAMP"];

/// Repairs values, removes METHOD from stored objects, removes optional properties whose empty
/// value is invalid, and adds missing VERSION and DTSTAMP properties.
pub(super) fn repair(document: &Document, edit: &mut Edit<'_>, context: Context) -> Vec<Repair> {
    let mut repairs = Vec::new();
    if let (Purpose::Stored, Some(method)) = (context.purpose, document.root().property("METHOD")) {
        edit.remove(method.id());
        repairs.push(Repair::property(RepairKind::Method, document.root(), "METHOD"));
    }
    for component in document.components() {
        let Some(shape) = table::shape(component.name()) else { continue };
        for property in component.properties() {
            let row = shape.rows.iter().find(|row| property.is(row.name));
            if let Some(kind) = row.and_then(|row| repair_property(property, row, edit)) {
                repairs.push(Repair::property(kind, component, property.name()));
            }
        }
        for row in shape.rows {
            if let Some((line, kind)) = missing(component, row, context) {
                edit.append_property(component.id(), &line);
                repairs.push(Repair::property(kind, component, row.name));
            }
        }
    }
    repairs
}

fn repair_property(property: Property<'_>, row: &Row, edit: &mut Edit<'_>) -> Option<RepairKind> {
    if says_nothing(property, row) {
        let required = row.cardinality == Cardinality::Once && row.name != "DTSTAMP";
        if required || ESSENTIAL.contains(&row.name) || value::is_valid(property, row.of) {
            return None;
        }
        edit.remove(property.id());
        return Some(RepairKind::EmptyProperty);
    }
    let (repaired, kind) = value::repaired(property, row.of)?;
    edit.replace(property.id(), &with_value(property, &repaired));
    Some(kind)
}

/// True if the value states nothing: it is blank, a GEO of two empty coordinates, or a time of
/// zeros in a property that states the time of a change.
fn says_nothing(property: Property<'_>, row: &Row) -> bool {
    let is_separator = |of: Type, one: char| matches!((of, one), (Type::Geo, ';' | ','));
    let is_zero = CHANGES.contains(&row.name) && property.value().trim().starts_with("00000000");
    is_zero || property.value().chars().all(|one| one.is_whitespace() || is_separator(row.of, one))
}

/// Returns the content line of a required property that the component lacks. Returns `None` if it
/// has the property, or if the value is unknown.
fn missing(component: Component<'_>, row: &Row, context: Context) -> Option<(String, RepairKind)> {
    let has_value = |name: &str| component.properties_named(name).any(|it| !says_nothing(it, row));
    if row.cardinality != Cardinality::Once || has_value(row.name) {
        return None;
    }
    match row.name {
        "VERSION" => Some(("VERSION:2.0".to_owned(), RepairKind::MissingVersion)),
        "DTSTAMP" => Some((format!("DTSTAMP:{}", dtstamp(component, context)), RepairKind::MissingDtstamp)),
        _ => None,
    }
}

/// Returns the time for a missing DTSTAMP: LAST-MODIFIED, else CREATED, else now. In an object
/// without METHOD, DTSTAMP is the time of the last change (RFC 5545 §3.8.7.2).
fn dtstamp(component: Component<'_>, context: Context) -> DateTime {
    let is_utc = |time: &DateTime| matches!(time, DateTime::Utc(_));
    let stated = component.last_modified().filter(is_utc).or_else(|| component.created().filter(is_utc));
    stated.unwrap_or_else(|| DateTime::Utc(local(context.now)))
}
