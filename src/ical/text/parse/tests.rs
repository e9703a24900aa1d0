use crate::text::limits::{MAX_LINE_BYTES, MAX_NESTING, MAX_PARAMS, SPARE_LINE_BYTES, SPARE_PARAMS};
use crate::text::utf8;
use crate::text::{Cause, Component, Document, SyntaxError};

fn calendar(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\r\n{lines}END:VCALENDAR\r\n")
}

fn refusal(text: &str) -> SyntaxError {
    Document::parse(text).map(Document::into_string).expect_err("the text should be refused")
}

#[test]
fn a_document_is_kept_octet_for_octet() {
    let rows = [
        ("smallest", calendar("")),
        ("bare LF", "BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n".to_owned()),
        ("both line ends", "BEGIN:VCALENDAR\nVERSION:2.0\r\nEND:VCALENDAR\r\n".to_owned()),
        ("no line end at the end", "BEGIN:VCALENDAR\r\nEND:VCALENDAR".to_owned()),
        ("blank lines", "\r\nBEGIN:VCALENDAR\r\n\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n\r\n\r\n".to_owned()),
        ("byte order mark", format!("\u{feff}{}", calendar("VERSION:2.0\r\n"))),
        ("lower case", "begin:vcalendar\r\nversion:2.0\r\nend:VCalendar\r\n".to_owned()),
        ("blanks behind a name", "BEGIN:VCALENDAR \r\nEND:VCALENDAR\t\r\n".to_owned()),
        ("folds", calendar("SUMMARY:a\r\n b\r\n\tc\r\n")),
        ("a fold of nothing", calendar("SUMMARY:a\r\n \r\n  b\r\n")),
        ("a fold in the name", calendar("SUM\r\n MARY:a\r\nBEGIN:VEV\r\n ENT\r\nEND:VEVENT\r\n")),
        ("folds at odd places", calendar("ATTENDEE;C\r\n N=\"a\r\n :b\"\r\n :mailto:c\r\n")),
        ("a tab in a value", calendar("SUMMARY:a\tb\r\n")),
        ("properties behind components", calendar("BEGIN:VEVENT\r\nEND:VEVENT\r\nX-A:1\r\n")),
        ("not ASCII", calendar("SUMMARY:Frühstück 🥐\r\n")),
    ];
    for (title, text) in rows {
        match Document::parse(text.as_str()) {
            Ok(document) => assert_eq!(document.as_str(), text, "{title}"),
            Err(error) => panic!("{title}: {error}"),
        }
    }
}

#[test]
fn a_broken_text_is_refused_with_line_column_component_and_cause() {
    let event = |line: &str| calendar(&format!("BEGIN:VEVENT\r\n{line}\r\nEND:VEVENT\r\n"));
    let deep: String = (1..=MAX_NESTING).map(|_| "BEGIN:X-A\r\n").collect();
    let wrong_end = Cause::WrongEnd { expected: "VEVENT".to_owned(), found: "VCALENDAR".to_owned() };
    let rows = [
        ("nothing", String::new(), (1, 1, ""), Cause::NoCalendar),
        ("blank lines only", "\r\n\r\n".to_owned(), (2, 1, ""), Cause::NoCalendar),
        ("HTML", "<html>\r\n".to_owned(), (1, 1, ""), Cause::NoColon),
        ("a card", "BEGIN:VCARD\r\nEND:VCARD\r\n".to_owned(), (1, 1, ""), Cause::OutsideCalendar),
        ("two calendars", calendar("").repeat(2), (3, 1, ""), Cause::SecondCalendar),
        ("a property before", format!("A:1\r\n{}", calendar("")), (1, 1, ""), Cause::OutsideCalendar),
        ("a property behind", format!("{}A:1\r\n", calendar("")), (3, 1, ""), Cause::OutsideCalendar),
        ("an END too many", format!("{}END:VCALENDAR\r\n", calendar("")), (3, 1, ""), Cause::OutsideCalendar),
        ("an END missing", calendar("BEGIN:VEVENT\r\n"), (3, 1, "VCALENDAR/VEVENT"), wrong_end),
        ("the last END missing", "\r\nBEGIN:VCALENDAR\r\n".to_owned(), (2, 1, "VCALENDAR"), Cause::Unclosed),
        ("no colon", event("SUMMARY"), (3, 8, "VCALENDAR/VEVENT"), Cause::NoColon),
        ("a blank in the name", event("MY SUMMARY:x"), (3, 3, "VCALENDAR/VEVENT"), Cause::InvalidName),
        ("a broken line behind a fold", event("A:1\r\n 2\r\nB"), (5, 2, "VCALENDAR/VEVENT"), Cause::NoColon),
        ("an open quote", event("A;B=\"c:d"), (3, 5, "VCALENDAR/VEVENT"), Cause::UnclosedQuote),
        ("a first line that is a fold", " BEGIN:VCALENDAR\r\n".to_owned(), (1, 1, ""), Cause::InvalidName),
        ("a component without name", calendar("BEGIN:\r\n"), (2, 7, "VCALENDAR"), Cause::InvalidComponentName),
        ("an odd component name", calendar("BEGIN:V EVENT\r\n"), (2, 7, "VCALENDAR"), Cause::InvalidComponentName),
        ("NUL", event("SUMMARY:a\0b"), (3, 10, "VCALENDAR/VEVENT"), Cause::ControlCharacter(0)),
        ("a lone CR", event("SUMMARY:a\rb"), (3, 10, "VCALENDAR/VEVENT"), Cause::ControlCharacter(b'\r')),
        ("a CR at the end", format!("{}\r", calendar("")), (3, 1, ""), Cause::ControlCharacter(b'\r')),
        ("DEL", event("SUMMARY:\u{7f}"), (3, 9, "VCALENDAR/VEVENT"), Cause::ControlCharacter(0x7f)),
        ("too deep", calendar(&deep), (MAX_NESTING + 1, 1, ""), Cause::TooDeep),
    ];
    for (title, text, (line, column, path), cause) in rows {
        let error = refusal(&text);
        assert_eq!((error.line, error.column, &error.cause), (line, column, &cause), "{title}");
        if cause != Cause::TooDeep {
            assert_eq!(error.path, path, "{title}");
        }
    }
}

#[test]
fn a_refusal_is_one_sentence() {
    let text = calendar("BEGIN:VEVENT\r\nSUMMARY\r\nEND:VEVENT\r\n");
    assert_eq!(
        refusal(&text).to_string(),
        "line 3, column 8, in VCALENDAR/VEVENT: the line has no colon after its name and parameters"
    );
    assert_eq!(refusal("").to_string(), "line 1, column 1: the text contains no VCALENDAR");
}

#[test]
fn octets_are_read_as_utf_8_even_across_folds() {
    let text = |bytes: &[u8]| [b"BEGIN:VCALENDAR\r\nX:".as_slice(), bytes, b"\r\nEND:VCALENDAR\r\n"].concat();
    let whole = utf8::decode(text("ä".as_bytes())).expect("UTF-8 is read");
    assert!(whole.is_as_sent);
    let cut = utf8::decode(text(b"\xc3\r\n \xa4b")).expect("a cut character is repaired");
    assert!(!cut.is_as_sent);
    assert_eq!(cut.text, "BEGIN:VCALENDAR\r\nX:ä\r\n b\r\nEND:VCALENDAR\r\n");
    let latin = utf8::decode(text(b"\xe4b")).expect_err("Latin-1 is refused");
    assert_eq!((latin.line, latin.column, latin.cause), (2, 3, Cause::NotUtf8));
    let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
    for text in ["BEGIN:VCALENDAR\r\n", "\u{feff}BEGIN:VCALENDAR\r\n", "\r\nbegin:vcalendar"] {
        for octets in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            let wide = utf8::decode(units(text).into_iter().flat_map(octets).collect()).expect_err(text);
            assert_eq!((wide.line, wide.cause), (1, Cause::Utf16), "{text}");
        }
    }
}

#[test]
fn the_limits_hold_on_the_edge() {
    let params = |count: usize| calendar(&format!("X{}:1\r\n", ";A=b".repeat(count)));
    let most = MAX_PARAMS + SPARE_PARAMS;
    assert!(Document::parse(params(most)).is_ok());
    assert_eq!(refusal(&params(most + 1)).cause, Cause::TooManyParams);
    let line = |octets: usize| calendar(&format!("X:{}\r\n", "a".repeat(octets - 2)));
    let most = MAX_LINE_BYTES + SPARE_LINE_BYTES;
    assert!(Document::parse(line(most)).is_ok());
    assert_eq!(refusal(&line(most + 1)).cause, Cause::LineTooLong);
    let folded = calendar(&format!("X:{}\r\n", "\r\n a".repeat(most - 1)));
    assert_eq!(refusal(&folded).cause, Cause::LineTooLong);
    let nested = |depth: usize| "BEGIN:X-A\r\n".repeat(depth) + &"END:X-A\r\n".repeat(depth);
    assert!(Document::parse(calendar(&nested(MAX_NESTING - 1))).is_ok());
    assert_eq!(refusal(&calendar(&nested(MAX_NESTING))).cause, Cause::TooDeep);
    assert_eq!(refusal(&calendar(&nested(100_000))).cause, Cause::TooDeep);
}

#[test]
fn the_tree_is_walked_in_order() {
    let text = calendar(
        "VERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:A\r\nEND:VTIMEZONE\r\nbegin:vevent\r\nuid:1\r\nBEGIN:VALARM\r\nACTION:AUDIO\r\nEND:VALARM\r\n\
         SUMM\r\n ARY:late\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nUID:3\r\nEND:VEVENT\r\nX-LAST:1\r\n",
    );
    let document = Document::parse(text.as_str()).expect("the text is well-formed");
    let root = document.root();
    let names = |component: Component<'_>| {
        component.properties().map(|property| property.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(root), ["VERSION", "X-LAST"]);
    assert_eq!(root.components().map(Component::name).collect::<Vec<_>>(), ["VTIMEZONE", "vevent", "VEVENT"]);
    let paths: Vec<_> = document.components().map(Component::path).collect();
    let expected =
        ["VCALENDAR", "VCALENDAR/VTIMEZONE", "VCALENDAR/vevent", "VCALENDAR/vevent/VALARM", "VCALENDAR/VEVENT"];
    assert_eq!(paths, expected);
    let events: Vec<_> = root.components_named("VEVENT").collect();
    assert_eq!((names(events[0]), events[0].line()), (vec!["uid".to_owned(), "SUMMARY".to_owned()], 6));
    let summary = events[0].property("summary").expect("the folded property is found");
    assert_eq!((summary.line(), summary.content_line(), summary.raw()), (11, "SUMMARY:late", "SUMM\r\n ARY:late\r\n"));
    assert_eq!(events[1].properties_named("UID").map(|uid| uid.value().to_owned()).collect::<Vec<_>>(), ["2", "3"]);
    assert_eq!(events[1].text(), "BEGIN:VEVENT\r\nUID:2\r\nUID:3\r\nEND:VEVENT\r\n");
    let alarm = events[0].components().next().expect("the alarm is there");
    let action = alarm.property("ACTION").expect("the action is there");
    assert_eq!(action.component().parent().map(Component::id), Some(events[0].id()));
    assert_eq!(document.property(action.id()).value(), "AUDIO");
    assert_eq!(root.parent().map(Component::id), None);
    assert_eq!(document.clone(), document);
}

#[test]
fn a_property_is_decoded_on_request() {
    let text = calendar(
        "ATTENDEE;CN=\"B, Anna\";MEMBER=\"mailto:a\",\"mailto:b\";X=^n:mailto:c\r\nCATEGORIES:a\\,b,c\\nd\r\n",
    );
    let document = Document::parse(text).expect("the text is well-formed");
    let attendee = document.root().property("ATTENDEE").expect("the attendee is there");
    assert_eq!(attendee.value(), "mailto:c");
    assert_eq!(attendee.param("cn").as_deref(), Some("B, Anna"));
    assert_eq!(attendee.param("MEMBER").as_deref(), Some("mailto:a"));
    assert_eq!(attendee.param("X").as_deref(), Some("\n"));
    assert_eq!(attendee.param("ROLE"), None);
    let categories = document.root().property("CATEGORIES").expect("the categories are there");
    assert_eq!(categories.texts().collect::<Vec<_>>(), ["a,b", "c\nd"]);
    assert_eq!(categories.text(), "a,b,c\nd");
}

#[test]
fn odd_lines_of_clients_are_read_correctly() {
    let rows = [
        (
            "a zone in quotes",
            "DTSTART;TZID=\"W. Europe Standard Time\":20260105T120000",
            "W. Europe Standard Time",
            "20260105T120000",
        ),
        (
            "HTML",
            "X-ALT-DESC;FMTTYPE=text/html:<a href=\"http://x/?a=b;c\">x</a>",
            "text/html",
            "<a href=\"http://x/?a=b;c\">x</a>",
        ),
        (
            "base64 over many lines",
            "ATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA\r\n BBBB\r\n CC==",
            "BASE64",
            "AAAABBBBCC==",
        ),
        (
            "a URL in a parameter",
            "ATTENDEE;DIR=\"ldap://x:389/o=A,c=B?a\";CN=B:mailto:b@x",
            "ldap://x:389/o=A,c=B?a",
            "mailto:b@x",
        ),
        ("a fold inside quotes", "ATTENDEE;CN=\"Anna, \r\n the first\":mailto:a@x", "Anna, the first", "mailto:a@x"),
        ("a fold before the colon", "ATTENDEE;CN=Anna\r\n :mailto:a@x", "Anna", "mailto:a@x"),
        ("a fold by tab", "ATTENDEE;CN=Anna\r\n\t B:mailto:a@x", "Anna B", "mailto:a@x"),
        ("a backslash in a parameter", "ATTENDEE;CN=\"A\\, B\":mailto:a@x", "A\\, B", "mailto:a@x"),
        ("an apostrophe and an e-mail address as name", "ATTENDEE;CN='a@x':MAILTO:a@x", "'a@x'", "MAILTO:a@x"),
        ("an empty value", "ORGANIZER;CN=\"\":", "", ""),
        ("blanks at the end", "X-A;B=c :d ", "c ", "d "),
        ("line separators of Unicode", "X-A;B=\u{a0}\u{2028}:x\u{85}y\u{2029}", "\u{a0}\u{2028}", "x\u{85}y\u{2029}"),
        ("an emoji of many parts", "X-A;B=👩‍👩‍👧:👍🏽", "👩‍👩‍👧", "👍🏽"),
        ("a value that looks like a line", "X-A;B=c:END:VCALENDAR", "c", "END:VCALENDAR"),
        ("a parameter that looks like a line", "X-A;B=\"END:VCALENDAR\":d", "END:VCALENDAR", "d"),
    ];
    for (title, line, param, value) in rows {
        let document =
            Document::parse(calendar(&format!("{line}\r\n"))).unwrap_or_else(|error| panic!("{title}: {error}"));
        let property = document.root().properties().next().expect("the property is there");
        let first = property.params().next().expect("the parameter is there");
        assert_eq!((first.value().as_ref(), property.value()), (param, value), "{title}");
        assert_eq!(property.raw(), format!("{line}\r\n"), "{title}");
    }
}

/// The texts are so large that a parser of quadratic time would not finish this test.
#[test]
fn hostile_texts_take_linear_time() {
    let many = 200_000;
    let rows = [
        ("parameters", calendar(&format!("X{}:1\r\n", ";A=b".repeat(many))), false),
        ("values of one parameter", calendar(&format!("X;A=b{}:1\r\n", ",\"c\"".repeat(many))), true),
        ("open quotes", calendar(&"X;A=\"b\r\n".repeat(many)), false),
        ("folds", calendar(&format!("X:{}\r\n", "\r\n a".repeat(many))), true),
        ("folds of nothing", calendar(&format!("X:{}\r\n", "\r\n ".repeat(many))), true),
        ("blank lines", calendar(&"\r\n".repeat(many)), true),
        ("components", calendar(&"BEGIN:X-A\r\nUID:1\r\nEND:X-A\r\n".repeat(many)), true),
        ("properties", calendar(&"X-A;B=c:1\r\n".repeat(many)), true),
        ("control characters", calendar(&"X:\u{7f}\r\n".repeat(many)), false),
        ("escapes", calendar(&format!("X:{}\r\n", "\\,".repeat(many))), true),
    ];
    for (title, text, read) in rows {
        let document = Document::parse(text);
        assert_eq!(document.is_ok(), read, "{title}");
        let Ok(document) = document else { continue };
        let mut edit = document.edit();
        for property in document.components().flat_map(Component::properties) {
            assert!(property.texts().count() > 0, "{title}");
            assert!(property.params().all(|param| param.values().count() > 0), "{title}");
            edit.set_param(property.id(), "X-NEW", "1");
        }
        assert!(Document::parse(edit.finish()).is_ok(), "{title}");
    }
}
