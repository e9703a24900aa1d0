//! The request bodies of `MKCALENDAR` (RFC 4791 §5.3.1) and of extended `MKCOL` (RFC 5689 §3).
//!
//! **Invariant:** an empty body sets no properties. The properties to set do not contain
//! `DAV:resourcetype`, and are at most [`super::MAX_PROPERTIES`].

use super::{RequestError, few_properties, required_prop, rooted};
use crate::{
    name::{CALDAV, DAV, QName},
    xml::{Element, Limits},
};

/// The type and the properties of a new collection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Creation {
    /// The names of the children of `DAV:resourcetype`; `None` if the body has no such element.
    pub resource_type: Option<Vec<QName>>,
    /// The elements of the properties to set, in order.
    pub set: Vec<Element>,
}

/// Reads the body of `MKCALENDAR`. Returns an error if it is malformed or exceeds a limit.
pub fn mkcalendar(body: &[u8], limits: &Limits) -> Result<Creation, RequestError> {
    creation(body, limits, CALDAV, "mkcalendar")
}

/// Reads the body of `MKCOL`. Returns an error if it is malformed or exceeds a limit.
pub fn mkcol(body: &[u8], limits: &Limits) -> Result<Creation, RequestError> {
    creation(body, limits, DAV, "mkcol")
}

fn creation(
    body: &[u8],
    limits: &Limits,
    namespace: &'static str,
    local: &'static str,
) -> Result<Creation, RequestError> {
    let mut creation = Creation::default();
    if body.trim_ascii().is_empty() {
        return Ok(creation);
    }
    let root = rooted(body, limits, namespace, local)?;
    for instruction in root.named(DAV, "set") {
        for property in required_prop(instruction)?.elements() {
            if property.is_dav("resourcetype") {
                creation.resource_type = Some(property.elements().map(|element| element.name.clone()).collect());
            } else {
                creation.set.push(property.clone());
            }
        }
        few_properties(instruction, creation.set.len())?;
    }
    Ok(creation)
}
