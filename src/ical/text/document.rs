//! One iCalendar document: the client's bytes and where everything is in them.
//!
//! **Invariant:** immutable; `as_str` is what was parsed. The one exception, a character cut in two by a fold, is told by
//! [`Document::is_as_sent`].

use super::component::{Component, ComponentId};
use super::edit::Edit;
use super::error::{Cause, SyntaxError};
use super::mend;
use super::parse;
use super::property::{Property, PropertyId};
use super::table::{Span, Table};

/// A parsed iCalendar object: exactly one `VCALENDAR`.
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) source: String,
    pub(super) table: Table,
    as_sent: bool,
}

impl Document {
    /// Reads a text. A byte order mark and blank lines are kept and mean nothing.
    pub fn parse(source: impl Into<String>) -> Result<Self, SyntaxError> {
        let source = source.into();
        let table = parse::parse(&source)?;
        Ok(Self { source, table, as_sent: true })
    }

    /// Reads octets. Where a fold cuts a UTF-8 character in two (RFC 5545 §3.1 warns of it), the fold is moved behind it.
    pub fn parse_bytes(bytes: Vec<u8>) -> Result<Self, SyntaxError> {
        match String::from_utf8(bytes) {
            Ok(source) => Self::parse(source),
            Err(error) => {
                let mended = mend::folds_inside_characters(error.as_bytes());
                let source = String::from_utf8(mended).map_err(|error| not_utf8(&error))?;
                Ok(Self { as_sent: false, ..Self::parse(source)? })
            }
        }
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The whole text, given away.
    pub fn into_string(self) -> String {
        self.source
    }

    /// Whether [`as_str`](Self::as_str) is what the client sent, octet for octet: only then may it be told a strong entity tag.
    pub fn is_as_sent(&self) -> bool {
        self.as_sent
    }

    /// The `VCALENDAR`.
    pub fn root(&self) -> Component<'_> {
        self.component(ComponentId(0))
    }

    /// The component with this id, which must be of this document.
    pub fn component(&self, id: ComponentId) -> Component<'_> {
        Component::new(self, id)
    }

    /// The property with this id, which must be of this document.
    pub fn property(&self, id: PropertyId) -> Property<'_> {
        Property::new(self, id)
    }

    /// Every component, the `VCALENDAR` first, in the order of their `BEGIN`s.
    pub fn components(&self) -> impl Iterator<Item = Component<'_>> {
        (0..).zip(&self.table.components).map(|(index, _)| self.component(ComponentId(index)))
    }

    /// Starts a list of changes, applied by [`Edit::finish`].
    pub fn edit(&self) -> Edit<'_> {
        Edit::new(self)
    }

    /// How this document ends its lines: as its first line does.
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

/// Two documents are equal when their texts are.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Document {}

fn not_utf8(error: &std::string::FromUtf8Error) -> SyntaxError {
    let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    let line = memchr::memchr_iter(b'\n', valid).count() + 1;
    let column = valid.len() - memchr::memrchr(b'\n', valid).map_or(0, |at| at + 1) + 1;
    SyntaxError { line, column, path: String::new(), cause: Cause::NotUtf8 }
}
