//! `MKCALENDAR` (RFC 4791 §5.3.1) and extended `MKCOL` (RFC 5689 §3).
//!
//! **Invariant:** no body is an empty creation; `DAV:resourcetype` is never among the properties to set.

use super::{RequestError, required_prop, rooted};
use crate::{
    name::{CALDAV, DAV, QName},
    xml::{Element, Limits},
};

/// What a new collection begins with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Creation {
    /// Children of `DAV:resourcetype`, if the client said one.
    pub resource_type: Option<Vec<QName>>,
    /// Property elements, in order.
    pub set: Vec<Element>,
}

pub fn mkcalendar(body: &[u8], limits: &Limits) -> Result<Creation, RequestError> {
    creation(body, limits, CALDAV, "mkcalendar")
}

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
    }
    Ok(creation)
}
