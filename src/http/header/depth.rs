//! `Depth` (RFC 4918 §10.2).

use actix_web::http::header::HeaderMap;

use super::{Invalid, names::DEPTH};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Depth {
    Zero,
    One,
    Infinity,
}

impl Depth {
    /// Parses the `Depth` header. Returns `absent` if the request has no such header. `Err` if the
    /// value is malformed.
    pub(crate) fn of(headers: &HeaderMap, absent: Self) -> Result<Self, Invalid> {
        let Some(value) = headers.get(DEPTH) else { return Ok(absent) };
        match value.as_bytes().trim_ascii() {
            b"0" => Ok(Self::Zero),
            b"1" => Ok(Self::One),
            value if value.eq_ignore_ascii_case(b"infinity") => Ok(Self::Infinity),
            _ => Err(Invalid::from("Depth must be `0`, `1` or `infinity`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn depth_is_one_of_three_or_what_the_method_says() {
        let rows = [
            (None, Some(Depth::Infinity)),
            (Some("0"), Some(Depth::Zero)),
            (Some(" 1"), Some(Depth::One)),
            (Some("Infinity"), Some(Depth::Infinity)),
            (Some("2"), None),
            (Some(""), None),
        ];
        for (value, expected) in rows {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(HeaderName::from_static("depth"), HeaderValue::from_static(value));
            }
            assert_eq!(Depth::of(&headers, Depth::Infinity).ok(), expected, "{value:?}");
        }
    }
}
