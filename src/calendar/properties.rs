//! Properties that clients keep on a resource.

use schemas::collection::{Property, PropertyName};

/// Returns the effective part of a change: properties whose value differs, and removals of existing ones.
pub(crate) fn news(
    known: &[Property],
    set: &[Property],
    removed: &[PropertyName],
) -> (Vec<Property>, Vec<PropertyName>) {
    let set = set.iter().filter(|property| !known.contains(property)).cloned().collect();
    let is_known = |name: &&PropertyName| known.iter().any(|property| property.name == **name);
    (set, removed.iter().filter(is_known).cloned().collect())
}
