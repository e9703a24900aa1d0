//! Text from clients, made safe to print: one line, and nothing that moves the cursor or turns the line around.

use std::borrow::Cow;

/// Writes control characters, line separators and bidirectional controls as escapes (`\n`, `\u{202e}`), so that a text
/// can neither start a line of its own nor hide a part of one. A backslash is doubled only where something is escaped.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) || character == '\\' {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidirectional_characters_are_escaped_and_the_rest_stays() {
        let rows = [
            ("Lunch “at” the lake \\ 昼", "Lunch “at” the lake \\ 昼"),
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\u{9b}31m\u{1b}[2J", "\\u{9b}31m\\u{1b}[2J"),
            ("evil\u{202e}txt\u{2066}", "evil\\u{202e}txt\\u{2066}"),
            ("a\u{2028}b\\n", "a\\u{2028}b\\\\n"),
        ];
        for (text, expected) in rows {
            assert_eq!(visible(text), expected);
        }
    }
}
