//! The request body of `PROPPATCH` (RFC 4918 §9.2).
//!
//! **Invariant:** instructions keep the order of the document. There are at most
//! [`super::MAX_PROPERTIES`] of them.

use super::{RequestError, few_properties, required_prop, rooted};
use crate::{
    name::{DAV, QName},
    xml::{Element, Limits},
};

/// One instruction of `PROPPATCH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// Sets a property to the content of this element. [`crate::setting`] and [`crate::property`]
    /// interpret it.
    Set(Element),
    /// Removes the property with this name.
    Remove(QName),
}

impl Update {
    /// Returns the name of the property that is set or removed.
    pub fn name(&self) -> &QName {
        match self {
            Self::Set(property) => &property.name,
            Self::Remove(name) => name,
        }
    }
}

/// Reads the body of `PROPPATCH`, and returns its instructions. Returns an error if the body is
/// malformed, sets and removes nothing, or exceeds a limit.
pub fn proppatch(body: &[u8], limits: &Limits) -> Result<Vec<Update>, RequestError> {
    let root = rooted(body, limits, DAV, "propertyupdate")?;
    let mut updates = Vec::new();
    for instruction in root.elements() {
        match instruction.name.pair() {
            (DAV, "set") => updates.extend(required_prop(instruction)?.elements().cloned().map(Update::Set)),
            (DAV, "remove") => {
                let names = required_prop(instruction)?.elements().map(|element| element.name.clone());
                updates.extend(names.map(Update::Remove));
            }
            _ => {}
        }
        few_properties(instruction, updates.len())?;
    }
    if updates.is_empty() {
        return Err(RequestError::invalid(&root, "the request must set or remove a property"));
    }
    Ok(updates)
}
