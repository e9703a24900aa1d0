//! One iCalendar document: the client's bytes with an index of its parts.
//!
//! **Invariant:** a document is immutable, and `as_str` returns the parsed text.

use super::component::{Component, ComponentId};
use super::edit::Edit;
use super::error::SyntaxError;
use super::parse;
use super::property::{Property, PropertyId};
use super::splice::LineMap;
use super::table::{Span, Table};

/// A parsed iCalendar object: one `VCALENDAR`.
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) source: String,
    pub(super) table: Table,
    /// The line maps of the repairs that turned the sent text into this one, in the order of the
    /// repairs.
    sent: Vec<LineMap>,
}

impl Document {
    /// Parses a text. A byte order mark at the start and empty lines have no meaning, but are kept
    /// in the text.
    ///
    /// Returns an error with line, column and cause if the text is not well-formed.
    ///
    /// # Examples
    ///
    /// ```
    /// use ical::Document;
    ///
    /// let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";
    /// let document = Document::parse(text)?;
    /// assert_eq!(document.as_str(), text);
    /// assert_eq!(document.root().property("VERSION").map(|version| version.value()), Some("2.0"));
    ///
    /// let error = Document::parse("BEGIN:VCALENDAR\r\nVERSION\r\n").unwrap_err();
    /// assert_eq!((error.line, error.column), (2, 8));
    /// # Ok::<(), ical::SyntaxError>(())
    /// ```
    pub fn parse(source: impl Into<String>) -> Result<Self, SyntaxError> {
        Self::parse_repaired(source.into(), vec![])
    }

    /// Parses a text that repairs made from a sent one. Components, properties and errors report
    /// line numbers of the sent text, which are found by the maps in `sent`.
    pub(crate) fn parse_repaired(source: String, sent: Vec<LineMap>) -> Result<Self, SyntaxError> {
        match parse::parse(&source) {
            Ok(table) => Ok(Self { source, table, sent }),
            Err(error) => Err(SyntaxError { line: sent_line(&sent, error.line), ..error }),
        }
    }

    /// Drops the document and returns the line maps of its repairs.
    pub(crate) fn into_sent(self) -> Vec<LineMap> {
        self.sent
    }

    /// Returns the line number in the sent text for a line number of this text.
    pub(super) fn sent_line(&self, line: u32) -> usize {
        sent_line(&self.sent, line as usize)
    }

    /// Returns the whole text of the document.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// Returns the whole text and consumes the document.
    pub fn into_string(self) -> String {
        self.source
    }

    /// Returns the UID of the first component that has one, decoded and without blanks around it
    /// (RFC 5545 §3.8.4.7: a TEXT). UIDs that differ only in escapes, folds or surrounding blanks
    /// are returned as the same text.
    ///
    /// Returns `None` if no component has a UID, or if the first UID is empty.
    pub fn uid(&self) -> Option<String> {
        let uid = self.root().components().find_map(|component| component.property("UID"))?;
        Some(uid.text().trim().to_owned()).filter(|uid| !uid.is_empty())
    }

    /// True if the document has components other than time zones, and each of them has
    /// STATUS:CANCELLED.
    ///
    /// # Examples
    ///
    /// ```
    /// use ical::Document;
    ///
    /// let calendar = |status: &str| {
    ///     let event = format!("BEGIN:VEVENT\nUID:1\n{status}END:VEVENT\n");
    ///     Document::parse(format!("BEGIN:VCALENDAR\n{event}BEGIN:VTIMEZONE\nEND:VTIMEZONE\nEND:VCALENDAR\n"))
    /// };
    /// assert!(calendar("STATUS:Cancelled\n")?.is_cancelled());
    /// assert!(!calendar("STATUS:CONFIRMED\n")?.is_cancelled());
    /// assert!(!calendar("")?.is_cancelled());
    /// # Ok::<(), ical::SyntaxError>(())
    /// ```
    pub fn is_cancelled(&self) -> bool {
        let mut components = self.root().components().filter(|component| !component.is("VTIMEZONE")).peekable();
        components.peek().is_some() && components.all(Component::is_cancelled)
    }

    /// Returns the `VCALENDAR`.
    pub fn root(&self) -> Component<'_> {
        self.component(ComponentId(0))
    }

    /// Returns the component with this id, which must belong to this document.
    pub fn component(&self, id: ComponentId) -> Component<'_> {
        Component::new(self, id)
    }

    /// Returns the property with this id, which must belong to this document.
    pub fn property(&self, id: PropertyId) -> Property<'_> {
        Property::new(self, id)
    }

    /// Returns all components in the order of their `BEGIN` lines, the `VCALENDAR` first.
    pub fn components(&self) -> impl Iterator<Item = Component<'_>> {
        (0..).zip(&self.table.components).map(|(index, _)| self.component(ComponentId(index)))
    }

    /// Starts a list of changes. [`Edit::finish`] applies them.
    ///
    /// # Examples
    ///
    /// ```
    /// use ical::Document;
    ///
    /// let document = Document::parse(
    ///     "BEGIN:VCALENDAR\nBEGIN:VEVENT\nATTENDEE:mailto:bob@example.org\nEND:VEVENT\nEND:VCALENDAR\n",
    /// )?;
    /// let event = document.root().components_named("VEVENT").next().unwrap();
    /// let attendee = event.property("ATTENDEE").unwrap();
    ///
    /// let mut edit = document.edit();
    /// edit.set_param(attendee.id(), "PARTSTAT", "ACCEPTED");
    /// assert!(edit.finish().contains("\nATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org\n"));
    /// # Ok::<(), ical::SyntaxError>(())
    /// ```
    pub fn edit(&self) -> Edit<'_> {
        Edit::new(self)
    }

    /// Returns the line end of the document's first line, CRLF or LF; CRLF if it has none. Lines
    /// that an edit adds get the same.
    pub fn line_end(&self) -> &'static str {
        match memchr::memchr(b'\n', self.source.as_bytes()) {
            Some(at) if at == 0 || self.source.as_bytes()[at - 1] != b'\r' => "\n",
            Some(_) | None => "\r\n",
        }
    }

    pub(super) fn text(&self, span: Span) -> &str {
        let text = if span.unfolded { &self.table.unfolded } else { &self.source };
        &text[span.start as usize..][..span.len as usize]
    }
}

fn sent_line(repairs: &[LineMap], line: usize) -> usize {
    repairs.iter().rev().fold(line, |line, repair| repair.source(line))
}

/// Two documents are equal if their texts are.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Document {}
