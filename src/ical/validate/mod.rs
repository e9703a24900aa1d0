//! Validation: checks whether a well-formed text is a calendar object that the server may store or
//! deliver (RFC 4791 §4.1, §5.3.2.1; RFC 5545 §3.6).
//!
//! **Invariant:** every rule has a name, and every error says what is wrong and where. Validation
//! is strict if two programs could understand a text differently. It is lenient if a common error
//! of clients has only one meaning; the comment at such a rule says what is tolerated. Validation
//! never changes the document.

mod component;
mod invalid;
mod kind;
mod object;
mod scale;
pub(crate) mod table;
mod timing;
pub(crate) mod value;
mod zones;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

pub use invalid::{Invalid, Precondition};
pub use kind::ComponentKind;

use crate::text::Document;
use crate::zone::Zones;

/// The UID, component type and method of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// The UID that all components of the object share, decoded.
    pub uid: String,
    /// The component type of the object, such as `VEVENT`, in upper case.
    pub component: String,
    /// The METHOD of a scheduling message, in upper case; `None` for a calendar object resource.
    pub method: Option<String>,
}

/// Checks a calendar object resource, as a client may PUT it.
///
/// Returns the first violated rule as an error.
///
/// # Examples
///
/// ```
/// use ical::{Document, validate};
///
/// let document = Document::parse("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTAMP:20260101T000000Z\n\
///                                 DTSTART:20260105T120000Z\nEND:VEVENT\nEND:VCALENDAR\n")?;
/// let object = validate::calendar_object(&document)?;
/// assert_eq!((object.uid.as_str(), object.component.as_str()), ("1", "VEVENT"));
///
/// let invalid = validate::scheduling_message(&document).unwrap_err();
/// assert_eq!(invalid.to_string(), "line 1, VCALENDAR: a scheduling message requires METHOD (method)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn calendar_object(document: &Document) -> Result<ObjectInfo, Invalid> {
    judge(document, object::Purpose::Stored)
}

/// Checks a scheduling message (RFC 5546 §1.4): an object with a METHOD.
///
/// Returns the first violated rule as an error.
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
    for component in document.components() {
        timing::judge_instants(component, &zones)?;
    }
    object::judge_instances(document.root(), &zones)?;
    if purpose == object::Purpose::Stored {
        scale::judge(document)?;
        // In a message, an unknown zone is accepted, and its times float: the sender cannot be
        // asked again.
        zones::judge(document, &zones)?;
    }
    Ok(summary)
}
