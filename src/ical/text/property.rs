//! A view of one property.
//!
//! **Invariant:** everything is borrowed from the document. Only decoding of escapes allocates.

use super::component::{Component, ComponentId};
use super::document::Document;
use super::escape::{split_escaped, unescape_text};
use super::param::{Param, Params};
use super::table::PropertyRow;
use std::borrow::Cow;

/// Identifies a property within its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PropertyId(pub(super) u32);

/// A property: name, parameters, value.
#[derive(Debug, Clone, Copy)]
pub struct Property<'a> {
    document: &'a Document,
    row: &'a PropertyRow,
    id: PropertyId,
}

impl<'a> Property<'a> {
    pub(super) fn new(document: &'a Document, id: PropertyId) -> Self {
        Self { document, row: &document.table.properties[id.0 as usize], id }
    }

    /// Returns its id within the document.
    pub fn id(self) -> PropertyId {
        self.id
    }

    /// Returns the name as written. Compare it with [`is`](Self::is).
    pub fn name(self) -> &'a str {
        &self.content_line()[..self.row.name_len as usize]
    }

    /// True if the name is `name`, in any case.
    pub fn is(self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Returns its physical line number, from 1; after repairs the one in the text that was sent.
    pub fn line(self) -> usize {
        self.document.sent_line(self.row.line)
    }

    /// Returns the component that contains it.
    pub fn component(self) -> Component<'a> {
        self.document.component(ComponentId(self.row.component))
    }

    /// Returns the whole line, unfolded, without its line end.
    pub fn content_line(self) -> &'a str {
        self.document.text(self.row.content)
    }

    /// Returns the source of the line, with folds and line end.
    pub fn raw(self) -> &'a str {
        &self.document.source[self.row.start as usize..self.row.end as usize]
    }

    /// Returns the value, unfolded, with its escapes.
    pub fn value(self) -> &'a str {
        &self.content_line()[self.row.colon as usize + 1..]
    }

    /// Returns the value as one decoded TEXT (RFC 5545 §3.3.11).
    pub fn text(self) -> Cow<'a, str> {
        unescape_text(self.value())
    }

    /// Returns the value as a list of decoded TEXTs, split at commas without a backslash.
    pub fn texts(self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        split_escaped(self.value(), b',').map(unescape_text)
    }

    /// Returns the parameters in order.
    pub fn params(self) -> impl Iterator<Item = Param<'a>> + use<'a> {
        Params::of(&self.content_line()[self.row.name_len as usize..self.row.colon as usize])
    }

    /// Returns the first decoded value of the first parameter with that name.
    pub fn param(self, name: &str) -> Option<Cow<'a, str>> {
        self.params().find(|param| param.is(name)).map(Param::value)
    }

    pub(super) fn next_row(self) -> u32 {
        self.row.next
    }

    pub(super) fn row(self) -> &'a PropertyRow {
        self.row
    }
}
