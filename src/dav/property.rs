//! Dead properties (RFC 4918 §4.2), which are stored and returned as clients set them.
//!
//! **Invariant:** the stored XML declares all of its namespaces. It has every element, attribute
//! and character of the sent value, and the `xml:lang` that was in scope (RFC 4918 §4.3).

use crate::{
    name::{PREFIXES, QName, XML},
    xml::{Attribute, Element, Node, declare_prefixes, escape_attribute, escape_text},
};

/// A property in the form in which it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadProperty {
    /// The name of the property.
    pub name: QName,
    /// The property's element, as an XML fragment that declares all of its namespaces.
    pub xml: String,
}

impl DeadProperty {
    /// Creates a property from its element in a `DAV:prop`.
    pub fn of(element: &Element) -> Self {
        Self { name: element.name.clone(), xml: standalone(element) }
    }

    /// Creates a property whose value is text.
    pub fn text(name: &QName, text: &str) -> Self {
        let mut xml = format!("<{}", name.local());
        push_attribute(&mut xml, "", "xmlns", name.namespace());
        xml.push('>');
        escape_text(&mut xml, text);
        xml.push_str("</");
        push_name(&mut xml, "", name.local());
        xml.push('>');
        Self { name: name.clone(), xml }
    }
}

enum Step<'a> {
    Open(&'a Element),
    Text(&'a str),
    Close(&'a Element),
}

/// Returns an element as XML that declares all of its namespaces.
fn standalone(root: &Element) -> String {
    match replaced(root, |_| Ok::<_, std::convert::Infallible>(None)) {
        Ok(xml) => xml,
        Err(never) => match never {},
    }
}

/// Returns an element as XML. Each descendant for which `replace` returns XML is replaced by that
/// XML, which must be one element with the prefixes of the XML writer. Apart from these prefixes,
/// the result declares all of its namespaces.
///
/// Returns an error if `replace` returns one. The function does not recurse, so deep nesting cannot
/// exhaust the stack.
pub fn replaced<E>(
    root: &Element,
    mut replace: impl FnMut(&Element) -> Result<Option<String>, E>,
) -> Result<String, E> {
    let mut out = String::new();
    let mut scope = Scope::default();
    let mut steps = vec![Step::Open(root)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Open(element) => {
                if !std::ptr::eq(element, root)
                    && let Some(xml) = replace(element)?
                {
                    out.push_str(&if scope.hides_prefixes() { declare_prefixes(&xml) } else { xml });
                    continue;
                }
                let lang = if std::ptr::eq(element, root) { inherited_lang(element) } else { None };
                open(&mut out, element, lang, &mut scope);
                if element.children.is_empty() {
                    out.push_str("/>");
                    scope.leave();
                    continue;
                }
                out.push('>');
                steps.push(Step::Close(element));
                steps.extend(element.children.iter().rev().map(|node| match node {
                    Node::Element(child) => Step::Open(child),
                    Node::Text(text) => Step::Text(text),
                }));
            }
            Step::Text(text) => escape_text(&mut out, text),
            Step::Close(element) => {
                out.push_str("</");
                push_name(&mut out, &element.prefix, element.name.local());
                out.push('>');
                scope.leave();
            }
        }
    }
    Ok(out)
}

fn inherited_lang(element: &Element) -> Option<&str> {
    let own = element.attributes.iter().any(|attribute| attribute.name.is(XML, "lang"));
    element.lang.as_deref().filter(|_| !own)
}

fn open<'a>(out: &mut String, element: &'a Element, lang: Option<&str>, scope: &mut Scope<'a>) {
    scope.enter();
    out.push('<');
    push_name(out, &element.prefix, element.name.local());
    scope.declare(out, &element.prefix, element.name.namespace());
    if let Some(lang) = lang {
        push_attribute(out, "xml", "lang", lang);
    }
    for Attribute { name, prefix, value } in &element.attributes {
        // An attribute without a prefix is in no namespace, even if a default namespace is
        // declared.
        if !prefix.is_empty() {
            scope.declare(out, prefix, name.namespace());
        }
        push_attribute(out, prefix, name.local(), value);
    }
}

fn push_name(out: &mut String, prefix: &str, local: &str) {
    if !prefix.is_empty() {
        out.push_str(prefix);
        out.push(':');
    }
    out.push_str(local);
}

fn push_attribute(out: &mut String, prefix: &str, local: &str, value: &str) {
    out.push(' ');
    push_name(out, prefix, local);
    out.push_str("=\"");
    escape_attribute(out, value);
    out.push('"');
}

/// The namespace bindings in scope at the end of the text written so far.
#[derive(Default)]
struct Scope<'a> {
    bindings: Vec<(&'a str, &'a str)>,
    /// For each open element, the number of bindings before it began.
    marks: Vec<usize>,
}

impl<'a> Scope<'a> {
    fn enter(&mut self) {
        self.marks.push(self.bindings.len());
    }

    fn leave(&mut self) {
        self.bindings.truncate(self.marks.pop().unwrap_or(0));
    }

    fn bound(&self, prefix: &str) -> Option<&'a str> {
        self.bindings.iter().rev().find(|(known, _)| *known == prefix).map(|(_, namespace)| *namespace)
    }

    /// True if one of the XML writer's prefixes is bound to another namespace here, or if a default
    /// namespace is in scope.
    fn hides_prefixes(&self) -> bool {
        let mut fixed = PREFIXES.iter().chain([&("", "")]);
        fixed.any(|(namespace, prefix)| self.bound(prefix).is_some_and(|bound| bound != *namespace))
    }

    fn declare(&mut self, out: &mut String, prefix: &'a str, namespace: &'a str) {
        let bound = self.bound(prefix).unwrap_or_default();
        if prefix == "xml" || bound == namespace {
            return;
        }
        self.bindings.push((prefix, namespace));
        out.push_str(" xmlns");
        if !prefix.is_empty() {
            out.push(':');
            out.push_str(prefix);
        }
        out.push_str("=\"");
        escape_attribute(out, namespace);
        out.push('"');
    }
}

#[cfg(test)]
mod tests;
