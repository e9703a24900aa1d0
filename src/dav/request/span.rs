//! The attributes `start` and `end` of time ranges (RFC 4791 §9.9, §9.6.5).
//!
//! **Invariant:** a range has at least one of `start` and `end`. If it has both, the start is
//! before the end. A time before the year 1 fails the precondition `CALDAV:min-date-time` in every
//! range.

use super::RequestError;
use ical::{TimeRange, time::Window};

use crate::{error::Condition, time::parse_utc, xml::Element};

/// A function that makes an error for an element from an explanation.
type Refuse = fn(&Element, String) -> RequestError;

/// Reads the `CALDAV:time-range` of a filter, which may be open at one end (RFC 4791 §9.9). A
/// malformed time, or an end that is not after the start, fails the precondition
/// `CALDAV:valid-filter` (§7.8). A range with neither `start` nor `end` is answered with 400.
pub(super) fn span(element: &Element) -> Result<TimeRange, RequestError> {
    ends(element, |element, why| RequestError::refused(Condition::ValidFilter, element, why))
}

/// Reads the `CALDAV:time-range` of a free-busy query, which may be open at one end (RFC 4791
/// §7.10, §9.9). The RFC defines no precondition for a malformed range, so the status is 400.
pub(super) fn open_range(element: &Element) -> Result<TimeRange, RequestError> {
    ends(element, RequestError::invalid)
}

/// Reads a range that must have both `start` and `end` (RFC 4791 §9.6.5, §9.6.6, §9.6.7). The RFC
/// defines no precondition for a malformed range, so the status is 400.
pub(super) fn range(element: &Element) -> Result<Window, RequestError> {
    let TimeRange { start, end } = ends(element, RequestError::invalid)?;
    match (start, end) {
        (Some(start), Some(end)) => Ok(Window { start, end }),
        (None, _) | (_, None) => Err(RequestError::invalid(element, "the time range needs both `start` and `end`")),
    }
}

fn ends(element: &Element, refuse: Refuse) -> Result<TimeRange, RequestError> {
    let range = TimeRange { start: instant(element, "start", refuse)?, end: instant(element, "end", refuse)? };
    match (range.start, range.end) {
        // The element must have at least one of the attributes (RFC 4791 §9.9).
        (None, None) => Err(RequestError::invalid(element, "the time range needs `start`, `end` or both")),
        (Some(start), Some(end)) if start >= end => {
            Err(refuse(element, "the `end` of the time range is not after its `start`".to_owned()))
        }
        (Some(_), _) | (None, Some(_)) => Ok(range),
    }
}

fn instant(element: &Element, name: &str, refuse: Refuse) -> Result<Option<i64>, RequestError> {
    let Some(text) = element.attribute(name) else { return Ok(None) };
    // The server's `CALDAV:min-date-time` is in the year 1. An earlier time fails that precondition
    // (RFC 4791 §7.8).
    if text.trim_start().starts_with("0000") {
        return Err(RequestError::refused(
            Condition::MinDateTime,
            element,
            format!("`{name}` lies before the year 0001"),
        ));
    }
    let wrong = || refuse(element, format!("`{name}` must be a date with UTC time, such as `20060104T000000Z`"));
    parse_utc(text.trim()).map(Some).ok_or_else(wrong)
}
