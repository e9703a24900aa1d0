//! Splits one content line (RFC 5545 §3.1): `name *(";" param) ":" value`.
//!
//! **Invariant:** an accepted line has a name, well-formed parameters and a colon, so that the
//! views can split it without further checks.

use super::error::Cause;
use super::limits::{MAX_PARAMS, SPARE_PARAMS};
use memchr::memchr;

/// The parts of a content line, as offsets in the unfolded line, in octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) name_len: usize,
    pub(super) colon: usize,
}

/// The offset of a fault, in octets, and its cause.
pub(super) type Fault = (usize, Cause);

pub(super) fn split(line: &str) -> Result<Parts, Fault> {
    split_within(line, MAX_PARAMS + SPARE_PARAMS)
}

/// Like [`split`], with another limit for the number of parameters.
pub(super) fn split_within(line: &str, max_params: usize) -> Result<Parts, Fault> {
    let bytes = line.as_bytes();
    let name_len = token_len(bytes);
    if name_len == 0 && memchr(b':', bytes).is_some() {
        return Err((0, Cause::InvalidName));
    }
    let mut at = name_len;
    let mut params = 0;
    while bytes.get(at) == Some(&b';') {
        params += 1;
        if params > max_params {
            return Err((at, Cause::TooManyParams));
        }
        at = param_end(bytes, at + 1)?;
    }
    match bytes.get(at) {
        Some(b':') => Ok(Parts { name_len, colon: at }),
        Some(_) if memchr(b':', &bytes[at..]).is_some() => Err((at, Cause::InvalidName)),
        Some(_) | None => Err((at, Cause::NoColon)),
    }
}

/// Returns the offset after the parameter whose name starts at `start`. Returns an error if the
/// parameter is malformed.
fn param_end(bytes: &[u8], start: usize) -> Result<usize, Fault> {
    let mut at = start + token_len(&bytes[start..]);
    if at == start {
        return Err((at, Cause::InvalidParamName));
    }
    if bytes.get(at) != Some(&b'=') {
        return Err((at, Cause::ParamWithoutValue));
    }
    loop {
        at = param_value_end(bytes, at + 1)?;
        if bytes.get(at) != Some(&b',') {
            return Ok(at);
        }
    }
}

/// Returns the offset after one parameter value, quoted or not. Returns an error if no value,
/// parameter or colon follows, or if a quotation mark does not enclose the whole value, because it
/// is then unclear where the value ends.
fn param_value_end(bytes: &[u8], start: usize) -> Result<usize, Fault> {
    let quoted = bytes.get(start) == Some(&b'"');
    let from = if quoted {
        let Some(len) = memchr(b'"', &bytes[start + 1..]) else {
            return Err((start, Cause::UnclosedQuote));
        };
        start + 1 + len + 1
    } else {
        start
    };
    let ends = |byte: &u8| matches!(byte, b',' | b';' | b':' | b'"');
    let Some(len) = bytes[from..].iter().position(ends) else {
        return Err((bytes.len(), Cause::NoColon));
    };
    let end = from + len;
    if bytes[end] == b'"' || quoted && len > 0 {
        return Err((end, Cause::MisplacedQuote));
    }
    Ok(end)
}

/// Returns the length, in octets, of the name at the start of the line (RFC 5545 §3.1, iana-token).
/// The RFC excludes the underscore; it is accepted because clients write it in X- names.
fn token_len(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !is_token(*byte)).unwrap_or(bytes.len())
}

/// True if the text has the form of a component name: an iana-token, in which underscores are
/// accepted as well.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token)
}

fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// The octets that a name may contain. This is a table for speed, because every octet of every name
/// is looked up.
static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_line_is_cut_at_the_colon_outside_of_quotes() {
        let rows = [
            ("plain", "SUMMARY:Lunch", ("SUMMARY", "Lunch")),
            ("empty value", "SUMMARY:", ("SUMMARY", "")),
            ("colons in the value", "A:b:c", ("A", "b:c")),
            ("a parameter", "A;B=c:d", ("A", "d")),
            ("an empty parameter", "A;B=:d", ("A", "d")),
            ("a quoted parameter", "A;B=\":;,\":d", ("A", "d")),
            ("an empty quoted parameter", "A;B=\"\":d", ("A", "d")),
            ("values of both kinds", "A;B=x,\"y:z\",w;C=\";\":d", ("A", "d")),
            ("quotes in the value", "A:\"b\"", ("A", "\"b\"")),
            ("carets are no quotes", "A;B=^'x^':d", ("A", "d")),
            ("underscore", "X-A_B:1", ("X-A_B", "1")),
        ];
        for (title, line, (name, value)) in rows {
            let parts = split(line).unwrap_or_else(|fault| panic!("{title}: {fault:?}"));
            assert_eq!((&line[..parts.name_len], &line[parts.colon + 1..]), (name, value), "{title}");
        }
    }

    #[test]
    fn a_broken_content_line_is_refused_where_it_breaks() {
        let rows = [
            ("nothing", "", (0, Cause::NoColon)),
            ("no colon", "SUMMARY", (7, Cause::NoColon)),
            ("no name", ":x", (0, Cause::InvalidName)),
            ("blank in the name", "DT START:x", (2, Cause::InvalidName)),
            ("text", "Hello, world", (5, Cause::NoColon)),
            ("not ASCII", "SUMMÄRY:x", (4, Cause::InvalidName)),
            ("no name but parameters", ";A=b:x", (0, Cause::InvalidName)),
            ("parameter without name", "A;=b:x", (2, Cause::InvalidParamName)),
            ("empty parameter", "A;;B=c:x", (2, Cause::InvalidParamName)),
            ("parameter without value", "A;B:x", (3, Cause::ParamWithoutValue)),
            ("parameter at the end", "A;B=c", (5, Cause::NoColon)),
            ("semicolon at the end", "A;", (2, Cause::InvalidParamName)),
            ("open quote", "A;B=\"c:d", (4, Cause::UnclosedQuote)),
            ("text before the quote", "A;B=c\"d\":e", (5, Cause::MisplacedQuote)),
            ("text behind the quote", "A;B=\"c\"d:e", (8, Cause::MisplacedQuote)),
        ];
        for (title, line, expected) in rows {
            assert_eq!(split(line), Err(expected), "{title}");
        }
    }
}
