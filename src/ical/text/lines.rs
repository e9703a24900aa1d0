//! The logical lines of a text. A physical line that starts with a space or tab continues the line
//! before it (RFC 5545 §3.1).
//!
//! **Invariant:** after a byte order mark, the lines cover the text without gaps or overlap. A line
//! ends with CRLF, with LF alone, or with the text.

use memchr::{Memchr, memchr_iter};

/// A logical line of the source. All offsets are in octets.
#[derive(Debug, Clone, Copy)]
pub(super) struct LogicalLine {
    pub(super) start: usize,
    /// The end of the line's content: the offset of its last line end, or of the end of the text.
    pub(super) content_end: usize,
    /// The offset after the line's last line end.
    pub(super) end: usize,
    /// The number of the first physical line of this logical line, counted from 1.
    pub(super) number: usize,
    pub(super) folded: bool,
}

pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    line_feeds: Memchr<'a>,
    start: usize,
    number: usize,
}

impl<'a> Lines<'a> {
    /// Iterates over the lines of the text. A byte order mark at the start is skipped.
    pub(super) fn of(text: &'a str) -> Self {
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { bytes: text.as_bytes(), line_feeds: memchr_iter(b'\n', text.as_bytes()), start, number: 1 }
    }
}

impl Iterator for Lines<'_> {
    type Item = LogicalLine;

    fn next(&mut self) -> Option<LogicalLine> {
        if self.start >= self.bytes.len() {
            return None;
        }
        let (start, number) = (self.start, self.number);
        let mut folded = false;
        let (content_end, end) = loop {
            self.number += 1;
            let Some(line_feed) = self.line_feeds.next() else {
                break (self.bytes.len(), self.bytes.len());
            };
            if matches!(self.bytes.get(line_feed + 1), Some(b' ' | b'\t')) {
                folded = true;
                continue;
            }
            break (before_line_end(self.bytes, start, line_feed), line_feed + 1);
        };
        self.start = end;
        Some(LogicalLine { start, content_end, end, number, folded })
    }
}

fn before_line_end(bytes: &[u8], start: usize, line_feed: usize) -> usize {
    if line_feed > start && bytes[line_feed - 1] == b'\r' { line_feed - 1 } else { line_feed }
}

/// Appends the content of a folded line to `target`, without line ends and without the space or tab
/// that follows each of them.
pub(super) fn unfold_into(target: &mut String, raw: &str) {
    for (index, piece) in raw.split_inclusive('\n').enumerate() {
        let piece = piece.strip_suffix('\n').map_or(piece, |piece| piece.strip_suffix('\r').unwrap_or(piece));
        let blank = usize::from(index > 0 && piece.starts_with([' ', '\t']));
        target.push_str(&piece[blank..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_on_while_the_next_begins_with_a_blank() {
        let rows = [
            ("CRLF", "A:1\r\nB:2\r\n", vec![("A:1", 1), ("B:2", 2)]),
            ("bare LF", "A:1\nB:2\n", vec![("A:1", 1), ("B:2", 2)]),
            ("no line end at the end", "A:1\r\nB:2", vec![("A:1", 1), ("B:2", 2)]),
            ("fold by space", "A:1\r\n 2\r\nB:2\r\n", vec![("A:12", 1), ("B:2", 3)]),
            ("fold by tab", "A:1\r\n\t2\r\n 3\r\nB:2\r\n", vec![("A:123", 1), ("B:2", 4)]),
            ("only one blank is the fold's", "A:1\r\n  2\r\n", vec![("A:1 2", 1)]),
            ("fold of nothing at the end", "A:1\r\n ", vec![("A:1", 1)]),
            ("blank lines", "\r\n\r\nA:1\r\n\r\n", vec![("", 1), ("", 2), ("A:1", 3), ("", 4)]),
            ("byte order mark", "\u{feff}A:1\r\n", vec![("A:1", 1)]),
            ("nothing", "", vec![]),
        ];
        for (title, text, expected) in rows {
            let unfolded = |line: LogicalLine| {
                let mut content = String::new();
                unfold_into(&mut content, &text[line.start..line.content_end]);
                (content, line.number)
            };
            let found: Vec<_> = Lines::of(text).map(unfolded).collect();
            let expected: Vec<_> = expected.into_iter().map(|(content, number)| (content.to_owned(), number)).collect();
            assert_eq!(found, expected, "{title}");
        }
    }
}
