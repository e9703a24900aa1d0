//! Decodes the octets of a body.

use std::borrow::Cow;

use super::{XmlError, XmlErrorKind};

/// A body as text, and the encodings that its XML declaration may name.
pub(super) struct Decoded<'a> {
    pub text: Cow<'a, str>,
    pub encodings: &'static [&'static str],
}

/// Decodes UTF-8, or UTF-16 with a byte order mark (RFC 4918 §19), and removes the mark. Returns an
/// error for any other encoding.
pub(super) fn decode(body: &[u8]) -> Result<Decoded<'_>, XmlError> {
    let refuse = |line, why: &str| XmlError { kind: XmlErrorKind::Encoding, line, why: why.to_owned() };
    let utf16 = match body {
        [0xff, 0xfe, rest @ ..] => Some((rest, u16::from_le_bytes as fn([u8; 2]) -> u16)),
        [0xfe, 0xff, rest @ ..] => Some((rest, u16::from_be_bytes as fn([u8; 2]) -> u16)),
        // XML 1.0 §4.3.3: a text in UTF-16 begins with a byte order mark.
        [b'<' | b' ' | b'\t' | b'\r' | b'\n', 0, ..] | [0, ..] => {
            return Err(refuse(1, "the body is UTF-16 or UTF-32 without a byte order mark; send UTF-8"));
        }
        _ => None,
    };
    if let Some((rest, unit)) = utf16 {
        let (units, half) = rest.as_chunks::<2>();
        let text = char::decode_utf16(units.iter().map(|bytes| unit(*bytes))).collect::<Result<String, _>>();
        let text = text.ok().filter(|_| half.is_empty());
        let text = text.ok_or_else(|| refuse(1, "the body is not valid UTF-16; send UTF-8"))?;
        return Ok(Decoded { text: text.into(), encodings: &["utf-16"] });
    }
    let body = body.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(body);
    let text = std::str::from_utf8(body).map_err(|error| {
        let line = 1 + memchr::memchr_iter(b'\n', &body[..error.valid_up_to()]).count();
        refuse(line, "the body is not valid UTF-8")
    })?;
    Ok(Decoded { text: text.into(), encodings: &["utf-8", "us-ascii"] })
}
