//! The tree of a parsed document.
//!
//! **Invariant:** the tree has at most [`super::Limits::depth`] levels, so that dropping it cannot
//! exhaust the stack.

use std::{borrow::Cow, sync::Arc};

use crate::name::{CALDAV, DAV, QName};

/// An attribute of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The name of the attribute.
    pub name: QName,
    pub(crate) prefix: Box<str>,
    /// The value of the attribute, with references resolved and white space normalised.
    pub value: String,
}

/// A child of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A child element.
    Element(Element),
    /// A text, with references resolved.
    Text(String),
}

/// An element with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The name of the element.
    pub name: QName,
    /// The prefix as the client wrote it, because some XML vocabularies depend on it (RFC 4918
    /// §4.3).
    pub(crate) prefix: Box<str>,
    /// The attributes in order, without namespace declarations.
    pub attributes: Vec<Attribute>,
    /// The content of the element, in order.
    pub children: Vec<Node>,
    /// The `xml:lang` of this element or of its nearest ancestor that has one; `None` if none has.
    pub lang: Option<Arc<str>>,
    /// The line on which the element starts, counted from 1.
    pub line: usize,
}

impl Element {
    /// True if the element's name is `local` in `namespace`.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.name.is(namespace, local)
    }

    /// True if the element's name is `local` in `DAV:`.
    pub fn is_dav(&self, local: &str) -> bool {
        self.is(DAV, local)
    }

    /// True if the element's name is `local` in the CalDAV namespace.
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

    /// Returns the child elements with this name, in order.
    pub fn named<'a>(&'a self, namespace: &'a str, local: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// Returns the first child element with this name; `None` if there is none.
    pub fn child(&self, namespace: &str, local: &str) -> Option<&Element> {
        self.elements().find(|element| element.is(namespace, local))
    }

    /// Returns the first child element with this name in `DAV:`; `None` if there is none.
    pub fn dav(&self, local: &str) -> Option<&Element> {
        self.child(DAV, local)
    }

    /// Returns the first child element with this name in the CalDAV namespace; `None` if there is
    /// none.
    pub fn caldav(&self, local: &str) -> Option<&Element> {
        self.child(CALDAV, local)
    }

    /// Returns the element's own text with its white space, without the text of descendants.
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

    /// Returns the value of the attribute with this name in no namespace; `None` if there is none.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name.is("", local)).map(|attribute| attribute.value.as_str())
    }
}
