//! Control characters in content lines (RFC 5545 §3.1, CONTROL).
//!
//! **Invariant:** lines without control characters keep their octets. A line with a CR inside it is
//! left alone, because that CR may be meant as a line end.

use super::content_line;
use super::fold::write_line;
use super::lines::{Lines, unfold_into};
use super::parse::has_controls;
use super::splice::{LineMap, Splicing};

/// Removes control characters from a text. Vertical tab and form feed, which word processors write
/// as line breaks, become escaped newlines.
///
/// Returns the repaired text and a map from its lines to those of the original; `None` if nothing
/// was repaired.
pub(crate) fn removed(text: &str) -> Option<(String, LineMap)> {
    if !has_controls(text.as_bytes()) {
        return None;
    }
    let mut repaired = Splicing::of(text, 0);
    let mut is_changed = false;
    for line in Lines::of(text) {
        let mut content = String::new();
        unfold_into(&mut content, &text[line.start..line.content_end]);
        let content = content.trim_end_matches('\r');
        if content.contains('\r') {
            continue;
        }
        if has_control(&text[line.start..line.content_end]) {
            let mut clean = String::new();
            write_line(&mut clean, &without_controls(content), &text[line.content_end..line.end]);
            repaired.replace(line.start, line.end, &clean);
            is_changed = true;
        }
    }
    is_changed.then(|| repaired.finish())
}

/// True if a line contains a control character, apart from the line ends of its folds.
fn has_control(raw: &str) -> bool {
    let mut content = String::new();
    unfold_into(&mut content, raw);
    content.contains(is_control)
}

fn is_control(character: char) -> bool {
    character.is_ascii_control() && character != '\t'
}

fn without_controls(content: &str) -> String {
    // A control character and the space that replaces it are one octet each, so the colon keeps its
    // offset.
    let blank = content.replace(is_control, " ");
    let colon = content_line::split(&blank).map_or(0, |parts| parts.colon);
    let (head, value) = content.split_at(colon);
    replaced(head, "^n") + &replaced(value, "\\n")
}

fn replaced(text: &str, line_break: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{b}' | '\u{c}' => replaced.push_str(line_break),
            _ if is_control(character) => {}
            _ => replaced.push(character),
        }
    }
    replaced
}
