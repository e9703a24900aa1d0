//! `PROPPATCH` (RFC 4918 §9.2).
//!
//! **Invariant:** instructions keep the order of the document.

use super::{RequestError, required_prop, rooted};
use crate::{
    name::{DAV, QName},
    xml::{Element, Limits},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// The whole property element; see [`crate::property`] for what to make of it.
    Set(Element),
    Remove(QName),
}

impl Update {
    pub fn name(&self) -> &QName {
        match self {
            Self::Set(property) => &property.name,
            Self::Remove(name) => name,
        }
    }
}

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
    }
    if updates.is_empty() {
        return Err(RequestError::invalid(&root, "it sets and removes nothing"));
    }
    Ok(updates)
}
