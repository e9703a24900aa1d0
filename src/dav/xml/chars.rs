//! The characters and names that XML 1.0 allows, and entity references.
//!
//! **Invariant:** the only entities are the five predefined ones; documents cannot declare others.

use std::borrow::Cow;

/// XML 1.0 §2.2, production `Char`.
pub(super) fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

pub(super) fn first_forbidden(text: &str) -> Option<char> {
    // Forbidden are control characters, and U+FFFE and U+FFFF, whose first byte is 0xEF.
    if !text.bytes().any(|byte| byte < b' ' || byte == 0xef) {
        return None;
    }
    text.chars().find(|character| !is_allowed(*character))
}

/// Namespaces in XML 1.0 §3, production `NCName`, slightly widened: any letter or digit beyond
/// ASCII passes.
pub(super) fn is_nc_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(is_name_start)
        && characters.all(|c| is_name_start(c) || c.is_ascii_digit() || matches!(c, '-' | '.' | '\u{b7}'))
}

fn is_name_start(character: char) -> bool {
    character.is_ascii_alphabetic()
        || character == '_'
        || (!character.is_ascii() && is_allowed(character) && !character.is_whitespace() && character != '\u{d7}')
}

/// Returns the character of the reference `&name;`; `None` if there is none.
pub(super) fn resolve(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        other => {
            let digits = other.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hex) => number(hex, 16)?,
                None => number(digits, 10)?,
            };
            char::from_u32(code).filter(|character| is_allowed(*character))
        }
    }
}

/// Parses digits; unlike `from_str_radix`, refuses a sign.
fn number(digits: &str, radix: u32) -> Option<u32> {
    digits.chars().all(|digit| digit.is_digit(radix)).then(|| u32::from_str_radix(digits, radix).ok()).flatten()
}

/// Returns the value of an attribute: references resolved, white space normalised (XML 1.0 §3.3.3).
/// `Err` holds the reference that is unknown.
pub(super) fn attribute_value(raw: &str) -> Result<Cow<'_, str>, String> {
    if !raw.contains(['&', '\t', '\n', '\r']) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        let (before, found) = rest.split_at(at);
        value.push_str(before);
        rest = &found[1..];
        match found.as_bytes()[0] {
            b'&' => {
                let (reference, after) = rest.split_once(';').ok_or_else(|| short(rest))?;
                value.push(resolve(reference).ok_or_else(|| short(reference))?);
                rest = after;
            }
            // XML 1.0 §2.11: CRLF is one line end.
            b'\r' => {
                rest = rest.strip_prefix('\n').unwrap_or(rest);
                value.push(' ');
            }
            _white_space => value.push(' '),
        }
    }
    value.push_str(rest);
    Ok(Cow::Owned(value))
}

/// The beginning of a client's text, for a message.
pub(super) fn short(text: &str) -> String {
    const SHOWN_CHARACTERS: usize = 40;
    text.chars().take(SHOWN_CHARACTERS).filter(|character| !character.is_control()).collect()
}
