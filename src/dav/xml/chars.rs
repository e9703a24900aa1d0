//! The characters and names that XML 1.0 allows, and entity references.
//!
//! **Invariant:** only the five predefined entities exist, because documents cannot declare others.

use std::borrow::Cow;

/// True if XML allows the character (XML 1.0 §2.2, production `Char`).
pub(super) fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

pub(crate) fn first_forbidden(text: &str) -> Option<char> {
    // XML forbids control characters below U+0020 (except tab, LF and CR), and U+FFFE and U+FFFF,
    // whose first byte in UTF-8 is 0xEF.
    if !text.bytes().any(|byte| byte < b' ' || byte == 0xef) {
        return None;
    }
    text.chars().find(|character| !is_allowed(*character))
}

/// True if the text is an `NCName` (Namespaces in XML 1.0 §4): a `Name` of XML 1.0 §2.3 without a
/// colon.
pub(crate) fn is_nc_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_character)
}

/// True for the characters of `NameStartChar` (XML 1.0 §2.3), without the colon.
fn is_name_start(character: char) -> bool {
    matches!(character,
        'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

/// True for the characters of `NameChar` (XML 1.0 §2.3), without the colon.
fn is_name_character(character: char) -> bool {
    is_name_start(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// Returns the character to which a reference refers, given as the text between `&` and `;`, such
/// as `amp` or `#65`. Returns `None` for another entity than the predefined ones, for a malformed
/// number, and for a character that XML forbids.
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

/// Parses digits of this radix. Returns `None` if there are none or any other character, even a
/// sign, which `from_str_radix` would accept; and for a number beyond 32 bits.
fn number(digits: &str, radix: u32) -> Option<u32> {
    digits.chars().all(|digit| digit.is_digit(radix)).then(|| u32::from_str_radix(digits, radix).ok()).flatten()
}

/// Returns the value of an attribute, with references resolved and white space normalised (XML 1.0
/// §3.3.3). Returns the beginning of an unknown or unterminated reference as the error.
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
            // CRLF is one line end (XML 1.0 §2.11).
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

/// Returns the beginning of a client's text, for an error message.
pub(super) fn short(text: &str) -> String {
    const SHOWN_CHARACTERS: usize = 40;
    text.chars().take(SHOWN_CHARACTERS).filter(|character| !character.is_control()).collect()
}
