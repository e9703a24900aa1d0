//! The `If` header (RFC 4918 §10.4): lists of conditions on the state of resources. The request is
//! processed only if at least one list is true.

use actix_web::http::header::HeaderMap;

use super::{Invalid, conditions::resource_tag, names::IF};

/// Maximum number of lists in one request. Each list can cost a lookup.
const MAX_LISTS: usize = 100;

/// A list of conditions. The list is true if all its conditions are true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StateList {
    /// The URL of the resource, as the client wrote it; `None`: the resource at the request's path.
    pub resource: Option<String>,
    pub conditions: Vec<StateCondition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StateCondition {
    pub negated: bool,
    pub state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// A lock token, or a sync token (RFC 6578 §5).
    Token(String),
    /// An entity tag without its quotes.
    Etag(String),
}

/// Parses all `If` headers of a request. The result is empty without the header. `Err` if they are
/// malformed or have more than [`MAX_LISTS`] lists.
pub(crate) fn state_lists(headers: &HeaderMap) -> Result<Vec<StateList>, Invalid> {
    let mut lists = vec![];
    for value in headers.get_all(IF) {
        let value = value.to_str().map_err(|_| Invalid::from("the If header has characters outside ASCII"))?;
        read(value, &mut lists).map_err(|fault| match fault {
            Fault::Malformed => Invalid::from(
                "the If header must consist of lists in parentheses, of state tokens in <> and entity tags in []",
            ),
            Fault::TooMany => Invalid::from("the If header has more than 100 lists"),
        })?;
    }
    Ok(lists)
}

/// The reason why lists are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Malformed,
    /// There are more than [`MAX_LISTS`].
    TooMany,
}

/// Parses the lists in one header line and appends them to `lists`. Lists after the first
/// [`MAX_LISTS`] are not parsed.
fn read(mut rest: &str, lists: &mut Vec<StateList>) -> Result<(), Fault> {
    let mut resource = None;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return if lists.is_empty() { Err(Fault::Malformed) } else { Ok(()) };
        }
        if let Some(tagged) = rest.strip_prefix('<') {
            let (tag, after) = tagged.split_once('>').ok_or(Fault::Malformed)?;
            // RFC 4918 §10.4.2: a resource tag is followed by a list.
            after.trim_start().strip_prefix('(').ok_or(Fault::Malformed)?;
            (resource, rest) = (Some(tag.to_owned()), after);
            continue;
        }
        let list = rest.strip_prefix('(').ok_or(Fault::Malformed)?;
        // The limit is checked before the next list is stored, because each list copies its
        // resource tag.
        if lists.len() == MAX_LISTS {
            return Err(Fault::TooMany);
        }
        let (conditions, after) = conditions(list).ok_or(Fault::Malformed)?;
        lists.push(StateList { resource: resource.clone(), conditions });
        rest = after;
    }
}

/// Parses the conditions of one list up to its closing parenthesis, and returns them with the rest
/// of the text. `None` if they are malformed.
fn conditions(mut rest: &str) -> Option<(Vec<StateCondition>, &str)> {
    let mut conditions = vec![];
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix(')') {
            return (!conditions.is_empty()).then_some((conditions, after));
        }
        let negation = rest.get(..3).filter(|word| word.eq_ignore_ascii_case("not"));
        rest = rest[negation.map_or(0, str::len)..].trim_start();
        let state = if let Some(token) = rest.strip_prefix('<') {
            let (token, after) = token.split_once('>')?;
            rest = after;
            State::Token(token.to_owned())
        } else {
            let (tag, after) = rest.strip_prefix('[')?.split_once(']')?;
            rest = after;
            // RFC 4918 §10.4.4 allows the weak comparison of entity tags, which is used here.
            State::Etag(resource_tag(tag.trim().trim_start_matches("W/").trim_matches('"')).to_owned())
        };
        conditions.push(StateCondition { negated: negation.is_some(), state });
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_request_has_at_most_a_hundred_lists() {
        let lists = |count: usize, lines: usize| {
            let mut headers = HeaderMap::new();
            for _ in 0..lines {
                let line = format!("</a> {}", "([\"a\"])".repeat(count));
                headers.append(HeaderName::from_static("if"), HeaderValue::from_str(&line).expect("a header value"));
            }
            state_lists(&headers).map(|lists| lists.len()).map_err(|invalid| invalid.0)
        };
        assert_eq!(lists(100, 1), Ok(100));
        assert_eq!(lists(50, 2), Ok(100));
        for (count, lines) in [(101, 1), (10_000, 1), (51, 2)] {
            assert_eq!(lists(count, lines), Err("the If header has more than 100 lists".into()), "{count} {lines}");
        }
        let mut read_lists = vec![];
        assert_eq!(read(&"([a])".repeat(10_000), &mut read_lists), Err(Fault::TooMany));
        assert_eq!(read_lists.len(), MAX_LISTS);
        for end in ["x", "<a", "</a>", ")"] {
            assert_eq!(read(&format!("{}{end}", "([a])".repeat(100)), &mut vec![]), Err(Fault::Malformed), "{end}");
        }
    }

    fn printed(list: &StateList) -> String {
        let condition = |condition: &StateCondition| {
            let state = match &condition.state {
                State::Token(token) => format!("<{token}>"),
                State::Etag(tag) => format!("[{tag}]"),
            };
            if condition.negated { format!("!{state}") } else { state }
        };
        let conditions: String = list.conditions.iter().map(condition).collect();
        format!("{}{conditions}", list.resource.as_deref().unwrap_or_default())
    }

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        let rows: [(&str, Option<&[&str]>); 11] = [
            ("(<urn:uuid:1> [\"a\"]) ([\"b\"])", Some(&["<urn:uuid:1>[a]", "[b]"])),
            ("(Not <urn:uuid:1> <urn:uuid:2>)", Some(&["!<urn:uuid:1><urn:uuid:2>"])),
            ("(<urn:uuid:1>) (Not <DAV:no-lock>)", Some(&["<urn:uuid:1>", "!<DAV:no-lock>"])),
            ("</a> (<urn:uuid:1> [W/\"weak\"]) ([\"strong\"])", Some(&["/a<urn:uuid:1>[weak]", "/a[strong]"])),
            ("</a> (Not [\"1\"]) <http://x/b>([\"2\"])", Some(&["/a![1]", "http://x/b[2]"])),
            ("(not[\"a\"])", Some(&["![a]"])),
            ("()", None),
            ("</a>", None),
            ("\"a\"", None),
            ("([\"a\"", None),
            ("", None),
        ];
        for (value, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static("if"), HeaderValue::from_static(value));
            let lists = state_lists(&headers).ok();
            let lists = lists.map(|lists| lists.iter().map(printed).collect::<Vec<_>>());
            let expected = expected.map(|lists| lists.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(lists, expected, "{value}");
        }
        assert!(state_lists(&HeaderMap::new()).is_ok_and(|lists| lists.is_empty()));
    }
}
