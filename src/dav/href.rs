//! Hrefs: percent-encoding, and paths as lists of segments (RFC 3986 §3.3, RFC 4918 §8.3).
//!
//! **Invariant:** a parsed [`Path`] has no empty, `.` or `..` segment and no control character. A
//! segment may contain any other character, even `/`.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// The characters that are percent-encoded in a segment: all except `pchar` (RFC 3986 §3.3).
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

const SEGMENTS: usize = 32;
const BYTES: usize = 8 * 1024;

/// The reason for which an href is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HrefError {
    /// A relative path, a URI of another scheme, or a URI without a host.
    #[error("the URL must be an absolute path, or an `http` or `https` URI")]
    NotAbsolute,
    /// An href with a query (`?`) or a fragment (`#`).
    #[error("the URL must not have a query or a fragment")]
    QueryOrFragment,
    /// An empty segment: `//`.
    #[error("the path of the URL must not have an empty segment")]
    EmptySegment,
    /// A segment `.` or `..`, percent-encoded or not.
    #[error("the path of the URL must not have a `.` or `..` segment")]
    DotSegment,
    /// A segment that is not UTF-8, or contains a control character.
    #[error("each segment of the URL must be percent-encoded UTF-8 without control characters")]
    BadSegment,
    /// An href with more bytes or segments than the limits allow.
    #[error("the URL is longer than {BYTES} bytes, or has more than {SEGMENTS} segments")]
    TooLong,
}

/// An absolute path: its decoded segments, and whether it ends with a slash.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Path {
    /// The decoded segments, from the root.
    pub segments: Vec<String>,
    /// True if the path ends with `/`, as the path of a collection does (RFC 4918 §5.2).
    pub slash: bool,
}

/// A parsed href.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Href {
    /// The host, and the port if there is one, in lower case; `None` if the href is only a path.
    pub authority: Option<String>,
    /// The path of the href.
    pub path: Path,
}

impl Href {
    /// Parses `/a/b/`, or `https://host/a/b/` as in a `Destination` header.
    ///
    /// White space around the href is ignored. A character that should be percent-encoded is
    /// accepted as it is, because clients send both forms, unless it is `?`, `#` or a control
    /// character. Returns an error for each fault that [`HrefError`] names.
    ///
    /// ```
    /// use dav::href::Href;
    ///
    /// let href = Href::parse("https://Example.org/calendars/anna/team%20A/")?;
    /// assert_eq!(href.authority.as_deref(), Some("example.org"));
    /// assert_eq!(href.path.parts(), ["calendars", "anna", "team A"]);
    /// assert_eq!(href.path.to_string(), "/calendars/anna/team%20A/");
    /// assert!(Href::parse("/calendars/../etc").is_err());
    /// # Ok::<(), dav::href::HrefError>(())
    /// ```
    pub fn parse(href: &str) -> Result<Self, HrefError> {
        let href = href.trim();
        if href.len() > BYTES {
            return Err(HrefError::TooLong);
        }
        if href.starts_with('/') && !href.starts_with("//") {
            return Ok(Self { authority: None, path: Path::parse(href)? });
        }
        let (scheme, rest) = href.split_once("://").ok_or(HrefError::NotAbsolute)?;
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Err(HrefError::NotAbsolute);
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        if host.is_empty() || host.starts_with(':') {
            return Err(HrefError::NotAbsolute);
        }
        let path = Path::parse(if path.is_empty() { "/" } else { path })?;
        Ok(Self { authority: Some(host.to_ascii_lowercase()), path })
    }
}

impl Path {
    /// Creates a path from decoded segments.
    pub fn of<S: Into<String>>(segments: impl IntoIterator<Item = S>, slash: bool) -> Self {
        Self { segments: segments.into_iter().map(Into::into).collect(), slash }
    }

    /// Parses an absolute, percent-encoded path, as in a request line. Returns an error for each
    /// fault that [`HrefError`] names.
    pub fn parse(path: &str) -> Result<Self, HrefError> {
        if path.len() > BYTES {
            return Err(HrefError::TooLong);
        }
        if path.contains(['?', '#']) {
            return Err(HrefError::QueryOrFragment);
        }
        let inner = path.strip_prefix('/').ok_or(HrefError::NotAbsolute)?;
        if inner.is_empty() {
            return Ok(Self { segments: Vec::new(), slash: true });
        }
        let (inner, slash) = inner.strip_suffix('/').map_or((inner, false), |inner| (inner, true));
        let segments = inner.split('/').map(decode_segment).collect::<Result<Vec<_>, _>>()?;
        if segments.len() > SEGMENTS {
            return Err(HrefError::TooLong);
        }
        Ok(Self { segments, slash })
    }

    /// Returns the decoded segments, for `match`:
    /// `match path.parts().as_slice() { ["calendars", home, rest @ ..] => … }`.
    pub fn parts(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }
}

/// Writes the path in percent-encoded form.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            write!(f, "/{}", encode_segment(segment))?;
        }
        if self.slash || self.segments.is_empty() { f.write_str("/") } else { Ok(()) }
    }
}

/// Returns a segment in percent-encoded form.
pub fn encode_segment(segment: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(segment, SEGMENT)
}

/// Appends a segment in percent-encoded form.
pub fn push_segment(out: &mut String, segment: &str) {
    out.extend(utf8_percent_encode(segment, SEGMENT));
}

fn decode_segment(segment: &str) -> Result<String, HrefError> {
    if segment.is_empty() {
        return Err(HrefError::EmptySegment);
    }
    let decoded = percent_decode_str(segment).decode_utf8().map_err(|_| HrefError::BadSegment)?;
    if decoded == "." || decoded == ".." {
        return Err(HrefError::DotSegment);
    }
    if decoded.chars().any(char::is_control) {
        return Err(HrefError::BadSegment);
    }
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hrefs_are_read_into_segments() {
        for (href, authority, segments, slash) in [
            ("/", None, &[][..], true),
            ("/a/b", None, &["a", "b"][..], false),
            (" /a/b/\n", None, &["a", "b"], true),
            ("/a%20b/c d/%C3%A4ä", None, &["a b", "c d", "ää"], false),
            ("/a%2Fb", None, &["a/b"], false),
            ("/a%zz%", None, &["a%zz%"], false),
            ("https://User@Example.ORG:8443/a/", Some("example.org:8443"), &["a"], true),
            ("http://example.org", Some("example.org"), &[], true),
        ] {
            let read = Href::parse(href).expect(href);
            assert_eq!(read.authority.as_deref(), authority, "{href}");
            assert_eq!(read.path.parts(), segments, "{href}");
            assert_eq!(read.path.slash, slash, "{href}");
        }
    }

    #[test]
    fn paths_that_could_mean_something_else_are_refused() {
        for (href, expected) in [
            ("", HrefError::NotAbsolute),
            ("a/b", HrefError::NotAbsolute),
            ("//example.org/a", HrefError::NotAbsolute),
            ("mailto:a@b", HrefError::NotAbsolute),
            ("ftp://example.org/a", HrefError::NotAbsolute),
            ("http:///a", HrefError::NotAbsolute),
            ("http://user@/a", HrefError::NotAbsolute),
            ("http://:80/a", HrefError::NotAbsolute),
            ("/a//b", HrefError::EmptySegment),
            ("/a//", HrefError::EmptySegment),
            ("/a/../b", HrefError::DotSegment),
            ("/a/%2e%2E/b", HrefError::DotSegment),
            ("/./a", HrefError::DotSegment),
            ("/a?b", HrefError::QueryOrFragment),
            ("/a#b", HrefError::QueryOrFragment),
            ("/%ff", HrefError::BadSegment),
            ("/a%00", HrefError::BadSegment),
            ("/a%0d%0ab", HrefError::BadSegment),
        ] {
            assert_eq!(Href::parse(href), Err(expected), "{href}");
        }
        assert_eq!(Href::parse(&"/a".repeat(33)), Err(HrefError::TooLong));
        assert_eq!(Href::parse(&format!("/{}", "a".repeat(9000))), Err(HrefError::TooLong));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(segments in proptest::collection::vec("[\\PC]{1,12}", 0..5), slash: bool) {
            prop_assume!(!segments.iter().any(|segment| segment == "." || segment == ".."));
            let slash = slash || segments.is_empty();
            let path = Path::of(segments, slash);
            prop_assert!(path.to_string().is_ascii());
            prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
        }

        #[test]
        fn no_href_panics(href in any::<String>()) {
            let _ = Href::parse(&href);
        }
    }
}
