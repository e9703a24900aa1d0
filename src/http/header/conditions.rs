//! Conditional requests: `If-Match`, `If-None-Match`, `If-Schedule-Tag-Match`, and the date
//! headers.

use std::time::SystemTime;

use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use schemas::metadata::Conditions;
pub(crate) use service::Comparison;
use service::{Require, Tags, entity_tags};

use super::{
    Invalid,
    names::{IF, IF_SCHEDULE_TAG_MATCH, OVERWRITE, PREFER, SCHEDULE_REPLY},
    user_agent::shortened,
};

/// Separates, in the entity tag of a representation, the entity tag of the resource from the name
/// of the representation.
const VARIANT: char = '+';

/// Returns the entity tag of a representation that differs from the stored text of the resource.
pub(crate) fn variant_tag(tag: &str, variant: &str) -> String {
    format!("{tag}{VARIANT}{variant}")
}

/// Removes from the entity tag of a representation the part that names the representation. The
/// result is the entity tag of the resource.
pub(super) fn resource_tag(tag: &str) -> &str {
    tag.split_once(VARIANT).map_or(tag, |(resource, _)| resource)
}

/// Parses the conditions (`If-Match`, `If-None-Match`, `If-Schedule-Tag-Match`) of a write. `Err`
/// if one is malformed.
///
/// A write changes the resource with all its representations. Therefore the tag of any
/// representation is accepted as the tag of the resource.
pub(crate) fn require(headers: &HeaderMap) -> Result<Require, Invalid> {
    let of_resource = |tags| match tags {
        Tags::Any => Tags::Any,
        Tags::Listed(tags) => Tags::Listed(tags.iter().map(|tag| resource_tag(tag).to_owned()).collect()),
    };
    Ok(Require {
        if_match: tags(headers, &IF_MATCH, Comparison::Strong)?.map(of_resource),
        if_none_match: tags(headers, &IF_NONE_MATCH, Comparison::Weak)?.map(of_resource),
        if_schedule_tag_match: schedule_tag(headers)?,
    })
}

/// Returns `If-Match`, `If-None-Match`, `If`, `If-Schedule-Tag-Match`, `Schedule-Reply`,
/// `Overwrite` and `Prefer`, as the client sent them, for the journal. Each value is cut at
/// `Conditions::MAX_BYTES`.
pub(crate) fn as_sent(headers: &HeaderMap) -> Conditions {
    let sent = |name: HeaderName| {
        // RFC 9110 §5.3: several header lines with the same name form one list.
        let lines: Vec<_> = headers.get_all(name).map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!lines.is_empty()).then(|| shortened(&lines.join(", "), Conditions::MAX_BYTES).to_owned())
    };
    Conditions {
        if_match: sent(IF_MATCH),
        if_none_match: sent(IF_NONE_MATCH),
        if_header: sent(IF),
        if_schedule_tag_match: sent(IF_SCHEDULE_TAG_MATCH),
        schedule_reply: sent(SCHEDULE_REPLY),
        overwrite: sent(OVERWRITE),
        prefer: sent(PREFER),
    }
}

/// Parses `*` or a list of entity tags; `None` without the header. Several header lines with this
/// name form one list. `Err` if one is malformed.
pub(crate) fn tags(headers: &HeaderMap, name: &HeaderName, comparison: Comparison) -> Result<Option<Tags>, Invalid> {
    let mut listed = None;
    for value in headers.get_all(name) {
        let not_ascii = |_| Invalid(format!("the header `{name}` has characters outside ASCII").into());
        let value = value.to_str().map_err(not_ascii)?.trim();
        if value == "*" {
            return Ok(Some(Tags::Any));
        }
        listed.get_or_insert_with(Vec::new).extend(entity_tags(value, comparison).map_err(Invalid::from)?);
    }
    Ok(listed.map(Tags::Listed))
}

/// Parses `If-Schedule-Tag-Match`, a single quoted tag (RFC 6638 §8.3); `None` without the header.
/// `Err` if the value is anything else.
fn schedule_tag(headers: &HeaderMap) -> Result<Option<String>, Invalid> {
    let Some(value) = headers.get(IF_SCHEDULE_TAG_MATCH) else { return Ok(None) };
    let value = value.to_str().map_err(|_| Invalid::from("If-Schedule-Tag-Match has characters outside ASCII"))?;
    match entity_tags(value, Comparison::Strong).map_err(Invalid::from)?.as_slice() {
        [tag] => Ok(Some(tag.clone())),
        _ => Err(Invalid::from("If-Schedule-Tag-Match must be one Schedule-Tag in double quotes")),
    }
}

/// Returns the date in a header, in seconds since the epoch. `None` if the header is absent,
/// malformed or before 1970: RFC 9110 §13.1.3 and §13.1.4 say to ignore a malformed date.
pub(crate) fn date(headers: &HeaderMap, name: &HeaderName) -> Option<i64> {
    let date = httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()?;
    let since = date.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn listed(tags: &[&str]) -> Tags {
        Tags::Listed(tags.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn entity_tags_are_read_as_clients_write_them() {
        let rows = [
            ("one", "\"a\"", Ok(listed(&["a"]))),
            ("a list", "\"a\", \"b,c\" ,\"d\"", Ok(listed(&["a", "b,c", "d"]))),
            ("any", " * ", Ok(Tags::Any)),
            ("weak tags never match", "W/\"a\", \"b\"", Ok(listed(&["b"]))),
            ("no quotes", "a, b", Ok(listed(&["a", "b"]))),
            ("marked by a proxy", "\"a-gzip\"", Ok(listed(&["a"]))),
            ("empty", "", Ok(listed(&[]))),
            ("no closing quote", "\"a", Err(())),
        ];
        for (title, value, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(IF_MATCH, HeaderValue::from_str(value).expect("a header value"));
            let read = tags(&headers, &IF_MATCH, Comparison::Strong).map(Option::unwrap).map_err(drop);
            assert_eq!(read, expected, "{title}");
        }
    }

    #[test]
    fn a_weak_tag_matches_where_the_comparison_is_weak() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("W/\"a\""));
        assert_eq!(tags(&headers, &IF_NONE_MATCH, Comparison::Weak).ok().flatten(), Some(listed(&["a"])));
    }

    #[test]
    fn lines_of_a_repeated_header_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(IF_MATCH, HeaderValue::from_static("\"a\""));
        headers.append(IF_MATCH, HeaderValue::from_static("\"b\""));
        assert_eq!(tags(&headers, &IF_MATCH, Comparison::Strong).ok().flatten(), Some(listed(&["a", "b"])));
    }
}
