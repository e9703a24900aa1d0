//! The ACL and the dead properties of a resource. Changing them sends no messages.

use schemas::{
    ObjectEvent,
    access::AccessControlEntry,
    collection::{Property, PropertyName},
    object::{ObjectAclChanged, ObjectPropertiesChanged, Place},
};

use super::{DecisionContext, Object};
use crate::{Refusal, properties};

/// An `ACL` request (RFC 3744 §8.1): `entries` replace all former entries.
#[derive(Debug, Clone)]
pub struct ChangeAcl {
    pub place: Place,
    pub entries: Vec<AccessControlEntry>,
}

/// A `PROPPATCH` request (RFC 4918 §9.2).
#[derive(Debug, Clone)]
pub struct ChangeProperties {
    pub place: Place,
    pub set: Vec<Property>,
    pub removed: Vec<PropertyName>,
}

pub(super) fn change_acl(
    object: &Object,
    change: &ChangeAcl,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let known = object.at(&change.place).ok_or(Refusal::NotFound)?;
    if known.entries == change.entries {
        return Ok(vec![]);
    }
    let ChangeAcl { place, entries } = change.clone();
    let (home, uid) = (Some(context.home), Some(object.uid.clone()));
    Ok(vec![ObjectEvent::AclChanged(ObjectAclChanged { home, uid, place, entries })])
}

pub(super) fn change_properties(
    object: &Object,
    change: &ChangeProperties,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let known = object.at(&change.place).ok_or(Refusal::NotFound)?;
    let (set, removed) = properties::news(&known.properties, &change.set, &change.removed)?;
    if set.is_empty() && removed.is_empty() {
        return Ok(vec![]);
    }
    let (home, uid, place) = (Some(context.home), Some(object.uid.clone()), change.place.clone());
    Ok(vec![ObjectEvent::PropertiesChanged(ObjectPropertiesChanged { home, uid, place, set, removed })])
}
