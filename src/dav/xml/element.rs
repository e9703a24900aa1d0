//! A small tree of elements.
//!
//! **Invariant:** never deeper than [`super::Limits::depth`], so that dropping it cannot exhaust the stack.

use std::{borrow::Cow, sync::Arc};

use crate::name::{CALDAV, DAV, QName};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub name: QName,
    pub(crate) prefix: Box<str>,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    pub name: QName,
    /// As written; kept because vocabularies exist that look at it (RFC 4918 §4.3).
    pub(crate) prefix: Box<str>,
    pub attributes: Vec<Attribute>,
    pub children: Vec<Node>,
    /// `xml:lang` here or on the nearest element around it.
    pub lang: Option<Arc<str>>,
    /// Where it starts, counted from 1.
    pub line: usize,
}

impl Element {
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.name.is(namespace, local)
    }

    pub fn is_dav(&self, local: &str) -> bool {
        self.is(DAV, local)
    }

    pub fn is_caldav(&self, local: &str) -> bool {
        self.is(CALDAV, local)
    }

    /// The elements directly inside, in order.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    pub fn named<'a>(&'a self, namespace: &'a str, local: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// The first of that name directly inside.
    pub fn child(&self, namespace: &str, local: &str) -> Option<&Element> {
        self.elements().find(|element| element.is(namespace, local))
    }

    pub fn dav(&self, local: &str) -> Option<&Element> {
        self.child(DAV, local)
    }

    pub fn caldav(&self, local: &str) -> Option<&Element> {
        self.child(CALDAV, local)
    }

    /// The text directly inside, exactly as it stands.
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

    /// The value of an attribute in no namespace.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.name.is("", local)).map(|attribute| attribute.value.as_str())
    }
}
