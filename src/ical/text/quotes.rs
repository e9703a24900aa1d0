//! Repair of quotation marks inside a parameter value, such as `CN="Ann "Annie" Lee"`, which RFC
//! 5545 §3.2 does not allow.
//!
//! **Invariant:** a line is repaired only if the result is a well-formed content line. The value
//! ends at the first quotation mark after which the rest of the line can be read as further
//! parameters and a value.

use super::content_line::{self, Parts};
use super::error::Cause;
use super::fold::write_line;
use super::lines::{Lines, unfold_into};
use super::splice::{LineMap, Splicing};
use memchr::memchr_iter;

/// Maximum number of parameters that are repaired in one line.
const MAX_REPAIRED_PARAMS: usize = 8;

/// Encodes quotation marks inside parameter values as `^'` (RFC 6868 §3).
///
/// Returns the repaired text and a map from its lines to those of the original; `None` if nothing
/// was repaired.
pub(crate) fn encoded(text: &str) -> Option<(String, LineMap)> {
    memchr_iter(b'"', text.as_bytes()).next()?;
    let mut repaired = Splicing::of(text, 0);
    let mut is_changed = false;
    for line in Lines::of(text) {
        let raw = &text[line.start..line.content_end];
        if memchr_iter(b'"', raw.as_bytes()).nth(2).is_none() {
            continue;
        }
        let mut content = String::new();
        unfold_into(&mut content, raw);
        if let Some(encoded) = encoded_line(content.trim_end_matches('\r')) {
            let mut clean = String::new();
            write_line(&mut clean, &encoded, &text[line.content_end..line.end]);
            repaired.replace(line.start, line.end, &clean);
            is_changed = true;
        }
    }
    is_changed.then(|| repaired.finish())
}

/// Returns the line with its parameters repaired; `None` if they are well-formed already, or cannot
/// be repaired.
fn encoded_line(line: &str) -> Option<String> {
    let mut line = line.to_owned();
    for done in 0..=MAX_REPAIRED_PARAMS {
        match content_line::split(&line) {
            Ok(Parts { .. }) => return (done > 0).then_some(line),
            Err((at, Cause::MisplacedQuote)) => line = encoded_param(&line, at)?,
            Err(_) => return None,
        }
    }
    None
}

/// Encodes the quotation marks inside the parameter value that contains the misplaced quotation
/// mark at offset `at`. Returns `None` if the start or the end of the value is not found.
fn encoded_param(line: &str, at: usize) -> Option<String> {
    let start = line.get(..at)?.rfind("=\"")? + "=\"".len();
    let end = memchr_iter(b'"', line.as_bytes()).filter(|end| *end > at).find(|end| goes_on(&line[end + 1..]))?;
    Some([&line[..start], &line[start..end].replace('"', "^'"), &line[end..]].concat())
}

/// True if a parameter value may end before `rest`, the remaining text of the line. It may if
/// further parameters, or the colon and the property's value, follow.
fn goes_on(rest: &str) -> bool {
    rest.starts_with([':', ';'])
        && !matches!(content_line::split(&format!("X{rest}")), Err((_, cause)) if cause != Cause::MisplacedQuote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_inside_a_value_is_encoded_where_the_end_is_certain() {
        let rows = [
            ("ATTENDEE;CN=\"A \"B\" C\":mailto:a@x", Some("ATTENDEE;CN=\"A ^'B^' C\":mailto:a@x")),
            ("ATTENDEE;CN=\"\"B\" C\";ROLE=CHAIR:mailto:a@x", Some("ATTENDEE;CN=\"^'B^' C\";ROLE=CHAIR:mailto:a@x")),
            ("A;CN=\"A \"B\"\";X=\"c \"d\" e\":v", Some("A;CN=\"A ^'B^'\";X=\"c ^'d^' e\":v")),
            ("A;CN=\"B\":\"v\" w", None),
            ("A;CN=A \"B\":v", None),
            ("A;CN=\"A \"B\" C:v", None),
        ];
        for (line, expected) in rows {
            assert_eq!(encoded_line(line).as_deref(), expected, "{line}");
        }
    }
}
