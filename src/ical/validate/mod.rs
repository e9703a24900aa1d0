//! Whether a well-formed text is a calendar object a server may store or deliver (RFC 4791 §4.1, §5.3.2.1; RFC 5545 §3.6).
//!
//! **Invariant:** every rule has a name, and every refusal says what and where. Strict where two readers could understand
//! different things, lenient where clients are known to err and nothing is ambiguous: what is tolerated is said beside the rule.
//! The document is judged, never mended.

mod component;
mod invalid;
mod kind;
mod object;
mod scale;
mod table;
mod timing;
mod value;
mod zones;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

pub use invalid::{Invalid, Precondition};
pub use kind::ComponentKind;

use crate::text::Document;
use crate::zone::Zones;

/// What an object is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// The UID all its components share.
    pub uid: String,
    /// The one type of its components besides VTIMEZONE, in upper case.
    pub component: String,
    /// The METHOD of a message, in upper case.
    pub method: Option<String>,
}

/// Judges a calendar object resource: what a client may PUT.
pub fn calendar_object(document: &Document) -> Result<ObjectInfo, Invalid> {
    judge(document, object::Purpose::Stored)
}

/// Judges a scheduling message (RFC 5546 §1.4): as a stored object, but with a METHOD.
pub fn scheduling_message(document: &Document) -> Result<ObjectInfo, Invalid> {
    judge(document, object::Purpose::Message)
}

fn judge(document: &Document, purpose: object::Purpose) -> Result<ObjectInfo, Invalid> {
    let summary = object::judge(document.root(), purpose)?;
    for component in document.components() {
        component::judge(component)?;
        timing::judge(component, purpose)?;
    }
    let zones = Zones::of(document);
    object::judge_instances(document.root(), &zones)?;
    if purpose == object::Purpose::Stored {
        scale::judge(document)?;
        zones::judge(document, &zones)?; // who sent a message cannot be asked again: an unknown zone floats there
    }
    Ok(summary)
}
