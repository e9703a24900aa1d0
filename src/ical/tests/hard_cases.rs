//! Tests of texts that other parsers are known to misread. Each text must keep its octets, even if
//! another line changes, and must be read correctly.

use ical::{Document, Property};

/// A title, lines of an event, the property to read, its TEXT value, and one of its parameters.
struct Case(&'static str, &'static str, &'static str, &'static str, Option<(&'static str, &'static str)>);

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case("a quoted parameter with all that separates", "ATTENDEE;CN=\"Doe; Jane: a, b\":mailto:j@x\r\n", "ATTENDEE", "mailto:j@x", Some(("CN", "Doe; Jane: a, b"))),
    Case("carets in a parameter (RFC 6868)", "ATTENDEE;CN=George ^'Babe^' Ruth^nSr^^:mailto:b@x\r\n", "ATTENDEE", "mailto:b@x", Some(("CN", "George \"Babe\" Ruth\nSr^"))),
    Case("a caret that means nothing", "ATTENDEE;CN=a^b:mailto:b@x\r\n", "ATTENDEE", "mailto:b@x", Some(("CN", "a^b"))),
    Case("an empty parameter", "ATTENDEE;CN=;RSVP=TRUE:mailto:b@x\r\n", "ATTENDEE", "mailto:b@x", Some(("CN", ""))),
    Case("a parameter of empty quotes", "ATTENDEE;CN=\"\":mailto:b@x\r\n", "ATTENDEE", "mailto:b@x", Some(("CN", ""))),
    Case("parameters in an order of their own", "ATTENDEE;X-Z=1;RSVP=TRUE;CN=b;A=2:mailto:b@x\r\n", "ATTENDEE", "mailto:b@x", Some(("A", "2"))),
    Case("a parameter twice", "ATTENDEE;CN=a;CN=b:mailto:b@x\r\n", "ATTENDEE", "mailto:b@x", Some(("CN", "a"))),
    Case("a list, quoted and not", "ATTENDEE;MEMBER=\"mailto:a@x\",b,\"mailto:c@x\":mailto:b@x\r\n", "ATTENDEE", "mailto:b@x", Some(("MEMBER", "mailto:a@x"))),
    Case("an equals sign in a parameter", "ATTENDEE;X-URL=a=b:mailto:b@x\r\n", "ATTENDEE", "mailto:b@x", Some(("X-URL", "a=b"))),
    Case("letters of both cases", "aTTendee;Cn=b:mailto:b@x\r\n", "ATTENDEE", "mailto:b@x", Some(("CN", "b"))),
    Case("an underscore in a name", "X-WR_NAME:a\r\n", "X-WR_NAME", "a", None),
    Case("an empty value", "LOCATION:\r\n", "LOCATION", "", None),
    Case("colons, semicolons and quotes in a value", "LOCATION:\"a\": b; c=d\r\n", "LOCATION", "\"a\": b; c=d", None),
    Case("escapes", "LOCATION:a\\,b\\;c\\\\d\\ne\\Nf\r\n", "LOCATION", "a,b;c\\d\ne\nf", None),
    Case("unknown escapes, which stay", "LOCATION:a\\tb\\:c\r\n", "LOCATION", "a\\tb\\:c", None),
    Case("a backslash at the end", "LOCATION:a\\\r\n", "LOCATION", "a\\", None),
    Case("commas that should be escaped", "LOCATION:a, b, c\r\n", "LOCATION", "a, b, c", None),
    Case("blanks around", "LOCATION: \t a \r\n", "LOCATION", " \t a ", None),
    Case("folds in name, parameter and value", "ATT\r\n ENDEE;C\r\n N=\"a\r\n :b\"\r\n :mail\r\n\tto:b@x\r\n", "ATTENDEE", "mailto:b@x", Some(("CN", "a:b"))),
    Case("a fold between a backslash and the escaped character", "LOCATION:a\\\r\n nb\r\n", "LOCATION", "a\nb", None),
    Case("a fold in the midst of blanks", "LOCATION:a \r\n  b\r\n", "LOCATION", "a  b", None),
    Case("folds of nothing", "LOCATION:a\r\n \r\n \r\n b\r\n", "LOCATION", "ab", None),
    Case("bare LF among others", "LOCATION:a\n b\nX-A:1\r\n", "LOCATION", "ab", None),
    Case("blank lines", "\r\nLOCATION:a\r\n\r\n\r\n", "LOCATION", "a", None),
    Case("letters of other scripts, composed and not", "LOCATION:Caf\u{e9} cafe\u{301} \u{1f950}\u{200d}\r\n", "LOCATION", "Caf\u{e9} cafe\u{301} \u{1f950}\u{200d}", None),
    Case("base64 that must not change", "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAEC/w==\r\n", "ATTACH", "AAEC/w==", Some(("ENCODING", "BASE64"))),
    Case("components of unknown types, and a property after them", "BEGIN:X-A\r\nBEGIN:x-b\r\nEND:X-B\r\nEND:X-A\r\nLOCATION:a\r\n", "LOCATION", "a", None),
];

fn calendar(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n{lines}BEGIN:VALARM\r\nTRIGGER:PT0S\r\nEND:VALARM\r\nSUMMARY:old\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn property<'a>(document: &'a Document, name: &str) -> Property<'a> {
    document.root().components().next().and_then(|event| event.property(name)).expect("it is there")
}

#[test]
fn each_is_kept_and_read() {
    assert_eq!(CASES.len(), 27);
    for Case(title, lines, name, value, param) in CASES {
        let text = calendar(lines);
        let document = Document::parse(text.as_str()).unwrap_or_else(|error| panic!("{title}: {error}"));
        assert_eq!(document.as_str(), text, "{title}");
        let found = property(&document, name);
        // A value of another type has no escapes, so it is the same when read as TEXT.
        assert_eq!(found.text(), *value, "{title}");
        if let Some((name, value)) = param {
            assert_eq!(found.param(name).as_deref(), Some(*value), "{title}");
        }
    }
}

#[test]
fn each_is_kept_where_another_line_is_changed() {
    for Case(title, lines, ..) in CASES {
        let text = calendar(lines);
        let document = Document::parse(text.as_str()).expect("it was read before");
        let mut edit = document.edit();
        edit.set_value(property(&document, "SUMMARY").id(), "new");
        assert_eq!(edit.finish(), text.replace("SUMMARY:old", "SUMMARY:new"), "{title}");
    }
}
