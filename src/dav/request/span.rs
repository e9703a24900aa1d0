//! `start` and `end` (RFC 4791 §9.9, §9.6.5).
//!
//! **Invariant:** a span has at least one end, and if both, the start is before the end.

use super::RequestError;
use ical::{TimeRange, time::Window};

use crate::{error::Condition, time::parse_utc, xml::Element};

pub(super) fn span(element: &Element) -> Result<TimeRange, RequestError> {
    let span = TimeRange { start: instant(element, "start")?, end: instant(element, "end")? };
    let why = match (span.start, span.end) {
        // RFC 4791 §9.9: the element has one of the two; without, it is not well-formed CalDAV.
        (None, None) => return Err(RequestError::invalid(element, "it needs a `start` or an `end`")),
        (Some(start), Some(end)) if start >= end => "its `end` is not after its `start`",
        (Some(_), _) | (None, Some(_)) => return Ok(span),
    };
    Err(RequestError::refused(Condition::ValidFilter, element, why))
}

/// Both ends (RFC 4791 §9.6.5, §9.6.6, §9.6.7).
pub(super) fn range(element: &Element) -> Result<Window, RequestError> {
    let TimeRange { start, end } = span(element)?;
    match (start, end) {
        (Some(start), Some(end)) => Ok(Window { start, end }),
        (None, _) | (_, None) => {
            Err(RequestError::refused(Condition::ValidFilter, element, "it needs a `start` and an `end`"))
        }
    }
}

fn instant(element: &Element, name: &str) -> Result<Option<i64>, RequestError> {
    let Some(text) = element.attribute(name) else { return Ok(None) };
    let wrong = || {
        let why = format!("`{name}` is a date with UTC time, such as `20060104T000000Z`");
        RequestError::refused(Condition::ValidFilter, element, why)
    };
    parse_utc(text.trim()).map(Some).ok_or_else(wrong)
}
