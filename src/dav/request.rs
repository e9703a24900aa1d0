//! Parsers of request bodies, which return plain data.
//!
//! **Invariant:** each public function reads a whole body, or returns an error with the line of the
//! fault. Unknown elements are ignored (RFC 4918 §17), except where that would change
//! the meaning of the request, as in a filter.
//!
//! ```
//! use dav::{request::{Report, report}, xml::Limits};
//!
//! let body = br#"<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
//!   <D:prop><D:getetag/></D:prop><D:href>/calendars/anna/work/a.ics</D:href>
//! </C:calendar-multiget>"#;
//! let request = report(body, &Limits::default())?;
//! let Report::CalendarMultiget(multiget) = request.report else { panic!() };
//! assert_eq!(multiget.hrefs, ["/calendars/anna/work/a.ics"]);
//! # Ok::<(), dav::request::RequestError>(())
//! ```

mod acl;
mod calendar_data;
mod create;
mod error;
mod filter;
mod principals;
mod proppatch;
mod props;
mod report;
mod sharing;
mod span;
mod sync;

pub use acl::{Ace, AcePrincipal, Effect, acl};
pub use create::{Creation, mkcalendar, mkcol};
pub use error::RequestError;
pub use ical::query::MatchType;
pub use principals::{MatchBy, PrincipalMatch, PrincipalSearch, PropertySearch, Test};
pub use proppatch::{Update, proppatch};
pub use props::{Props, Wanted, propfind};
pub use report::{CalendarMultiget, CalendarQuery, Expanded, QueryZone, Report, ReportRequest, report};
pub use sharing::{InviteAnswer, InviteReply, SharedAccess, ShareeChange, Sharing, sharing};
pub use sync::{SyncCollection, SyncLevel};

use crate::{
    name::{DAV, QName},
    xml::{Element, Limits, parse},
};

/// Parses a body and checks that its root has this name. Returns an error otherwise.
fn rooted(body: &[u8], limits: &Limits, namespace: &'static str, local: &'static str) -> Result<Element, RequestError> {
    let root = parse(body, limits)?;
    if root.is(namespace, local) {
        return Ok(root);
    }
    let wanted = QName::of(namespace, local);
    Err(RequestError::invalid(&root, format!("the root element for this method must be `{wanted}`")))
}

/// Maximum number of properties that one `DAV:prop` names, or that one request sets, removes or
/// expands, because each costs work.
const MAX_PROPERTIES: usize = 500;

/// Maximum number of octets of the property names that one `DAV:prop` or one expansion asks for,
/// because the response for each resource repeats the names of missing properties.
const MAX_NAMES_BYTES: usize = 16 * 1024;

/// Checks that a request, or a `DAV:prop` in it, names at most [`MAX_PROPERTIES`] properties;
/// `count` is their number. The error names `element`.
fn few_properties(element: &Element, count: usize) -> Result<(), RequestError> {
    if count <= MAX_PROPERTIES {
        return Ok(());
    }
    Err(RequestError::invalid(
        element,
        format!("the request names more than {MAX_PROPERTIES} properties; send several requests"),
    ))
}

/// Checks that the requested property names have at most [`MAX_NAMES_BYTES`] octets together;
/// `bytes` is their length. The error names `element`.
fn short_names(element: &Element, bytes: usize) -> Result<(), RequestError> {
    if bytes <= MAX_NAMES_BYTES {
        return Ok(());
    }
    let why =
        format!("the names of the properties have more than {MAX_NAMES_BYTES} octets together; send several requests");
    Err(RequestError::invalid(element, why))
}

const MATCH_TYPES: &str = "`match-type` must be `contains`, `starts-with`, `ends-with` or `equals`";

/// Reads the attribute `match-type`; the default is `contains`. Returns `None` if the value is
/// unknown.
fn match_type(element: &Element) -> Option<MatchType> {
    let Some(name) = element.attribute("match-type") else { return Some(MatchType::Contains) };
    MatchType::ALL.into_iter().find(|match_type| match_type.name() == name)
}

/// Returns the `DAV:prop` child of an element. Returns an error unless there is exactly one.
fn required_prop(element: &Element) -> Result<&Element, RequestError> {
    required(element, DAV, "prop")
}

fn required<'a>(
    element: &'a Element,
    namespace: &'static str,
    local: &'static str,
) -> Result<&'a Element, RequestError> {
    let missing =
        || RequestError::invalid(element, format!("the element must contain a `{}`", QName::of(namespace, local)));
    only(element, namespace, local)?.ok_or_else(missing)
}

/// Returns the only child with this name. Returns `None` if there is none, and an error if there
/// are several.
///
/// The RFCs allow such a child once. If the parser took the first of two, the response might not be
/// the one that the client requested.
fn only<'a>(
    element: &'a Element,
    namespace: &'static str,
    local: &'static str,
) -> Result<Option<&'a Element>, RequestError> {
    let mut found = element.named(namespace, local);
    match (found.next(), found.next()) {
        (_, Some(second)) => Err(RequestError::invalid(second, "the element may occur here only once")),
        (first, None) => Ok(first),
    }
}

/// Reads the attribute `name` of a component, property or parameter, in upper case, because these
/// names are case-insensitive. Returns `None` if it is missing or blank.
fn component_name(element: &Element) -> Option<String> {
    let name = element.attribute("name").map(str::trim).filter(|name| !name.is_empty());
    name.map(str::to_ascii_uppercase)
}

/// Returns the text of an element without white space around it, for a word, an href or a number.
fn word(element: &Element) -> String {
    element.text().trim().to_owned()
}

#[cfg(test)]
mod tests;
