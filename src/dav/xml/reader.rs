//! The parser, which turns bytes into a tree of elements.
//!
//! **Invariant:** this module refuses some bodies that the tokenizer accepts, such as those with a
//! document type, unclosed elements at the end, a second root, text outside the root, or unknown
//! entities. The parser does not recurse.

use std::{borrow::Cow, sync::Arc};

use quick_xml::{
    NsReader,
    events::{BytesDecl, BytesStart, Event, attributes::Attribute as RawAttribute},
    name::{NamespaceError, ResolveResult},
};

use super::{
    Attribute, Element, Node, XmlError, XmlErrorKind,
    chars::{attribute_value, first_forbidden, is_nc_name, resolve, short},
    encoding::{Decoded, decode},
};
use crate::name::{QName, XML, XMLNS};

/// The limits of a body.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Maximum length in bytes.
    pub bytes: usize,
    /// Maximum number of levels of nested elements.
    pub depth: usize,
    /// Maximum number of elements, attributes and processing instructions together.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 10 * 1024 * 1024, depth: 32, nodes: 100_000 }
    }
}

/// Maximum length of a namespace, in bytes. Each element stores its namespace, so a long one would
/// multiply the memory for a body.
const NAMESPACE_BYTES: usize = 512;
/// Maximum length of the local name, and of the prefix, of an element or attribute, in bytes. It is
/// limited because responses repeat names.
const NAME_BYTES: usize = 512;
const NAMESPACE_BINDINGS: usize = 128;
/// Maximum number of attributes of an element. It is limited because each attribute is compared
/// with those before it.
const ATTRIBUTES: usize = 256;

/// Parses a document and returns its root, or the error for which the document is refused.
pub fn parse(body: &[u8], limits: &Limits) -> Result<Element, XmlError> {
    if body.len() > limits.bytes {
        let why = format!("the body has {} bytes, the limit is {}", body.len(), limits.bytes);
        return Err(XmlError { kind: XmlErrorKind::TooLarge, line: 1, why });
    }
    let Decoded { text, encodings } = decode(body)?;
    let source = text.as_ref();
    let mut tree = Tree { source, encodings, limits, open: Vec::new(), root: None, nodes: 0, counted: 0, line: 1 };
    let mut reader = NsReader::from_str(source);
    reader.config_mut().check_comments = true;
    reader.resolver_mut().set_max_namespace_bindings(NAMESPACE_BINDINGS);
    loop {
        let start = position(&reader);
        tree.count_lines(start);
        let event = reader.read_event().map_err(|error| tree.syntax(&error))?;
        if !tree.take(&reader, event, start)? {
            return tree.finish();
        }
    }
}

fn position(reader: &NsReader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

struct Tree<'a> {
    source: &'a str,
    /// The encodings that the XML declaration may name.
    encodings: &'static [&'static str],
    limits: &'a Limits,
    open: Vec<Element>,
    root: Option<Element>,
    nodes: usize,
    /// The offset in bytes up to which lines were counted. `line` is the number of the line at this
    /// offset.
    counted: usize,
    line: usize,
}

impl<'a> Tree<'a> {
    /// Adds an event of the tokenizer, which begins at the byte `at`, to the tree. Returns false at
    /// the end of the document.
    fn take(&mut self, reader: &NsReader<&'a [u8]>, event: Event<'a>, at: usize) -> Result<bool, XmlError> {
        match event {
            Event::Start(start) => {
                let element = self.element(reader, &start)?;
                self.open.push(element);
            }
            Event::Empty(start) => {
                let element = self.element(reader, &start)?;
                self.close(element);
            }
            Event::End(_) => {
                let element = self.open.pop().ok_or_else(|| self.malformed("an end tag has no start tag"))?;
                self.close(element);
            }
            Event::Text(text) => self.characters(&text.xml10_content())?,
            Event::CData(text) => self.section(&text.xml10_content())?,
            Event::GeneralRef(reference) => self.reference(&reference.into_inner())?,
            Event::Comment(_) => {}
            Event::Decl(declaration) => self.declaration(&declaration, at)?,
            // A processing instruction is ignored (RFC 4918 §17).
            Event::PI(instruction) => {
                self.count_node()?;
                self.allowed(&instruction)?;
            }
            Event::DocType(_) => {
                return Err(self.error(
                    XmlErrorKind::DocumentType,
                    "a document type (DOCTYPE) is not accepted; remove it".to_owned(),
                ));
            }
            Event::Eof => return Ok(false),
        }
        Ok(true)
    }

    fn finish(self) -> Result<Element, XmlError> {
        if let Some(unclosed) = self.open.last() {
            let why = format!("the element `{}` of line {} is never closed", shown(&unclosed.name), unclosed.line);
            return Err(self.error(XmlErrorKind::Malformed, why));
        }
        let refusal = self.malformed("the body contains no element");
        self.root.ok_or(refusal)
    }

    fn element(&mut self, reader: &NsReader<&'a [u8]>, start: &BytesStart<'a>) -> Result<Element, XmlError> {
        if self.root.is_some() {
            return Err(self.malformed("the body has a second root element"));
        }
        if self.open.len() >= self.limits.depth {
            let why = format!("elements are nested more than {} levels deep", self.limits.depth);
            return Err(self.error(XmlErrorKind::TooDeep, why));
        }
        self.count_node()?;
        let (found, local) = reader.resolver().resolve_element(start.name());
        let prefix = start.name().prefix().map_or("", quick_xml::name::Prefix::into_inner);
        let name = self.name(&found, (prefix, local.into_inner()))?;
        let attributes = self.attributes(reader, start)?;
        let lang = match attributes.iter().find(|attribute| attribute.name.is(XML, "lang")) {
            Some(lang) => Some(Arc::from(lang.value.as_str())),
            None => self.open.last().and_then(|around| around.lang.clone()),
        };
        Ok(Element { name, prefix: prefix.into(), attributes, children: Vec::new(), lang, line: self.line })
    }

    fn attributes(&mut self, reader: &NsReader<&[u8]>, start: &BytesStart<'a>) -> Result<Vec<Attribute>, XmlError> {
        let mut attributes: Vec<Attribute> = Vec::new();
        for (earlier, raw) in start.attributes().enumerate() {
            let raw = raw.map_err(|error| self.malformed(&format!("an attribute is malformed: {error}")))?;
            if earlier == ATTRIBUTES {
                let why = format!("an element has more than {ATTRIBUTES} attributes");
                return Err(self.error(XmlErrorKind::TooLarge, why));
            }
            self.count_node()?;
            let value = self.value(&raw)?.into_owned();
            if raw.key.as_namespace_binding().is_some() {
                continue;
            }
            let (found, local) = reader.resolver().resolve_attribute(raw.key);
            let prefix = raw.key.prefix().map_or("", quick_xml::name::Prefix::into_inner);
            let name = self.name(&found, (prefix, local.into_inner()))?;
            if attributes.iter().any(|earlier| earlier.name == name) {
                return Err(self.malformed(&format!("the attribute `{}` occurs twice in one element", shown(&name))));
            }
            attributes.push(Attribute { name, prefix: prefix.into(), value });
        }
        Ok(attributes)
    }

    fn value<'v>(&self, raw: &'v RawAttribute<'a>) -> Result<Cow<'v, str>, XmlError> {
        if raw.value.contains('<') {
            return Err(self.malformed("`<` is not allowed in the value of an attribute; write `&lt;`"));
        }
        self.allowed(&raw.value)?;
        attribute_value(&raw.value).map_err(|reference| self.unknown_reference(&reference))
    }

    fn name(&self, found: &ResolveResult<'_>, (prefix, local): (&str, &str)) -> Result<QName, XmlError> {
        if prefix.len().max(local.len()) > NAME_BYTES {
            return Err(self.error(XmlErrorKind::TooLarge, format!("a name is longer than {NAME_BYTES} bytes")));
        }
        let namespace = self.namespace(found)?;
        // Namespaces in XML 1.0 §3: the prefix `xml`, and no other, stands for the namespace of
        // `xml:lang`. No prefix stands for the empty namespace, or for the one of `xmlns`.
        let is_declared = prefix.is_empty() || (is_nc_name(prefix) && !namespace.is_empty());
        if !is_declared || (prefix == "xml") != (namespace == XML) || namespace == XMLNS {
            let (prefix, namespace) = (short(prefix), short(&namespace));
            let why = if prefix.is_empty() {
                format!("the namespace `{namespace}` cannot be the default namespace")
            } else if namespace.is_empty() {
                format!("`{prefix}` cannot be a prefix without a namespace")
            } else {
                format!("`{prefix}` cannot be the prefix of the namespace `{namespace}`")
            };
            return Err(self.malformed(&why));
        }
        QName::new(&namespace, local).ok_or_else(|| self.malformed(&format!("`{}` is not an XML name", short(local))))
    }

    fn namespace<'n>(&self, found: &'n ResolveResult<'_>) -> Result<Cow<'n, str>, XmlError> {
        match found {
            ResolveResult::Unbound => Ok(Cow::Borrowed("")),
            ResolveResult::Bound(namespace) => {
                let namespace = attribute_value(namespace.0).map_err(|r| self.unknown_reference(&r))?;
                if namespace.len() > NAMESPACE_BYTES {
                    let why = format!("a namespace is longer than {NAMESPACE_BYTES} bytes");
                    return Err(self.error(XmlErrorKind::TooLarge, why));
                }
                Ok(namespace)
            }
            ResolveResult::Unknown(prefix) => {
                Err(self.malformed(&format!("the prefix `{}` is not declared", short(prefix))))
            }
        }
    }

    fn close(&mut self, element: Element) {
        match self.open.last_mut() {
            Some(around) => around.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
    }

    fn characters(&mut self, text: &str) -> Result<(), XmlError> {
        if text.contains("]]>") {
            return Err(self.malformed("`]]>` is not allowed in text; write `]]&gt;`")); // XML 1.0 §2.4
        }
        if self.open.is_empty() && text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            return Ok(());
        }
        self.section(text)
    }

    fn section(&mut self, text: &str) -> Result<(), XmlError> {
        self.allowed(text)?;
        let refusal = self.malformed("text outside the root element is not allowed");
        let children = &mut self.open.last_mut().ok_or(refusal)?.children;
        match children.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            Some(Node::Element(_)) | None if text.is_empty() => {}
            Some(Node::Element(_)) | None => children.push(Node::Text(text.to_owned())),
        }
        Ok(())
    }

    fn reference(&mut self, reference: &str) -> Result<(), XmlError> {
        let character = resolve(reference).ok_or_else(|| self.unknown_reference(&short(reference)))?;
        self.section(character.encode_utf8(&mut [0; 4]))
    }

    fn declaration(&self, declaration: &BytesDecl<'_>, at: usize) -> Result<(), XmlError> {
        if at != 0 {
            return Err(self.malformed("the XML declaration must be at the beginning of the body"));
        }
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(name)) if self.encodings.iter().any(|known| name.eq_ignore_ascii_case(known)) => Ok(()),
            Some(Ok(name)) => {
                let why = format!(
                    "the encoding `{}` that the XML declaration names is not accepted for this body; send UTF-8",
                    short(&name)
                );
                Err(self.error(XmlErrorKind::Encoding, why))
            }
            Some(Err(_)) => Err(self.malformed("the XML declaration is malformed")),
        }
    }

    fn allowed(&self, text: &str) -> Result<(), XmlError> {
        match first_forbidden(text) {
            None => Ok(()),
            Some(found) => {
                Err(self.malformed(&format!("the character U+{:04X} is not allowed in XML", u32::from(found))))
            }
        }
    }

    fn count_node(&mut self) -> Result<(), XmlError> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            let why =
                format!("the body has more than {} elements, attributes and other nodes together", self.limits.nodes);
            return Err(self.error(XmlErrorKind::TooLarge, why));
        }
        Ok(())
    }

    fn count_lines(&mut self, to: usize) {
        let passed = &self.source.as_bytes()[self.counted..to.max(self.counted).min(self.source.len())];
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.counted += passed.len();
    }

    fn unknown_reference(&self, reference: &str) -> XmlError {
        self.malformed(&format!("the entity `&{reference};` is not defined"))
    }

    fn syntax(&self, error: &quick_xml::Error) -> XmlError {
        if let quick_xml::Error::Namespace(NamespaceError::TooManyBindings(_)) = error {
            let why = format!("more than {NAMESPACE_BINDINGS} prefixes of namespaces are declared around an element");
            return self.error(XmlErrorKind::TooLarge, why);
        }
        self.malformed(&short_sentence(&error.to_string()))
    }

    fn malformed(&self, why: &str) -> XmlError {
        self.error(XmlErrorKind::Malformed, why.to_owned())
    }

    fn error(&self, kind: XmlErrorKind, why: String) -> XmlError {
        XmlError { kind, line: self.line, why }
    }
}

fn shown(name: &QName) -> String {
    short(&name.to_string())
}

/// Shortens an error message of the tokenizer, which may quote much of the body.
fn short_sentence(message: &str) -> String {
    const SHOWN_CHARACTERS: usize = 160;
    message.chars().take(SHOWN_CHARACTERS).filter(|character| !character.is_control()).collect()
}
