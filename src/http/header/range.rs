//! `Range` and `If-Range` (RFC 9110 §14.2, §13.1.5): one part of a representation.

use std::ops::Range;

use actix_web::http::header::{HeaderMap, IF_RANGE, RANGE};

/// What of a representation is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Whole,
    Bytes(Range<usize>),
    /// Nothing of what is asked for is there.
    Beyond,
}

/// Reads the headers against a representation of `length` bytes. Several ranges at once, other units and what cannot
/// be read are ignored, as RFC 9110 §14.2 allows: the whole answers every question.
pub(crate) fn part(headers: &HeaderMap, etag: &str, length: usize) -> Part {
    let asked = headers.get(RANGE).and_then(|value| value.to_str().ok());
    let Some(spec) = asked.and_then(|value| value.trim().strip_prefix("bytes=")) else { return Part::Whole };
    if headers.get(IF_RANGE).is_some_and(|tag| !is_tag(tag.as_bytes(), etag)) {
        return Part::Whole;
    }
    bytes(spec.trim(), length).unwrap_or(Part::Whole)
}

/// RFC 9110 §13.1.5: compared strongly; a date is no strong validator of what may change twice in a second.
fn is_tag(value: &[u8], etag: &str) -> bool {
    value.trim_ascii().strip_prefix(b"\"").and_then(|tag| tag.strip_suffix(b"\"")) == Some(etag.as_bytes())
}

/// RFC 9110 §14.1.2: `first-last`, `first-`, `-suffix`.
fn bytes(spec: &str, length: usize) -> Option<Part> {
    let (first, last) = spec.split_once('-')?;
    let range = match (number(first), number(last)) {
        (Some(first), None) if last.is_empty() => first..length,
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        (None, Some(suffix)) if first.is_empty() => length.saturating_sub(suffix)..length,
        (Some(_) | None, Some(_) | None) => return None,
    };
    Some(if range.is_empty() { Part::Beyond } else { Part::Bytes(range) })
}

/// Digits only; more than there can be is as much as there can be.
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
            ("the first bytes", "bytes=0-3", Part::Bytes(0..4)),
            ("to the end", "bytes=6-", Part::Bytes(6..10)),
            ("the last bytes", "bytes=-3", Part::Bytes(7..10)),
            ("more than there is", "bytes=4-99999999999999999999", Part::Bytes(4..10)),
            ("a suffix longer than the whole", "bytes=-99", Part::Bytes(0..10)),
            ("beyond the end", "bytes=10-", Part::Beyond),
            ("nothing at the end", "bytes=-0", Part::Beyond),
            ("backwards", "bytes=5-4", Part::Whole),
            ("several", "bytes=0-1,4-5", Part::Whole),
            ("another unit", "lines=0-3", Part::Whole),
            ("nonsense", "bytes=+1-x", Part::Whole),
            ("nothing", "bytes=-", Part::Whole),
        ];
        for (title, value, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_static(value));
            assert_eq!(part(&headers, "tag", 10), expected, "{title}");
        }
    }

    #[test]
    fn a_range_of_another_version_is_the_whole() {
        let rows = [("\"tag\"", Part::Bytes(0..4)), ("\"old\"", Part::Whole), ("W/\"tag\"", Part::Whole)];
        for (tag, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_static("bytes=0-3"));
            headers.insert(IF_RANGE, HeaderValue::from_static(tag));
            assert_eq!(part(&headers, "tag", 10), expected, "{tag}");
        }
    }
}
