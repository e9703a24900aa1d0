//! The tree of a parsed document.
//!
//! **Invariant:** the tree is at most [`super::Limits::depth`] deep, so that dropping it cannot
//! exhaust the stack.

use std::{borrow::Cow, sync::Arc};

use crate::name::{CALDAV, DAV, QName};

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: QName,
    pub(crate) prefix: Box<str>,
    /// Its value, with references resolved and white space normalised.
    pub value: String,
}

/// A child of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Text, with references resolved.
    Text(String),
}

/// An element with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub name: QName,
    /// The prefix as the client wrote it: some XML vocabularies depend on it (RFC 4918 §4.3).
    pub(crate) prefix: Box<str>,
    /// Attributes without namespace declarations, in order.
    pub attributes: Vec<Attribute>,
    /// Content, in order.
    pub children: Vec<Node>,
    /// `xml:lang` of this element or its nearest ancestor.
    pub lang: Option<Arc<str>>,
    /// The line on which it starts, counted from 1.
    pub line: usize,
}

impl Element {
    /// Returns whether its name is `local` in `namespace`.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.name.is(namespace, local)
    }

    /// Returns whether its name is `local` in `DAV:`.
    pub fn is_dav(&self, local: &str) -> bool {
        self.is(DAV, local)
    }

    /// Returns whether its name is `local` in the CalDAV namespace.
    pub fn is_caldav(&self, local: &str) -> bool {
        self.is(CALDAV, local)
    }

    /// Returns the child elements, in order.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Returns the child elements of this name, in order.
    pub fn named<'a>(&'a self, namespace: &'a str, local: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// Returns the first child element of this name.
    pub fn child(&self, namespace: &str, local: &str) -> Option<&Element> {
        self.elements().find(|element| element.is(namespace, local))
    }

    /// Returns the first child element of this name in `DAV:`.
    pub fn dav(&self, local: &str) -> Option<&Element> {
        self.child(DAV, local)
    }

    /// Returns the first child element of this name in the CalDAV namespace.
    pub fn caldav(&self, local: &str) -> Option<&Element> {
        self.child(CALDAV, local)
    }

    /// Returns the text of the element without that of its descendants, white space included.
    pub fn text(&self) -> Cow<'_, str> {
        let mut texts = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        match (texts.next(), texts.next()) {
            (None, _) => Cow::Borrowed(""),
            (Some(only), None) => Cow::Borrowed(only),
            (Some(first), Some(second)) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
        }
    }

    /// Returns the value of an attribute in no namespace.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name.is("", local)).map(|attribute| attribute.value.as_str())
    }
}
