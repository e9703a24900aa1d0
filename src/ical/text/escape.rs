//! Escapes of TEXT values (RFC 5545 §3.3.11) and parameter values (RFC 6868).
//!
//! **Invariant:** an encoded text contains no line end, and decoding it gives back the text, apart
//! from control characters.

use memchr::memchr2;
use std::borrow::Cow;

/// Encodes a TEXT value: escapes backslash, semicolon, comma and line ends, and drops other control
/// characters except HTAB.
pub fn escape_text(text: &str) -> String {
    encode(text, "\\n", |character| match character {
        '\\' => Some("\\\\"),
        ';' => Some("\\;"),
        ',' => Some("\\,"),
        _ => None,
    })
}

/// Decodes a TEXT value. A backslash before a character that is not escaped this way is kept as it
/// is.
pub fn unescape_text(value: &str) -> Cow<'_, str> {
    decode(value, '\\', |escaped| match escaped {
        'n' | 'N' => Some('\n'),
        '\\' | ';' | ',' => Some(escaped),
        _ => None,
    })
}

/// Replaces each character for which `escape` returns a text, writes CRLF, LF and CR as `newline`,
/// and drops other control characters except HTAB.
fn encode(text: &str, newline: &str, escape: impl Fn(char) -> Option<&'static str>) -> String {
    let mut encoded = String::with_capacity(text.len() + 8);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' => encoded.push_str(newline),
            _ if character.is_ascii_control() && character != '\t' => {}
            _ => match escape(character) {
                Some(escaped) => encoded.push_str(escaped),
                None => encoded.push(character),
            },
        }
    }
    encoded
}

/// Replaces each `mark` and the character after it by the character that `meant` returns. A mark
/// for which `meant` returns `None` stays in the text.
fn decode(value: &str, mark: char, meant: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    let Some(first) = value.find(mark) else { return Cow::Borrowed(value) };
    let mut text = String::with_capacity(value.len());
    text.push_str(&value[..first]);
    let mut characters = value[first..].chars();
    while let Some(character) = characters.next() {
        let mut ahead = characters.clone();
        match ahead.next().filter(|_| character == mark).and_then(&meant) {
            Some(escaped) => {
                text.push(escaped);
                characters = ahead;
            }
            None => text.push(character),
        }
    }
    Cow::Owned(text)
}

/// Splits a value at each separator that is not escaped by a backslash.
pub(super) fn split_escaped(value: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = unescaped(text, separator);
        rest = text.get(end + 1..);
        Some(&text[..end])
    })
}

fn unescaped(text: &str, separator: u8) -> usize {
    let mut at = 0;
    while let Some(len) = memchr2(b'\\', separator, text.as_bytes().get(at..).unwrap_or_default()) {
        if text.as_bytes()[at + len] == separator {
            return at + len;
        }
        at += len + 2;
    }
    text.len()
}

/// Encodes a parameter value: writes carets for characters that a quoted value cannot contain (RFC
/// 6868 §3), and encloses the value in quotation marks if it contains a separator (RFC 5545 §3.2).
pub fn quote_param(value: &str) -> String {
    let encoded = encode(value, "^n", |character| match character {
        '^' => Some("^^"),
        '"' => Some("^'"),
        _ => None,
    });
    if encoded.contains([':', ';', ',']) { format!("\"{encoded}\"") } else { encoded }
}

/// Decodes the caret escapes of a parameter value (RFC 6868 §3).
pub(super) fn decode_carets(value: &str) -> Cow<'_, str> {
    decode(value, '^', |escaped| match escaped {
        'n' => Some('\n'),
        '^' => Some('^'),
        '\'' => Some('"'),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_unescaped_as_the_rfc_says_and_nothing_is_lost() {
        let rows = [
            ("plain", "Lunch", "Lunch"),
            ("RFC 5545 §3.3.11", r"Project XYZ\, Final\; Review\nNext\\", "Project XYZ, Final; Review\nNext\\"),
            ("capital N", r"a\Nb", "a\nb"),
            ("an escaped backslash before n", r"a\\nb", r"a\nb"),
            ("an unknown escape is kept", r#"a\:b\"c"#, r#"a\:b\"c"#),
            ("a backslash at the end", r"a\", r"a\"),
            ("not ASCII behind a backslash", r"a\ä\,", r"a\ä,"),
        ];
        for (title, value, expected) in rows {
            assert_eq!(unescape_text(value), expected, "{title}");
        }
    }

    #[test]
    fn a_list_is_cut_at_commas_that_are_not_escaped() {
        let rows = [
            ("one", "a", vec!["a"]),
            ("two", "a,b", vec!["a", "b"]),
            ("escaped", r"a\,b,c", vec![r"a\,b", "c"]),
            ("an escaped backslash", r"a\\,b", vec![r"a\\", "b"]),
            ("empty items", ",a,", vec!["", "a", ""]),
            ("a backslash at the end", r"a,b\", vec!["a", r"b\"]),
        ];
        for (title, value, expected) in rows {
            assert_eq!(split_escaped(value, b',').collect::<Vec<_>>(), expected, "{title}");
        }
    }

    #[test]
    fn a_parameter_is_quoted_only_where_it_must_be() {
        let rows = [
            ("plain", "Anna B", "Anna B"),
            ("separators", "B, Anna; x:y", "\"B, Anna; x:y\""),
            ("quotes and carets", "the \"A\" ^ team", "the ^'A^' ^^ team"),
            ("newlines", "a\r\nb\nc\rd", "a^nb^nc^nd"),
            ("control characters", "a\u{0}b\tc", "ab\tc"),
            ("empty", "", ""),
        ];
        for (title, value, expected) in rows {
            assert_eq!(quote_param(value), expected, "{title}");
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_read_back(text in "[^\\p{Cc}]*(\n[^\\p{Cc}]*)*") {
            let escaped = escape_text(&text);
            prop_assert_eq!(unescape_text(&escaped), text.as_str());
        }

        #[test]
        fn what_is_quoted_is_read_back(text in "[^\\p{Cc}]*(\n[^\\p{Cc}]*)*") {
            let quoted = quote_param(&text);
            prop_assert_eq!(decode_carets(quoted.trim_matches('"')), text.as_str());
        }
    }
}
