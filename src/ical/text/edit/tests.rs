use crate::text::error::Cause;
use crate::text::limits::{MAX_PARAMS, SPARE_PARAMS};
use crate::text::{Component, Document, Edit, Property};

const INVITED: &str = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE;CN=\"B\";partstat=NEEDS-ACTION;X=1:mailto:b\r\nBEGIN:VALARM\r\n\
                       ACTION:AUDIO\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn parsed(text: &str) -> Document {
    Document::parse(text).expect("the text is well-formed")
}

fn event(document: &Document) -> Component<'_> {
    document.root().components().next().expect("there is an event")
}

fn attendee(document: &Document) -> Property<'_> {
    event(document).property("ATTENDEE").expect("there is an attendee")
}

type Change = fn(&mut Edit<'_>, Property<'_>);

/// The ATTENDEE line that each test case changes.
const OLD: &str = "ATTENDEE;CN=\"B\";partstat=NEEDS-ACTION;X=1:mailto:b\r\n";

fn changed<const N: usize>(rows: [(&str, Change, &str); N]) {
    let document = parsed(INVITED);
    for (title, change, new) in rows {
        let mut edit = document.edit();
        change(&mut edit, attendee(&document));
        assert_eq!(edit.is_empty(), new == OLD, "{title}");
        assert_eq!(edit.finish(), INVITED.replace(OLD, new), "{title}");
    }
}

#[test]
fn an_edit_changes_one_line() {
    changed([
        (
            "a parameter keeps its place and case",
            |edit, at| edit.set_param(at.id(), "PARTSTAT", "ACCEPTED"),
            "ATTENDEE;CN=\"B\";partstat=ACCEPTED;X=1:mailto:b\r\n",
        ),
        (
            "a new parameter comes last",
            |edit, at| edit.set_param(at.id(), "RSVP", "TRUE"),
            "ATTENDEE;CN=\"B\";partstat=NEEDS-ACTION;X=1;RSVP=TRUE:mailto:b\r\n",
        ),
        (
            "a parameter is quoted",
            |edit, at| edit.set_param(at.id(), "X", "2.0;Success"),
            "ATTENDEE;CN=\"B\";partstat=NEEDS-ACTION;X=\"2.0;Success\":mailto:b\r\n",
        ),
        ("the same value needs no other quotes", |edit, at| edit.set_param(at.id(), "CN", "B"), OLD),
        (
            "a parameter goes",
            |edit, at| edit.remove_param(at.id(), "cn"),
            "ATTENDEE;partstat=NEEDS-ACTION;X=1:mailto:b\r\n",
        ),
        ("no such parameter", |edit, at| edit.remove_param(at.id(), "ROLE"), OLD),
        (
            "a value",
            |edit, at| edit.set_value(at.id(), "mailto:c"),
            "ATTENDEE;CN=\"B\";partstat=NEEDS-ACTION;X=1:mailto:c\r\n",
        ),
        ("another line", |edit, at| edit.replace(at.id(), "COMMENT:x"), "COMMENT:x\r\n"),
        ("a line cannot become two", |edit, at| edit.replace(at.id(), "COMMENT:x\r\nY:z\r\n"), "COMMENT:xY:z\r\n"),
        ("no line", |edit, at| edit.remove(at.id()), ""),
        (
            "a long line is folded",
            |edit, at| edit.replace(at.id(), &format!("COMMENT:{}", "x".repeat(70))),
            "COMMENT:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n xxx\r\n",
        ),
    ]);
}

#[test]
fn changes_to_one_line_add_up() {
    changed([
        (
            "changes add up",
            |edit, at| {
                edit.set_param(at.id(), "X", "2");
                edit.remove_param(at.id(), "CN");
                edit.set_value(at.id(), "mailto:c");
            },
            "ATTENDEE;partstat=NEEDS-ACTION;X=2:mailto:c\r\n",
        ),
        (
            "there and back",
            |edit, at| {
                edit.set_param(at.id(), "X", "2");
                edit.set_param(at.id(), "X", "1");
            },
            OLD,
        ),
        (
            "removed lines stay removed",
            |edit, at| {
                edit.remove(at.id());
                edit.set_param(at.id(), "X", "2");
                edit.set_value(at.id(), "c");
            },
            "",
        ),
    ]);
}

#[test]
fn a_doubled_parameter_becomes_one() {
    let document = parsed("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE;X=1,2;X=3:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    let mut edit = document.edit();
    edit.set_param(attendee(&document).id(), "X", "1");
    assert_eq!(edit.finish(), document.as_str().replace(";X=1,2;X=3", ";X=1"));
}

/// A client cannot store a line that is this full, because the limit for clients is lower. A line
/// that a client can store has room for everything that the server adds.
#[test]
fn a_line_that_can_take_no_parameter_more_is_refused_by_its_reader() {
    let full = ";A=b".repeat(MAX_PARAMS + SPARE_PARAMS);
    let text = format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE{full}:a\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    let document = parsed(&text);
    let mut edit = document.edit();
    edit.set_param(attendee(&document).id(), "X", "1");
    edit.set_value(attendee(&document).id(), "c");
    let after = edit.finish();
    assert_eq!(after.replace("\r\n ", ""), text.replace("A=b:a", "A=b;X=1:c"));
    assert!(Document::parse(after).is_err_and(|error| error.cause == Cause::TooManyParams));
}

#[test]
fn additions_stand_where_the_grammar_requires() {
    let document = parsed(INVITED);
    let event = event(&document);
    let mut edit = document.edit();
    edit.append_component(event.id(), "BEGIN:VALARM\nEND:VALARM");
    edit.append_property(event.id(), "SEQUENCE:1");
    edit.append_property(event.id(), "COMMENT:x\r\n y\r\n");
    edit.append_property(document.root().id(), "VERSION:2.0");
    assert!(!edit.is_empty());
    let expected = INVITED
        .replace("BEGIN:VEVENT", "VERSION:2.0\r\nBEGIN:VEVENT")
        .replace("BEGIN:VALARM", "SEQUENCE:1\r\nCOMMENT:xy\r\nBEGIN:VALARM")
        .replace("END:VEVENT", "BEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT");
    assert_eq!(edit.finish(), expected);
}

#[test]
fn whole_components_are_replaced() {
    let document = parsed(INVITED);
    let event = event(&document);
    let alarm = event.components().next().expect("there is an alarm");
    let without_alarm = INVITED.replace(alarm.text(), "");

    let mut edit = document.edit();
    edit.remove_component(alarm.id());
    edit.append_property(event.id(), "SEQUENCE:1");
    assert_eq!(edit.finish(), without_alarm.replace("END:VEVENT", "SEQUENCE:1\r\nEND:VEVENT"));

    let mut edit = document.edit();
    edit.set_value(alarm.property("ACTION").expect("there is an action").id(), "DISPLAY");
    edit.append_property(alarm.id(), "TRIGGER:-PT1H");
    edit.replace_component(event.id(), "BEGIN:VTODO\nEND:VTODO\n");
    assert_eq!(edit.finish(), "BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nEND:VTODO\r\nEND:VCALENDAR\r\n");

    let mut edit = document.edit();
    edit.remove_component(event.id());
    edit.replace_component(event.id(), event.text());
    assert!(edit.is_empty());
    assert_eq!(edit.finish(), INVITED);
}

#[test]
fn new_lines_end_as_the_old_ones() {
    let document = parsed("BEGIN:VCALENDAR\nEND:VCALENDAR\n");
    let mut edit = document.edit();
    edit.append_property(document.root().id(), "VERSION:2.0");
    edit.append_component(document.root().id(), "BEGIN:VEVENT\r\nEND:VEVENT\r\n");
    assert_eq!(edit.finish(), "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n");
    let rows = [("BEGIN:VCALENDAR\r\nEND:VCALENDAR", "\r\n"), ("\nBEGIN:VCALENDAR\r\nEND:VCALENDAR", "\n")];
    for (text, line_end) in rows {
        assert_eq!(parsed(text).line_end(), line_end, "{text:?}");
    }
}
