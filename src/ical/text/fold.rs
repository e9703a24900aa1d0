//! Writing of one content line, folded at 75 octets and never inside a character (RFC 5545 §3.1).
//!
//! **Invariant:** no other module of the text layer writes line ends, and text from [`one_line`]
//! becomes exactly one content line.

use super::limits::FOLD_OCTETS;
use super::lines::unfold_into;
use std::borrow::Cow;

/// Appends one content line to `target`, folded, with its line end.
pub(super) fn write_line(target: &mut String, content: &str, line_end: &str) {
    let mut rest = content;
    let mut room = FOLD_OCTETS;
    while rest.len() > room {
        let (piece, behind) = rest.split_at(boundary(rest, room));
        target.push_str(piece);
        target.push_str(line_end);
        target.push(' ');
        rest = behind;
        room = FOLD_OCTETS - 1; // the space after a fold counts as an octet of the line
    }
    target.push_str(rest);
    target.push_str(line_end);
}

/// Returns the last character boundary at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Returns the text as one content line: unfolds it and drops all control characters except HTAB,
/// so that no value can end its line early.
pub(super) fn one_line(content: &str) -> Cow<'_, str> {
    let is_control = |character: char| character.is_ascii_control() && character != '\t';
    if !content.contains(is_control) {
        return Cow::Borrowed(content);
    }
    let mut line = String::with_capacity(content.len());
    unfold_into(&mut line, content);
    line.retain(|character| !is_control(character));
    Cow::Owned(line)
}

/// Appends whole lines to `target`, each with the given line end, the last one too. Existing folds
/// are kept.
pub(super) fn write_lines(target: &mut String, text: &str, line_end: &str) {
    for line in text.lines() {
        target.push_str(line);
        target.push_str(line_end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let rows = [
            ("short", "a".repeat(75), vec![75]),
            ("one octet more", "a".repeat(76), vec![75, 2]),
            ("two folds", "a".repeat(75 + 74 + 1), vec![75, 75, 2]),
            ("a character at the edge", format!("{}ä", "a".repeat(74)), vec![74, 3]),
            ("four octets each", "😀".repeat(20), vec![72, 9]),
            ("nothing", String::new(), vec![0]),
        ];
        for (title, content, octets) in rows {
            let mut folded = String::new();
            write_line(&mut folded, &content, "\r\n");
            assert_eq!(folded.split_terminator("\r\n").map(str::len).collect::<Vec<_>>(), octets, "{title}");
            let mut unfolded = String::new();
            unfold_into(&mut unfolded, folded.trim_end());
            assert_eq!(unfolded, content, "{title}");
        }
    }

    #[test]
    fn no_input_becomes_two_lines() {
        let rows = [
            ("a raw line", "SUMMARY:Lu\r\n nch\r\n", "SUMMARY:Lunch"),
            ("an injected line", "SUMMARY:x\r\nATTENDEE:y", "SUMMARY:xATTENDEE:y"),
            ("a lone CR and NUL", "A:b\rc\0d", "A:bcd"),
        ];
        for (title, content, expected) in rows {
            assert_eq!(one_line(content), expected, "{title}");
        }
    }
}
