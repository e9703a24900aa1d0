//! Properties that clients keep on a resource.

use schemas::collection::{Property, PropertyName};

/// What of a change is none yet: not set to this very value, not absent already.
pub(crate) fn news(
    known: &[Property],
    set: &[Property],
    removed: &[PropertyName],
) -> (Vec<Property>, Vec<PropertyName>) {
    let set = set.iter().filter(|property| !known.contains(property)).cloned().collect();
    let is_known = |name: &&PropertyName| known.iter().any(|property| property.name == **name);
    (set, removed.iter().filter(is_known).cloned().collect())
}
