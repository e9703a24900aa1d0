//! Makes text from clients and people safe to print: on one line, quoted, and without characters
//! that move the cursor or change the direction of writing.

use std::{borrow::Cow, fmt::Write};

use serde_json::Value;

/// Maximum number of characters of a text that [`quoted`] shows.
const SHOWN_CHARACTERS: usize = 60;
/// Number of characters that [`difference`] shows before the first difference of two texts, if it
/// leaves out the beginning of both.
const CONTEXT_CHARACTERS: usize = 12;

/// Escapes control characters, line separators, and invisible and bidirectional characters (`\n`,
/// `\u{202e}`), so that a text can neither start a new line nor hide a part of a line. Backslashes
/// are doubled only if the text contains such a character.
pub fn visible(text: &str) -> Cow<'_, str> {
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

/// Returns JSON on one line, with the same characters escaped as in [`visible`]. The result has the
/// same value and is safe to print.
pub fn json(value: &Value) -> String {
    format!("{}\n", legible(&value.to_string()))
}

/// Returns indented JSON, with the same characters escaped as in [`visible`].
pub fn json_indented(value: &Value) -> String {
    format!("{}\n", legible(&format!("{value:#}")))
}

/// Escapes hidden characters in JSON, also DEL, which JSON need not escape (RFC 8259 §7). DEL and
/// characters outside ASCII occur only in JSON strings (RFC 8259 §2).
fn legible(json: &str) -> Cow<'_, str> {
    let is_raw = |character: char| is_hidden(character) && (character == '\u{7f}' || !character.is_ascii());
    if !json.chars().any(is_raw) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_raw(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Returns the text between `“` and `”`, escaped and shortened. These two marks are escaped within
/// the text, so that no part of it can seem to stand after the closing one, as words of Daybook.
pub fn quoted(text: &str) -> String {
    quote(&shortened(text))
}

/// Returns the text like [`quoted`], but not shortened.
pub fn quoted_whole(text: &str) -> String {
    quote(text)
}

fn quote(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    shown.push('“');
    for character in visible(text).chars() {
        if matches!(character, '“' | '”') {
            let _ = write!(shown, "{}", character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown.push('”');
    shown
}

/// Returns an identifier unchanged if it has at most 200 characters and only consists of ASCII
/// letters, digits and the punctuation of addresses and paths. Any other text, also an empty one,
/// is returned like by [`quoted`]: in quotation marks, escaped and shortened.
pub fn identifier(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "@.-_+:/%~#={}*".contains(character);
    if !text.is_empty() && text.chars().count() <= 200 && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// Quotes two texts. If one has more than 60 characters and the first 30 of both are equal, the
/// quoted parts begin shortly before their first difference.
pub fn difference(before: &str, after: &str) -> (String, String) {
    let same = before.chars().zip(after.chars()).take_while(|(one, other)| one == other).count();
    let is_long = |text: &str| text.chars().nth(SHOWN_CHARACTERS).is_some();
    if (!is_long(before) && !is_long(after)) || same < SHOWN_CHARACTERS / 2 {
        return (quoted(before), quoted(after));
    }
    let from = same.saturating_sub(CONTEXT_CHARACTERS);
    let part = |text: &str| {
        let rest: String = text.chars().skip(from).collect();
        quote(&format!("…{}", shortened(&rest)))
    };
    (part(before), part(after))
}

fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_the_same_value_without_hidden_characters() {
        let value = serde_json::json!({"a\u{202e}": "\u{9b}x\n\u{e0041}é", "b": ["\u{7f}"]});
        for shown in [json(&value), json_indented(&value)] {
            assert_eq!(serde_json::from_str::<Value>(&shown).expect("JSON"), value);
            assert!(shown.chars().all(|character| character == '\n' || !is_hidden(character)), "{shown}");
            assert!(shown.contains("\\u009bx\\n\\udb40\\udc41é") && shown.contains("\\u007f"), "{shown}");
        }
    }

    #[test]
    fn control_invisible_and_bidirectional_characters_are_escaped_and_the_rest_stays() {
        let rows = [
            ("Lunch “at” the lake \\ 昼", "Lunch “at” the lake \\ 昼"),
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\u{9b}31m\u{1b}[2J", "\\u{9b}31m\\u{1b}[2J"),
            ("evil\u{202e}txt\u{2066}", "evil\\u{202e}txt\\u{2066}"),
            ("a\u{2028}b\\n", "a\\u{2028}b\\\\n"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
        ];
        for (text, expected) in rows {
            assert_eq!(visible(text), expected);
        }
    }

    #[test]
    fn a_quoted_text_ends_where_its_quotation_mark_is() {
        let rows = [
            ("Lunch", "“Lunch”"),
            ("", "“”"),
            ("Chat” deleted by Bob “x", "“Chat\\u{201d} deleted by Bob \\u{201c}x”"),
            ("Chat\n\n#7  Bob deleted it", "“Chat\\n\\n#7  Bob deleted it”"),
        ];
        for (text, expected) in rows {
            assert_eq!(quoted(text), expected);
        }
    }

    #[test]
    fn an_identifier_is_quoted_if_it_could_be_read_as_a_sentence() {
        assert_eq!(identifier("mailto:bob@example.com"), "mailto:bob@example.com");
        assert_eq!(identifier("bob deleted it"), "“bob deleted it”");
        assert_eq!(identifier(""), "“”");
    }

    #[test]
    fn a_difference_behind_the_sixtieth_character_is_shown() {
        let before = format!("{}old end", "x".repeat(70));
        let after = format!("{}new end", "x".repeat(70));
        assert_eq!(difference(&before, &after), ("“…xxxxxxxxxxxxold end”".into(), "“…xxxxxxxxxxxxnew end”".into()));
        assert_eq!(difference("a", "b"), ("“a”".into(), "“b”".into()));
    }
}
