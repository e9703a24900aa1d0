//! Properties as clients set them: kept whole, given back whole.
//!
//! **Invariant:** the stored XML stands on its own and holds every element, attribute and character of what
//! was sent, also the `xml:lang` in scope (RFC 4918 §4.3).

use crate::{
    name::{QName, XML},
    xml::{Attribute, Element, Node, escape_attribute, escape_text},
};

/// A property whose value the server keeps and does not understand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadProperty {
    pub name: QName,
    /// The whole element.
    pub xml: String,
}

impl DeadProperty {
    pub fn of(element: &Element) -> Self {
        Self { name: element.name.clone(), xml: standalone(element) }
    }
}

enum Step<'a> {
    Open(&'a Element),
    Text(&'a str),
    Close(&'a Element),
}

/// The element as XML that needs nothing around it. With its own stack, so that depth costs no call.
fn standalone(root: &Element) -> String {
    let mut out = String::new();
    let mut scope = Scope::default();
    let mut steps = vec![Step::Open(root)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Open(element) => {
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
                push_name(&mut out, &element.prefix, &element.name.local);
                out.push('>');
                scope.leave();
            }
        }
    }
    out
}

fn inherited_lang(element: &Element) -> Option<&str> {
    let own = element.attributes.iter().any(|attribute| attribute.name.is(XML, "lang"));
    element.lang.as_deref().filter(|_| !own)
}

fn open<'a>(out: &mut String, element: &'a Element, lang: Option<&str>, scope: &mut Scope<'a>) {
    scope.enter();
    out.push('<');
    push_name(out, &element.prefix, &element.name.local);
    scope.declare(out, &element.prefix, &element.name.namespace);
    if let Some(lang) = lang {
        push_attribute(out, "xml", "lang", lang);
    }
    for Attribute { name, prefix, value } in &element.attributes {
        // An attribute without prefix is in no namespace, whatever the default is.
        if !prefix.is_empty() {
            scope.declare(out, prefix, &name.namespace);
        }
        push_attribute(out, prefix, &name.local, value);
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

/// Which prefix means what at the place being written.
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

    fn declare(&mut self, out: &mut String, prefix: &'a str, namespace: &'a str) {
        let bound = self.bindings.iter().rev().find(|(known, _)| *known == prefix).map_or("", |(_, known)| *known);
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
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    fn kept(body: &str) -> String {
        let root = parse(body.as_bytes(), &Limits::default()).expect(body);
        let property = root.elements().next().expect("one property");
        DeadProperty::of(property).xml
    }

    #[test]
    fn a_dead_property_stands_on_its_own() {
        for (title, body, expected) in [
            (
                "a prefix declared around it",
                r#"<D:prop xmlns:D="DAV:" xmlns:x="urn:x"><x:a>1</x:a></D:prop>"#,
                r#"<x:a xmlns:x="urn:x">1</x:a>"#,
            ),
            (
                "a default namespace around it",
                r#"<prop xmlns="urn:x"><a><b/></a></prop>"#,
                r#"<a xmlns="urn:x"><b/></a>"#,
            ),
            (
                "no namespace inside a default one",
                r#"<prop><a xmlns="urn:x"><b xmlns=""/></a></prop>"#,
                r#"<a xmlns="urn:x"><b xmlns=""/></a>"#,
            ),
            (
                "the language in scope",
                r#"<prop xml:lang="de"><a xmlns="urn:x"/></prop>"#,
                r#"<a xmlns="urn:x" xml:lang="de"/>"#,
            ),
            (
                "its own language wins",
                r#"<prop xml:lang="de"><a xmlns="urn:x" xml:lang="fr"/></prop>"#,
                r#"<a xmlns="urn:x" xml:lang="fr"/>"#,
            ),
            (
                "attributes with and without prefix",
                r#"<prop xmlns:y="urn:y"><a b="1" y:b="&lt;&quot;&#10;"/></prop>"#,
                r#"<a b="1" xmlns:y="urn:y" y:b="&lt;&quot;&#10;"/>"#,
            ),
            (
                "a prefix that changes its meaning inside",
                r#"<prop xmlns:p="urn:1"><p:a><p:b xmlns:p="urn:2"/><p:c/></p:a></prop>"#,
                r#"<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"/><p:c/></p:a>"#,
            ),
            (
                "white space, references and sections",
                "<prop><a> x\r\n&#13;&amp;<![CDATA[<b>]]> <b/>y </a></prop>",
                "<a> x\n&#13;&amp;&lt;b&gt; <b/>y </a>",
            ),
        ] {
            assert_eq!(kept(body), expected, "{title}");
        }
    }

    #[test]
    fn a_kept_property_is_kept_the_same_again() {
        let first = kept(r#"<P xmlns:x="urn:x" xml:lang="de"><x:a b="1"> t <x:c xmlns="urn:d"><d/></x:c></x:a></P>"#);
        let again = parse(first.as_bytes(), &Limits::default()).expect("what we wrote");
        assert_eq!(standalone(&again), first);
    }
}
