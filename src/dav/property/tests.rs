use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::xml::{Limits, Writer, parse};

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
        ("a default namespace around it", r#"<prop xmlns="urn:x"><a><b/></a></prop>"#, r#"<a xmlns="urn:x"><b/></a>"#),
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

/// True if two trees agree in everything that must be preserved. The language in scope is compared,
/// but not the attribute `xml:lang`, which a stored root has even if it inherited the language.
fn same(a: &Element, b: &Element) -> bool {
    let attributes = |e: &Element| {
        let kept = e.attributes.iter().filter(|a| !a.name.is(XML, "lang"));
        kept.map(|a| (a.name.clone(), a.value.clone())).collect::<Vec<_>>()
    };
    let texts_and_children = a.children.len() == b.children.len()
        && a.children.iter().zip(&b.children).all(|pair| match pair {
            (Node::Text(a), Node::Text(b)) => a == b,
            (Node::Element(a), Node::Element(b)) => same(a, b),
            (Node::Text(_), Node::Element(_)) | (Node::Element(_), Node::Text(_)) => false,
        });
    a.name == b.name && a.lang == b.lang && attributes(a) == attributes(b) && texts_and_children
}

/// Returns a well-formed document built by these steps: open one of several elements, write text,
/// or close.
fn balanced(steps: &[u8]) -> String {
    const NAMES: [&str; 5] = ["a", "p:b", "q:c", "p:d", "e"];
    const ATTRIBUTES: [&str; 7] = [
        "",
        " xmlns='urn:1'",
        " xmlns=''",
        " xmlns:p='urn:2'",
        " xmlns:q='urn:1' q:x='&lt;&#13;'",
        " y='1'",
        " xml:lang='de'",
    ];
    const TEXTS: [&str; 4] = ["x", " &amp;&#13;\n", "<![CDATA[<]]>", "]]&gt;"];
    let mut body = String::from("<prop xmlns:p='urn:1' xmlns:q='urn:2' xml:lang='fr'><root>");
    let mut open = vec!["prop", "root"];
    for step in steps {
        let step = usize::from(*step);
        match step % 4 {
            0 | 1 if open.len() < 30 => {
                let name = NAMES[step / 4 % NAMES.len()];
                write!(body, "<{name}{}>", ATTRIBUTES[step / 20 % ATTRIBUTES.len()]).expect("a String");
                open.push(name);
            }
            3 if open.len() > 2 => write!(body, "</{}>", open.pop().expect("more than two")).expect("a String"),
            _ => body += TEXTS[step / 4 % TEXTS.len()],
        }
    }
    open.iter().rev().fold(body, |body, name| format!("{body}</{name}>"))
}

proptest! {
    #[test]
    fn nothing_of_a_kept_property_is_lost(steps in proptest::collection::vec(any::<u8>(), 0..40)) {
        let body = balanced(&steps);
        let root = parse(body.as_bytes(), &Limits::default()).expect("a balanced document");
        let property = root.elements().next().expect("the root of the property");
        let kept = standalone(property);
        let again = parse(kept.as_bytes(), &Limits::default()).expect("what we wrote");
        prop_assert!(same(property, &again), "{body} became {kept}");
    }
}

#[test]
fn what_replaces_an_element_keeps_its_namespaces_where_the_prefixes_mean_others() {
    for body in [
        r#"<x:a xmlns:x="urn:x"><D:href xmlns:D="DAV:"/></x:a>"#,
        r#"<D:a xmlns:D="urn:x"><E:href xmlns:E="DAV:"/></D:a>"#,
        r#"<a xmlns="urn:x"><href xmlns="DAV:"/></a>"#,
        r#"<a xmlns:A="urn:x" A:b=""><href xmlns="DAV:"/></a>"#,
    ] {
        let root = parse(body.as_bytes(), &Limits::default()).expect(body);
        let response = || "<D:response><A:calendar-color/><none/></D:response>".to_owned();
        let replaced = replaced(&root, |element| Ok::<_, ()>(element.is_dav("href").then(response))).expect(body);
        let mut document = Writer::document("D:prop");
        document.raw(&replaced);
        document.end("D:prop");
        let written = parse(document.as_str().as_bytes(), &Limits::default()).expect("our own text");
        let response = written.elements().next().and_then(|property| property.dav("response"));
        let inside = response.into_iter().flat_map(Element::elements).map(|element| element.name.pair());
        let expected = [("http://apple.com/ns/ical/", "calendar-color"), ("", "none")];
        assert_eq!(inside.collect::<Vec<_>>(), expected, "{body}: {replaced}");
    }
}
