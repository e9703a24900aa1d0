//! Repair of properties that may occur only once, but occur several times, on lines that differ.
//!
//! **Invariant:** one of the values is kept, unchanged. The choice is certain only for the
//! properties in [`REPAIRS`], or if all values but one are empty. Other properties stay as they
//! are.

use super::{Context, Repair, RepairKind};
use crate::text::{Component, Document, Edit, Property};
use crate::validate::table::{self, Cardinality};
use std::cmp::Reverse;

/// The rule that selects the value to keep of a property that may occur once, but occurs several
/// times.
#[derive(Debug, Clone, Copy)]
enum Keep {
    /// Keeps the latest time, for properties with the time of a change.
    Latest,
    /// Keeps the earliest time, for properties with the time of creation.
    Earliest,
    /// Keeps the greatest number, for revisions and progress.
    Greatest,
    /// Keeps the first value, for properties on whose value nothing depends.
    First,
}

const REPAIRS: [(&str, Keep); 7] = [
    ("DTSTAMP", Keep::Latest),
    ("LAST-MODIFIED", Keep::Latest),
    ("ACKNOWLEDGED", Keep::Latest),
    ("CREATED", Keep::Earliest),
    ("SEQUENCE", Keep::Greatest),
    ("PERCENT-COMPLETE", Keep::Greatest),
    ("PRODID", Keep::First),
];

pub(super) fn repair(document: &Document, edit: &mut Edit<'_>, _: Context) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for component in document.components() {
        let Some(shape) = table::shape(component.name()) else { continue };
        for row in shape.rows.iter().filter(|row| row.cardinality != Cardinality::Any) {
            if let Some(kept) = kept(component, row.name) {
                let others = component.properties_named(row.name).filter(|other| other.id() != kept.id());
                others.for_each(|other| edit.remove(other.id()));
                repairs.push(Repair::property(RepairKind::RepeatedProperty, component, row.name));
            }
        }
    }
    repairs
}

/// Returns the property to keep. Returns `None` if there are no two different lines, or if it is
/// unknown which one to keep.
fn kept<'a>(component: Component<'a>, name: &str) -> Option<Property<'a>> {
    // Most properties occur once.
    component.properties_named(name).nth(1)?;
    let first = component.property(name)?;
    let all: Vec<_> = component.properties_named(name).collect();
    if all.iter().all(|other| other.content_line() == first.content_line()) {
        return None;
    }
    let mut stated = all.iter().copied().filter(|property| !property.value().trim().is_empty());
    if let (Some(only), None) = (stated.next(), stated.next()) {
        return Some(only);
    }
    let (_, keep) = REPAIRS.iter().find(|(known, _)| *known == name)?;
    let time = |property: &Property<'a>| property.date_time().ok().map(|time| time.local());
    match keep {
        Keep::Latest => all.into_iter().max_by_key(time),
        Keep::Earliest => all.into_iter().max_by_key(|property| time(property).map(Reverse)),
        Keep::Greatest => all.into_iter().max_by_key(|property| property.integer().ok()),
        Keep::First => Some(first),
    }
}
