//! `Prefer` (RFC 7240, RFC 8144) and its predecessor `Brief`.

use actix_web::http::header::HeaderMap;

use super::names::{BRIEF, PREFER};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Return {
    Minimal,
    Representation,
}

/// The preferences in the `Prefer` headers of a request. Unknown preferences are ignored (RFC 7240
/// §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Prefer {
    pub answer: Option<Return>,
    /// True for `depth-noroot` (RFC 8144 §4): the response leaves out the requested collection
    /// itself.
    pub without_root: bool,
}

impl Prefer {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut prefer = Self::default();
        for value in headers.get_all(PREFER) {
            for preference in value.to_str().unwrap_or_default().split(',') {
                prefer.add(preference.split(';').next().unwrap_or_default());
            }
        }
        // Clients of Microsoft send `Brief: t` instead of `Prefer: return=minimal`.
        if headers.get(BRIEF).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"t")) {
            prefer.answer.get_or_insert(Return::Minimal);
        }
        prefer
    }

    fn add(&mut self, preference: &str) {
        let preference: String =
            preference.chars().filter(|character| !character.is_whitespace() && *character != '"').collect();
        // RFC 7240 §2: if a preference is repeated, the first one counts.
        match preference.to_ascii_lowercase().as_str() {
            "return=minimal" | "return-minimal" => {
                self.answer.get_or_insert(Return::Minimal);
            }
            "return=representation" | "return-representation" => {
                self.answer.get_or_insert(Return::Representation);
            }
            "depth-noroot" => self.without_root = true,
            _ => {}
        }
    }

    pub(crate) fn is_minimal(self) -> bool {
        self.answer == Some(Return::Minimal)
    }

    pub(crate) fn is_representation(self) -> bool {
        self.answer == Some(Return::Representation)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn preferences_are_read_and_the_unknown_ignored() {
        let rows = [
            ("prefer", "return=minimal", Some(Return::Minimal), false),
            ("prefer", "depth-noroot, return = \"representation\"", Some(Return::Representation), true),
            ("prefer", "respond-async, wait=100", None, false),
            ("prefer", "return=minimal, return=representation", Some(Return::Minimal), false),
            ("brief", "t", Some(Return::Minimal), false),
            ("brief", "f", None, false),
        ];
        for (name, value, answer, without_root) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            assert_eq!(Prefer::of(&headers), Prefer { answer, without_root }, "{name}: {value}");
        }
    }
}
