//! Writing of new iCalendar text.
//!
//! **Invariant:** every line ends with CRLF, and [`Writer::finish`] ends every open component. The
//! caller escapes values (`escape_text`, `quote_param`), because it knows their types.

use super::fold::{one_line, write_line, write_lines};

const CRLF: &str = "\r\n";

/// A builder of iCalendar text, component by component.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
    open: Vec<String>,
}

impl Writer {
    /// Returns a writer whose text is empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of octets written so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Opens a component.
    pub fn begin(&mut self, name: &str) -> &mut Self {
        write_line(&mut self.text, &format!("BEGIN:{name}"), CRLF);
        self.open.push(name.to_owned());
        self
    }

    /// Writes one property, given as an unfolded content line, and folds it.
    pub fn property(&mut self, content_line: &str) -> &mut Self {
        write_line(&mut self.text, &one_line(content_line), CRLF);
        self
    }

    /// Writes `component_text`, the text of whole components or properties, with its folds as they
    /// are.
    pub fn raw(&mut self, component_text: &str) -> &mut Self {
        write_lines(&mut self.text, component_text, CRLF);
        self
    }

    /// Closes the innermost open component.
    pub fn end(&mut self) -> &mut Self {
        let name = self.open.pop().expect("every end has its begin");
        write_line(&mut self.text, &format!("END:{name}"), CRLF);
        self
    }

    /// Closes all open components, and returns the text.
    pub fn finish(&mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        std::mem::take(&mut self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_text_is_folded_and_closed() {
        let long = "x".repeat(80);
        let text = Writer::new()
            .begin("VCALENDAR")
            .property("VERSION:2.0")
            .begin("VEVENT")
            .property(&format!("SUMMARY:{long}"))
            .end()
            .raw("BEGIN:VTODO\nUID:1\nEND:VTODO")
            .finish();
        let expected = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:{}\r\n {}\r\nEND:VEVENT\r\nBEGIN:VTODO\r\nUID:1\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
            &long[..67],
            &long[67..]
        );
        assert_eq!(text, expected);
    }
}
