//! `Range` and `If-Range` (RFC 9110 §14.2, §13.1.5) for a single range of bytes.

use std::ops::Range;

use actix_web::http::header::{HeaderMap, IF_RANGE, RANGE};

/// The part of a representation that a request with `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RequestedRange {
    Whole,
    Bytes(Range<usize>),
    /// The requested range contains no byte of the representation.
    Unsatisfiable,
}

/// Evaluates `Range` and `If-Range` for a representation of `length` bytes. The server ignores
/// multiple ranges, units other than bytes, and malformed values, as RFC 9110 §14.2 allows: the
/// whole representation is returned.
pub(crate) fn requested_range(headers: &HeaderMap, etag: &str, length: usize) -> RequestedRange {
    let asked = headers.get(RANGE).and_then(|value| value.to_str().ok());
    let Some(spec) = asked.and_then(|value| value.trim().strip_prefix("bytes=")) else { return RequestedRange::Whole };
    if headers.get(IF_RANGE).is_some_and(|tag| !is_tag(tag.as_bytes(), etag)) {
        return RequestedRange::Whole;
    }
    bytes(spec.trim(), length).unwrap_or(RequestedRange::Whole)
}

/// Returns true if `If-Range` holds this entity tag, by strong comparison (RFC 9110 §13.1.5). A
/// date never matches, because a resource can change twice within the same second, so that its date
/// is not a strong validator.
fn is_tag(value: &[u8], etag: &str) -> bool {
    value.trim_ascii().strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\"")) == Some(etag.as_bytes())
}

/// Parses `first-last`, `first-` or `-suffix` (RFC 9110 §14.1.2) into a range; `None` if the text
/// is malformed.
fn bytes(spec: &str, length: usize) -> Option<RequestedRange> {
    let (first, last) = spec.split_once('-')?;
    let range = match (number(first), number(last)) {
        (Some(first), None) if last.is_empty() => first..length,
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        (None, Some(suffix)) if first.is_empty() => length.saturating_sub(suffix)..length,
        (Some(_) | None, Some(_) | None) => return None,
    };
    Some(if range.is_empty() { RequestedRange::Unsatisfiable } else { RequestedRange::Bytes(range) })
}

/// Parses a number of ASCII digits. A number that is too large for the type becomes the type's
/// maximum. `None` if the text has other characters, or none.
fn number(text: &str) -> Option<usize> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn one_range_of_bytes_is_served() {
        let rows = [
            ("the first bytes", "bytes=0-3", RequestedRange::Bytes(0..4)),
            ("to the end", "bytes=6-", RequestedRange::Bytes(6..10)),
            ("the last bytes", "bytes=-3", RequestedRange::Bytes(7..10)),
            ("more than there is", "bytes=4-99999999999999999999", RequestedRange::Bytes(4..10)),
            ("a suffix longer than the whole", "bytes=-99", RequestedRange::Bytes(0..10)),
            ("beyond the end", "bytes=10-", RequestedRange::Unsatisfiable),
            ("nothing at the end", "bytes=-0", RequestedRange::Unsatisfiable),
            ("backwards", "bytes=5-4", RequestedRange::Whole),
            ("several", "bytes=0-1,4-5", RequestedRange::Whole),
            ("another unit", "lines=0-3", RequestedRange::Whole),
            ("nonsense", "bytes=+1-x", RequestedRange::Whole),
            ("nothing", "bytes=-", RequestedRange::Whole),
        ];
        for (title, value, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_static(value));
            assert_eq!(requested_range(&headers, "tag", 10), expected, "{title}");
        }
    }

    #[test]
    fn a_range_of_another_version_is_the_whole() {
        let rows = [
            ("\"tag\"", RequestedRange::Bytes(0..4)),
            ("\"old\"", RequestedRange::Whole),
            ("W/\"tag\"", RequestedRange::Whole),
        ];
        for (tag, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_static("bytes=0-3"));
            headers.insert(IF_RANGE, HeaderValue::from_static(tag));
            assert_eq!(requested_range(&headers, "tag", 10), expected, "{tag}");
        }
    }
}
