//! A view of one property.
//!
//! **Invariant:** a view borrows the document. It allocates only to decode escapes.

use super::component::{Component, ComponentId};
use super::document::Document;
use super::escape::{split_escaped, unescape_text};
use super::param::{Param, Params};
use super::table::PropertyRow;
use std::borrow::Cow;

/// The id of a property, by which its document finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PropertyId(pub(super) u32);

/// A property: its name, parameters and value.
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

    /// Returns the id of the property within its document.
    pub fn id(self) -> PropertyId {
        self.id
    }

    /// Returns the property's name as written. Compare it with [`is`](Self::is).
    pub fn name(self) -> &'a str {
        &self.content_line()[..self.row.name_len as usize]
    }

    /// True if the property's name is `name`, ignoring case.
    pub fn is(self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Returns the number of the property's first physical line, counted from 1. After repairs, it
    /// is the line number in the text that the client sent.
    pub fn line(self) -> usize {
        self.document.sent_line(self.row.line)
    }

    /// Returns the component that contains the property.
    pub fn component(self) -> Component<'a> {
        self.document.component(ComponentId(self.row.component))
    }

    /// Returns the property's whole content line, unfolded, without its line end.
    pub fn content_line(self) -> &'a str {
        self.document.text(self.row.content)
    }

    /// Returns the property's source text, with its folds and line end.
    pub fn raw(self) -> &'a str {
        &self.document.source[self.row.start as usize..self.row.end as usize]
    }

    /// Returns the property's value, unfolded, with its escapes.
    pub fn value(self) -> &'a str {
        &self.content_line()[self.row.colon as usize + 1..]
    }

    /// Returns the property's value as one decoded TEXT (RFC 5545 §3.3.11).
    pub fn text(self) -> Cow<'a, str> {
        unescape_text(self.value())
    }

    /// Returns the property's value as a list of decoded TEXTs, split at commas that no backslash
    /// escapes.
    pub fn texts(self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        split_escaped(self.value(), b',').map(unescape_text)
    }

    /// Returns the property's parameters in order.
    pub fn params(self) -> impl Iterator<Item = Param<'a>> + use<'a> {
        Params::of(&self.content_line()[self.row.name_len as usize..self.row.colon as usize])
    }

    /// Returns the first value, decoded, of the property's first parameter with that name; `None`
    /// if it has no such parameter.
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
