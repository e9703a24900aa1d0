//! `start` and `end` (RFC 4791 §9.9, §9.6.5).
//!
//! **Invariant:** a range has at least one end. If it has both, the start is before the end.

use super::RequestError;
use ical::{TimeRange, time::Window};

use crate::{error::Condition, time::parse_utc, xml::Element};

/// Makes the error of an element from an explanation.
type Refuse = fn(&Element, String) -> RequestError;

/// Reads the `CALDAV:time-range` of a filter, in which one end may be missing (RFC 4791 §9.9). An
/// invalid range fails `CALDAV:valid-filter` (§7.8).
pub(super) fn span(element: &Element) -> Result<TimeRange, RequestError> {
    ends(element, |element, why| RequestError::refused(Condition::ValidFilter, element, why))
}

/// Reads the `CALDAV:time-range` of a free-busy query, in which one end may be missing (RFC 4791
/// §7.10, §9.9). No condition is defined for an invalid range, so the status is 400.
pub(super) fn open_range(element: &Element) -> Result<TimeRange, RequestError> {
    ends(element, RequestError::invalid)
}

/// Reads a range with both ends (RFC 4791 §9.6.5, §9.6.6, §9.6.7). No condition is defined for an
/// invalid range, so the status is 400.
pub(super) fn range(element: &Element) -> Result<Window, RequestError> {
    let TimeRange { start, end } = ends(element, RequestError::invalid)?;
    match (start, end) {
        (Some(start), Some(end)) => Ok(Window { start, end }),
        (None, _) | (_, None) => Err(RequestError::invalid(element, "it needs a `start` and an `end`")),
    }
}

fn ends(element: &Element, refuse: Refuse) -> Result<TimeRange, RequestError> {
    let range = TimeRange { start: instant(element, "start", refuse)?, end: instant(element, "end", refuse)? };
    match (range.start, range.end) {
        // RFC 4791 §9.9: the element must have one of the two.
        (None, None) => Err(RequestError::invalid(element, "it needs a `start` or an `end`")),
        (Some(start), Some(end)) if start >= end => {
            Err(refuse(element, "its `end` is not after its `start`".to_owned()))
        }
        (Some(_), _) | (None, Some(_)) => Ok(range),
    }
}

fn instant(element: &Element, name: &str, refuse: Refuse) -> Result<Option<i64>, RequestError> {
    let Some(text) = element.attribute(name) else { return Ok(None) };
    // RFC 4791 §7.8, `CALDAV:min-date-time`: the first year is 1.
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
