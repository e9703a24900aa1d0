//! Dead properties: the properties that clients store on a resource (RFC 4918 §4).

use std::collections::BTreeMap;

use schemas::collection::{Property, PropertyName};

use crate::Refusal;

/// The maximum size of all dead properties of one resource together, in bytes.
pub const MAX_PROPERTIES_BYTES: usize = 131_072;
/// The maximum number of dead properties of one resource.
pub const MAX_PROPERTIES: usize = 500;

/// Returns the effective part of a change: properties whose value differs, and removals of existing
/// ones.
///
/// Returns an error if the resource would have more or larger properties than the limits allow.
pub(crate) fn news(
    known: &[Property],
    set: &[Property],
    removed: &[PropertyName],
) -> Result<(Vec<Property>, Vec<PropertyName>), Refusal> {
    let values: BTreeMap<_, _> = known.iter().map(|property| (&property.name, &property.xml)).collect();
    let is_new = |property: &&Property| values.get(&property.name) != Some(&&property.xml);
    let set: Vec<_> = set.iter().filter(is_new).cloned().collect();
    let removed: Vec<_> = removed.iter().filter(|name| values.contains_key(name)).cloned().collect();
    if !set.is_empty() {
        let mut held = known.to_vec();
        Property::change(&mut held, &set, &removed);
        within_limits(&held)?;
    }
    Ok((set, removed))
}

/// Returns an error if these are more or larger properties than one resource may have.
pub(crate) fn within_limits(held: &[Property]) -> Result<(), Refusal> {
    if held.len() > MAX_PROPERTIES {
        return Err(Refusal::TooManyProperties { limit: MAX_PROPERTIES });
    }
    if held.iter().map(Property::bytes).sum::<usize>() > MAX_PROPERTIES_BYTES {
        return Err(Refusal::PropertiesTooLarge { limit_bytes: MAX_PROPERTIES_BYTES });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(local: String, bytes: usize) -> Property {
        Property { name: PropertyName { namespace: "urn:example".to_owned(), local }, xml: "x".repeat(bytes) }
    }

    #[test]
    fn a_resource_holds_properties_up_to_their_limits() {
        let many: Vec<_> = (0..=MAX_PROPERTIES).map(|number| property(number.to_string(), 1)).collect();
        assert!(news(&[], &many[1..], &[]).is_ok());
        assert_eq!(news(&[], &many, &[]), Err(Refusal::TooManyProperties { limit: MAX_PROPERTIES }));
        assert!(news(&many[1..], &many[..1], &[many[1].name.clone()]).is_ok(), "one goes, one comes");
        let large = |bytes| [property("a".to_owned(), bytes)];
        assert!(news(&[], &large(MAX_PROPERTIES_BYTES), &[]).is_ok());
        let refused = Err(Refusal::PropertiesTooLarge { limit_bytes: MAX_PROPERTIES_BYTES });
        assert_eq!(news(&[], &large(MAX_PROPERTIES_BYTES + 1), &[]), refused);
        assert_eq!(
            news(&large(MAX_PROPERTIES_BYTES), &[property("b".to_owned(), 1)], &[]),
            refused,
            "all of them count"
        );
    }
}
