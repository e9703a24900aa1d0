//! The parser: builds the table of a document in one pass over the text.
//!
//! **Invariant:** parsing takes linear time, does not recurse and does not interpret properties. An
//! accepted text is one `VCALENDAR`, with only blank lines outside it. Every `BEGIN` has its `END`.

use super::content_line::{self, Parts};
use super::error::{Cause, SyntaxError};
use super::limits::{MAX_DOCUMENT_BYTES, MAX_LINE_BYTES, MAX_NESTING, SPARE_LINE_BYTES};
use super::lines::{Lines, LogicalLine, unfold_into};
use super::table::{ComponentRow, NONE, PropertyRow, Span, Table, position};

/// Typical length of a line in octets, from which memory for all lines is reserved at once.
const USUAL_LINE_BYTES: usize = 36;

pub(super) fn parse(source: &str) -> Result<Table, SyntaxError> {
    let mut parser = Parser { source, table: Table::default(), current: NONE, depth: 0 };
    if source.len() > MAX_DOCUMENT_BYTES {
        return Err(parser.error(1, 0, Cause::DocumentTooLong));
    }
    parser.table.properties.reserve(source.len() / USUAL_LINE_BYTES + 1);
    let controls = has_controls(source.as_bytes());
    let mut last = 1;
    for line in Lines::of(source) {
        if controls {
            parser.refuse_control(line)?;
        }
        parser.line(line)?;
        last = line.number;
    }
    match parser.table.components.get(parser.current as usize) {
        Some(open) => Err(parser.error(open.line as usize, 0, Cause::Unclosed)),
        None if parser.table.components.is_empty() => Err(parser.error(last, 0, Cause::NoCalendar)),
        None => Ok(parser.table),
    }
}

struct Parser<'a> {
    source: &'a str,
    table: Table,
    /// The row index of the innermost open component; `NONE` outside the `VCALENDAR`.
    current: u32,
    depth: usize,
}

impl Parser<'_> {
    fn line(&mut self, line: LogicalLine) -> Result<(), SyntaxError> {
        let content = self.content(line);
        if content.len == 0 {
            return Ok(()); // blank lines are ignored and stay in the source
        }
        if content.len as usize > MAX_LINE_BYTES + SPARE_LINE_BYTES {
            return Err(self.error(line.number, MAX_LINE_BYTES, Cause::LineTooLong));
        }
        let text = self.text(content);
        let parts = content_line::split(text).map_err(|(at, cause)| self.error(line.number, at, cause))?;
        let name = &text[..parts.name_len];
        if name.eq_ignore_ascii_case("BEGIN") {
            self.begin(line, content, parts)
        } else if name.eq_ignore_ascii_case("END") {
            self.end(line, content, parts)
        } else if self.current == NONE {
            Err(self.error(line.number, 0, Cause::OutsideCalendar))
        } else {
            self.property(line, content, parts);
            Ok(())
        }
    }

    /// Returns where the unfolded content of a line is: in the source, or, for a folded line, in
    /// the table's unfolded texts, to which the content is appended.
    fn content(&mut self, line: LogicalLine) -> Span {
        if !line.folded {
            let len = position(line.content_end - line.start);
            return Span { start: position(line.start), len, unfolded: false };
        }
        let start = self.table.unfolded.len();
        unfold_into(&mut self.table.unfolded, &self.source[line.start..line.content_end]);
        let len = self.table.unfolded.len() - start;
        Span { start: position(start), len: position(len), unfolded: true }
    }

    fn text(&self, span: Span) -> &str {
        let text = if span.unfolded { self.table.unfolded.as_str() } else { self.source };
        &text[span.start as usize..][..span.len as usize]
    }

    fn property(&mut self, line: LogicalLine, content: Span, parts: Parts) {
        self.table.push_property(PropertyRow {
            start: position(line.start),
            end: position(line.end),
            content,
            name_len: position(parts.name_len),
            colon: position(parts.colon),
            line: position(line.number),
            component: self.current,
            next: NONE,
        });
    }

    fn begin(&mut self, line: LogicalLine, content: Span, parts: Parts) -> Result<(), SyntaxError> {
        let name = self.component_name(line, content, parts)?;
        if self.current == NONE {
            if !self.table.components.is_empty() {
                return Err(self.error(line.number, 0, Cause::SecondCalendar));
            }
            if !self.text(name).eq_ignore_ascii_case("VCALENDAR") {
                return Err(self.error(line.number, 0, Cause::OutsideCalendar));
            }
        }
        if self.depth == MAX_NESTING {
            return Err(self.error(line.number, 0, Cause::TooDeep));
        }
        self.depth += 1;
        self.current = self.table.push_component(ComponentRow {
            name,
            line: position(line.number),
            parent: self.current,
            start: position(line.start),
            end: NONE,
            close: NONE,
            first_property: NONE,
            last_property: NONE,
            first_child: NONE,
            last_child: NONE,
            next: NONE,
        });
        Ok(())
    }

    fn end(&mut self, line: LogicalLine, content: Span, parts: Parts) -> Result<(), SyntaxError> {
        let found = self.component_name(line, content, parts)?;
        let Some(open) = self.table.components.get(self.current as usize) else {
            return Err(self.error(line.number, 0, Cause::OutsideCalendar));
        };
        let (expected, found) = (self.text(open.name), self.text(found));
        if !expected.eq_ignore_ascii_case(found) {
            let cause = Cause::WrongEnd { expected: expected.to_owned(), found: found.to_owned() };
            return Err(self.error(line.number, 0, cause));
        }
        let open = &mut self.table.components[self.current as usize];
        open.close = position(line.start);
        open.end = position(line.end);
        self.current = open.parent;
        self.depth -= 1;
        Ok(())
    }

    /// Returns the component name of a BEGIN or END line without trailing blanks, and an error if
    /// the line has no valid one.
    fn component_name(&self, line: LogicalLine, content: Span, parts: Parts) -> Result<Span, SyntaxError> {
        let name = self.text(content)[parts.colon + 1..].trim_end_matches([' ', '\t']);
        if !content_line::is_name(name) {
            return Err(self.error(line.number, parts.colon + 1, Cause::InvalidComponentName));
        }
        let start = content.start + position(parts.colon) + 1;
        Ok(Span { start, len: position(name.len()), unfolded: content.unfolded })
    }

    fn refuse_control(&mut self, line: LogicalLine) -> Result<(), SyntaxError> {
        let mut content = String::new();
        unfold_into(&mut content, &self.source[line.start..line.content_end]);
        match content.bytes().position(is_control) {
            Some(at) => Err(self.error(line.number, at, Cause::ControlCharacter(content.as_bytes()[at]))),
            None => Ok(()),
        }
    }

    fn error(&self, line: usize, at: usize, cause: Cause) -> SyntaxError {
        SyntaxError { line, column: at + 1, path: self.path(), cause }
    }

    fn path(&self) -> String {
        let mut names = Vec::new();
        let mut at = self.current;
        while let Some(component) = self.table.components.get(at as usize) {
            names.push(self.text(component.name));
            at = component.parent;
        }
        names.reverse();
        names.join("/")
    }
}

/// True for the characters of CONTROL (RFC 5545 §3.1): those below space except HTAB, and DEL.
fn is_control(byte: u8) -> bool {
    byte < b' ' && byte != b'\t' || byte == 0x7f
}

/// True if the text contains a control character other than HTAB and line ends. A CR without LF
/// counts as one. The loop has no branches, so that the compiler vectorizes it.
#[expect(clippy::needless_bitwise_bool, reason = "branches would keep the loop from running on vectors")]
pub(super) fn has_controls(bytes: &[u8]) -> bool {
    let (Some(last), Some(following)) = (bytes.last(), bytes.get(1..)) else { return false };
    let mut found = *last != b'\n' && is_control(*last);
    for (byte, next) in bytes.iter().zip(following) {
        let line_end = (*byte == b'\n') | (*byte == b'\r') & (*next == b'\n');
        found |= ((*byte < b' ') & (*byte != b'\t') | (*byte == 0x7f)) & !line_end;
    }
    found
}

#[cfg(test)]
mod tests;
