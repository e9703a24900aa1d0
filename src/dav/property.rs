//! Dead properties (RFC 4918 §4.2): stored and returned as clients set them.
//!
//! **Invariant:** the stored XML declares all its namespaces, and keeps every element, attribute
//! and character of the value, also the `xml:lang` in scope (RFC 4918 §4.3).

use crate::{
    name::{PREFIXES, QName, XML},
    xml::{Attribute, Element, Node, declare_prefixes, escape_attribute, escape_text},
};

/// A property whose value the server stores without interpreting it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadProperty {
    /// Its name.
    pub name: QName,
    /// The element with its name, as a fragment that declares all its namespaces.
    pub xml: String,
}

impl DeadProperty {
    /// Takes the element of a `DAV:prop`.
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

/// The element as XML that declares all its namespaces.
fn standalone(root: &Element) -> String {
    match replaced(root, |_| Ok::<_, std::convert::Infallible>(None)) {
        Ok(xml) => xml,
        Err(never) => match never {},
    }
}

/// Returns the element as XML that declares all its namespaces. Each descendant for which `replace`
/// returns XML is replaced by it; that XML is one element, and has the prefixes of the writer.
///
/// Returns the error of `replace`. The function does not recurse, so depth cannot exhaust the
/// stack.
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
        // An attribute without a prefix is in no namespace, also where a default namespace is
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
    /// How many bindings there were when each open element began.
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

    /// Returns whether a prefix of the writer, or no prefix, means another namespace here.
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
