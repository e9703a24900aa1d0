use proptest::prelude::*;

use super::*;
use crate::name::{CALDAV, DAV, QName, XML};

fn read(body: &[u8]) -> Result<Element, XmlError> {
    parse(body, &Limits::default())
}

#[test]
fn names_texts_and_attributes_are_read_by_namespace() {
    for (title, body) in [
        ("prefix", r#"<?xml version="1.0" encoding="UTF-8"?><D:a xmlns:D="DAV:" b="1"><D:c>x &amp; y</D:c></D:a>"#),
        ("other prefix", r#"<q:a xmlns:q="DAV:" b="&#49;"><q:c>x &#x26; y</q:c></q:a>"#),
        ("default", "<a xmlns='DAV:' b='1'><!-- no --><c>x <![CDATA[& y]]></c></a>\n"),
        ("mark", "\u{feff}<a xmlns='DAV:' b='1'><c>x &amp;<!-- no --> y</c></a>"),
    ] {
        let root = read(body.as_bytes()).expect(title);
        assert!(root.is_dav("a"), "{title}");
        assert_eq!(root.attribute("b"), Some("1"), "{title}");
        assert_eq!(root.dav("c").expect(title).text(), "x & y", "{title}");
    }
}

#[test]
fn hostile_bodies_are_refused_and_say_why() {
    use XmlErrorKind::{DocumentType, Encoding, Malformed};
    for (body, kind, why) in [
        ("", Malformed, "contains no element"),
        ("hello", Malformed, "outside the root"),
        ("<a>", Malformed, "never closed"),
        ("<a><b></a>", Malformed, "</b>"),
        ("</a>", Malformed, "close"),
        ("<a/><b/>", Malformed, "second root"),
        ("<a/>x", Malformed, "outside the root"),
        ("<a/>&amp;", Malformed, "outside the root"),
        ("x<a/>", Malformed, "outside the root"),
        ("<![CDATA[x]]><a/>", Malformed, "outside the root"),
        ("<a>&nbsp;</a>", Malformed, "is not defined"),
        ("<a>&#0;</a>", Malformed, "is not defined"),
        ("<a>&#+65;</a>", Malformed, "is not defined"),
        ("<a>&#xD800;</a>", Malformed, "is not defined"),
        ("<a b='&x;'/>", Malformed, "is not defined"),
        ("<a b='&amp'/>", Malformed, "is not defined"),
        ("<a b='<'/>", Malformed, "`<`"),
        ("<a b='1' b='2'/>", Malformed, "attribute"),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", Malformed, "twice"),
        ("<a b=1/>", Malformed, "attribute"),
        ("<p:a/>", Malformed, "not declared"),
        ("<a p:b='1'/>", Malformed, "not declared"),
        ("<xmlns:a/>", Malformed, "xmlns"),
        ("<1a/>", Malformed, "not an XML name"),
        ("<a\u{d7}/>", Malformed, "not an XML name"),
        ("<a\u{f7}/>", Malformed, "not an XML name"),
        ("<\u{300}a/>", Malformed, "not an XML name"),
        ("<a\u{2192}b/>", Malformed, "not an XML name"),
        ("<1p:a xmlns:1p='u'/>", Malformed, "cannot be the prefix"),
        ("<a 1p:b='' xmlns:1p='u'/>", Malformed, "cannot be the prefix"),
        (
            "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
            Malformed,
            "the namespace `http://www.w3.org/XML/1998/namespace` cannot be the default namespace",
        ),
        ("<p:a xmlns:p='http://www.w3.org/XML/1998/namespac&#101;'/>", Malformed, "cannot be the prefix"),
        ("<p:a xmlns:p='http://www.w3.org/2000/xmln&#115;/'/>", Malformed, "cannot be the prefix"),
        (
            "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
            Malformed,
            "the namespace `http://www.w3.org/2000/xmlns/` cannot be the default namespace",
        ),
        ("<p:a xmlns:p=''/>", Malformed, "p"),
        ("<a:b:c xmlns:a='u'/>", Malformed, "not an XML name"),
        ("<a>]]></a>", Malformed, "`]]>`"),
        ("<a>\u{1}</a>", Malformed, "U+0001"),
        ("<a>\u{ffff}</a>", Malformed, "U+FFFF"),
        ("<a><!-- -- --></a>", Malformed, "comment"),
        ("<a><?php \u{1}?></a>", Malformed, "U+0001"),
        ("<a><?xml version='1.0'?></a>", Malformed, "declaration"),
        ("<?xml version='1.0' encoding='latin1'?><a/>", Encoding, "latin1"),
        ("<!DOCTYPE a><a/>", DocumentType, "document type"),
        ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", DocumentType, "document type"),
    ] {
        let error = read(body.as_bytes()).expect_err(body);
        assert_eq!(error.kind, kind, "{body}: {error}");
        assert!(error.to_string().contains(why), "{body}: {error}");
    }
}

#[test]
fn an_error_names_the_line() {
    let error = read(b"<a>\n<b/>\n\n<c>&x;</c></a>").expect_err("an unknown entity");
    assert_eq!(error.line, 4);
}

#[test]
fn a_processing_instruction_is_ignored() {
    let root = read(b"<?xml version='1.0'?><?xml-stylesheet a?><a>x<?php y?>z</a><?end?>").expect("well-formed");
    assert_eq!(root.text(), "xz");
}

#[test]
fn utf_16_is_read() {
    let text = "<?xml version='1.0' encoding='UTF-16'?><a>ü🥐</a>";
    let units = || std::iter::once('\u{feff}').chain(text.chars()).flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec());
    let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
    for body in [little, big] {
        assert_eq!(read(&body).expect("well-formed").text(), "ü🥐");
    }
}

#[test]
fn other_encodings_are_named() {
    for (title, body, why) in [
        ("half a character of UTF-16", &b"\xff\xfe<\0a\0/\0>"[..], "UTF-16"),
        ("half a pair of UTF-16", b"\xfe\xff\xd8\x3e", "UTF-16"),
        ("not UTF-8", b"<a>\n\xe4</a>", "line 2: the body is not valid UTF-8"),
        ("UTF-16 without a mark", b"<\0a\0/\0>\0", "without a byte order mark; send UTF-8"),
        ("its other order", b"\0<\0a\0/\0>", "without a byte order mark; send UTF-8"),
        ("after a line end", b"\n\0<\0a\0/\0>\0", "without a byte order mark; send UTF-8"),
        ("UTF-8 that is called UTF-16", b"<?xml version='1.0' encoding='UTF-16'?><a/>", "`UTF-16`"),
    ] {
        let error = read(body).expect_err(title);
        assert_eq!(error.kind, XmlErrorKind::Encoding);
        assert!(error.to_string().contains(why), "{title}: {error}");
    }
}

#[test]
fn every_limit_holds_at_its_edge() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(read(nested(32).as_bytes()).is_ok());
    assert_eq!(read(nested(33).as_bytes()).expect_err("too deep").kind, XmlErrorKind::TooDeep);
    assert_eq!(read("<a>".repeat(200_000).as_bytes()).expect_err("too deep").kind, XmlErrorKind::TooDeep);

    let limits = Limits { bytes: 20, depth: 3, nodes: 4 };
    assert!(parse(b"<a b='1'><c/><c/></a>", &Limits { bytes: 21, ..limits }).is_ok());
    for body in ["<a b='1'><c/><c/></a>", "<a><b/><b/><b/><b/>"] {
        assert_eq!(parse(body.as_bytes(), &limits).expect_err(body).kind, XmlErrorKind::TooLarge);
    }
    let prefixes = (0..129).fold(String::new(), |prefixes, number| prefixes + &format!(" xmlns:a{number}='x'"));
    let error = read(format!("<a{prefixes}/>").as_bytes()).expect_err("many prefixes");
    assert_eq!(error.kind, XmlErrorKind::TooLarge);
    assert_eq!(error.to_string(), "line 1: more than 128 prefixes of namespaces are declared around an element");
    let long = format!("<a xmlns='{}'/>", "x".repeat(513));
    assert_eq!(read(long.as_bytes()).expect_err("a long namespace").kind, XmlErrorKind::TooLarge);
    let many = (0..100_000).fold(String::from("<a"), |body, n| body + &format!(" p{n}=''")) + "/>";
    assert_eq!(read(many.as_bytes()).expect_err("many attributes").kind, XmlErrorKind::TooLarge);
    let many = (0..200).fold(String::from("<a"), |body, n| format!("{body} xmlns:p{n}='u'")) + "/>";
    assert_eq!(read(many.as_bytes()).expect_err("many namespaces").kind, XmlErrorKind::TooLarge);
}

#[test]
fn names_have_a_limit() {
    let element = |length: usize| read(format!("<{}/>", "n".repeat(length)).as_bytes()).map(drop);
    assert_eq!(element(512), Ok(()));
    assert_eq!(element(513).expect_err("a long name").kind, XmlErrorKind::TooLarge);
    let attribute = |length: usize| read(format!("<a {}='1'/>", "n".repeat(length)).as_bytes()).map(drop);
    assert_eq!(attribute(512), Ok(()));
    assert_eq!(attribute(513).expect_err("a long name").kind, XmlErrorKind::TooLarge);
}

#[test]
fn unknown_names_declare_their_namespace() {
    let mut writer = Writer::document("D:prop");
    let sent = [("urn:\"&", "c"), ("", "d"), (XML, "e"), ("urn:x", "é-1")].map(|(namespace, local)| {
        let name = QName::new(namespace, local);
        name.unwrap_or_else(|| panic!("{local} is a name"))
    });
    for name in [QName::of(DAV, "a"), QName::of(CALDAV, "b")].iter().chain(&sent) {
        writer.empty_name(name);
    }
    writer.end("D:prop");
    let root = read(writer.as_str().as_bytes()).expect("our own text");
    let names: Vec<_> = root.elements().map(|element| element.name.pair()).collect();
    assert_eq!(names, [(DAV, "a"), (CALDAV, "b"), ("urn:\"&", "c"), ("", "d"), (XML, "e"), ("urn:x", "é-1")]);
}

#[test]
fn there_is_no_name_that_an_element_cannot_have() {
    for local in ["", "1x", "-x", ".x", "a b", "x:y", "<x", "a\"b", "a/><D:b", "a\u{0}", "a\u{fffe}", "\u{d7}"] {
        assert_eq!(QName::new(DAV, local), None, "{local}");
    }
    for namespace in ["http://www.w3.org/2000/xmlns/", "urn:\u{1}", "urn:\u{ffff}"] {
        assert_eq!(QName::new(namespace, "a"), None, "{namespace}");
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&body);
    }

    #[test]
    fn arbitrary_markup_never_panics(body in "([<>/!?&;=\"'\\[\\]a:# -]|xmlns|CDATA|--|<a>|</a>|&#x|é){0,60}") {
        let _ = read(body.as_bytes());
    }

    #[test]
    fn written_text_and_attributes_read_back(text in "[\\PC\r\n\t<>&\"']*", value in "[\\PC\r\n\t<>&\"']*") {
        let mut writer = Writer::document("D:a");
        writer.start_with("C:b", &[("c", &value)]);
        writer.text(&text);
        writer.end("C:b");
        writer.end("D:a");
        let root = read(writer.as_str().as_bytes()).expect("our own text");
        let element = root.caldav("b").expect("our own element");
        prop_assert_eq!(element.text(), text);
        prop_assert_eq!(element.attribute("c"), Some(value.as_str()));
    }

    #[test]
    fn a_comment_of_anything_is_a_comment(text in any::<String>()) {
        let mut writer = Writer::document("D:a");
        writer.comment(&text);
        writer.end("D:a");
        prop_assert!(read(writer.as_str().as_bytes()).is_ok());
    }
}

#[test]
fn a_stored_property_cannot_make_an_answer_unreadable() {
    let mut writer = Writer::document("D:prop");
    writer.raw("<displayname xmlns=\"DAV:\">a\u{b}b\u{fffe}\u{85}</displayname>");
    writer.end("D:prop");
    let root = read(writer.as_str().as_bytes()).expect("a document");
    assert_eq!(root.dav("displayname").expect("the property").text(), "ab\u{85}");
}
