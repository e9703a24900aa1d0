//! Property-based tests of the text layer.

use super::{Document, escape_text, quote_param};
use proptest::prelude::*;

/// Generates fragments of iCalendar in any order. The parser refuses most of them, and must not
/// panic on any.
fn debris() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        Just("BEGIN:VCALENDAR"),
        Just("END:VCALENDAR"),
        Just("BEGIN:VEVENT"),
        Just("END:VEVENT"),
        Just("BEGIN"),
        Just("END"),
        Just("SUMMARY"),
        Just("ATTENDEE"),
        Just(";"),
        Just(":"),
        Just("="),
        Just(","),
        Just("\""),
        Just("\r\n"),
        Just("\n"),
        Just("\r"),
        Just("\r\n "),
        Just("\n\t"),
        Just("^"),
        Just("\\"),
        Just("\\n"),
        Just("ä"),
        Just("😀"),
        Just("\0"),
        Just("x"),
        Just("\u{feff}"),
        Just("PARTSTAT=ACCEPTED"),
        Just("CN=\"a,b\""),
    ];
    proptest::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

/// Generates a content line with its line end, folded at a random place.
fn line() -> impl Strategy<Value = String> {
    let content = ("X-[A-Z]{1,5}", proptest::option::of("[a-z:;,]{0,8}"), "[^\\p{Cc}]{0,90}");
    let ends = prop_oneof![Just("\r\n"), Just("\n")];
    (content, ends, any::<prop::sample::Index>()).prop_map(|((name, param, value), end, fold)| {
        let param = param.map_or_else(String::new, |param| format!(";P={}", quote_param(&param)));
        let line = format!("{name}{param}:{value}");
        let places: Vec<_> = line.char_indices().map(|(at, _)| at).skip(1).collect();
        let (before, behind) = line.split_at(*fold.get(&places));
        format!("{before}{end} {behind}{end}")
    })
}

/// Generates a well-formed document with two events.
fn document() -> impl Strategy<Value = (String, usize)> {
    (proptest::collection::vec(line(), 1..6), proptest::collection::vec(line(), 1..6)).prop_map(|(first, second)| {
        let text = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{}END:VEVENT\r\nBEGIN:VEVENT\r\n{}END:VEVENT\r\nEND:VCALENDAR\r\n",
            first.concat(),
            second.concat()
        );
        (text, first.len() + second.len())
    })
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_read_is_kept(text in debris()) {
        if let Ok(document) = Document::parse(text.as_str()) {
            prop_assert_eq!(document.as_str(), text.as_str());
            for property in document.components().flat_map(|component| component.properties().collect::<Vec<_>>()) {
                let params: Vec<_> = property.params().flat_map(|param| param.values().collect::<Vec<_>>()).collect();
                prop_assert!(params.len() < text.len());
                prop_assert!(property.texts().count() > 0);
            }
        }
    }

    #[test]
    fn no_octets_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let framed = [b"BEGIN:VCALENDAR\r\nX:".as_slice(), &bytes, b"\r\nEND:VCALENDAR\r\n"].concat();
        if let Ok((text, repair)) = crate::repair::utf8(framed.clone()) {
            prop_assert_eq!(text.as_bytes() == framed, repair.is_none());
            let repaired = crate::repair::calendar_object(text.clone(), 0);
            if let Ok(repaired) = &repaired {
                prop_assert_eq!(repaired.document.as_str() == text, repaired.repairs.is_empty());
            }
            prop_assert!(repaired.is_ok() || Document::parse(text).is_err());
        }
    }

    #[test]
    fn a_well_formed_text_is_read_and_kept((text, count) in document()) {
        let document = Document::parse(text.as_str()).expect("the text is well-formed");
        prop_assert_eq!(document.as_str(), text.as_str());
        prop_assert_eq!(document.root().components().map(|event| event.properties().count()).sum::<usize>(), count);
        let raw: String = document.components().flat_map(|component| component.properties().collect::<Vec<_>>()).map(super::Property::raw).collect();
        prop_assert!(document.root().components().all(|event| text.contains(event.text())));
        prop_assert_eq!(raw.len() + "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".len() + 2 * "BEGIN:VEVENT\r\nEND:VEVENT\r\n".len(), text.len());
    }

    #[test]
    fn an_edit_touches_nothing_else((text, _) in document(), at in any::<prop::sample::Index>(), value in "[^\\p{Cc}]{0,120}") {
        let before = Document::parse(text.as_str()).expect("the text is well-formed");
        let properties = |document: &Document| -> Vec<String> {
            let all = document.components().flat_map(|component| component.properties().collect::<Vec<_>>());
            all.map(|property| property.raw().to_owned()).collect()
        };
        let all: Vec<_> = before.components().flat_map(|component| component.properties().collect::<Vec<_>>()).collect();
        let index = at.index(all.len());
        let mut edit = before.edit();
        edit.set_param(all[index].id(), "X-NEW", &value);
        edit.set_value(all[index].id(), &escape_text(&value));
        let after = Document::parse(edit.finish()).expect("an edited document is well-formed");
        let (mut old, mut new) = (properties(&before), properties(&after));
        let changed = new.remove(index);
        old.remove(index);
        prop_assert_eq!(old, new);
        prop_assert!(changed.split("\r\n").flat_map(|line| line.split('\n')).all(|line| line.len() <= 75));
        let property = after.components().flat_map(|component| component.properties().collect::<Vec<_>>()).nth(index).expect("it is still there");
        prop_assert_eq!(property.text(), value.as_str());
        prop_assert_eq!(property.param("X-NEW").expect("it was set"), value.as_str());
    }

    #[test]
    fn edits_of_any_kind_in_any_order_leave_a_well_formed_document(
        (text, _) in document(),
        changes in proptest::collection::vec((0..8, any::<prop::sample::Index>(), "[^\\p{Cc}]{0,100}"), 0..12),
    ) {
        let before = Document::parse(text.as_str()).expect("the text is well-formed");
        let properties: Vec<_> = before.components().flat_map(super::Component::properties).collect();
        let components: Vec<_> = before.components().skip(1).collect();
        let mut edit = before.edit();
        for (kind, at, value) in &changes {
            let (property, component) = (at.get(&properties).id(), at.get(&components).id());
            match kind {
                0 => edit.set_param(property, "X-P", value),
                1 => edit.remove_param(property, "P"),
                2 => edit.set_value(property, value),
                3 => edit.replace(property, &format!("X-R:{value}")),
                4 => edit.remove(property),
                5 => edit.append_property(component, &format!("X-A:{value}")),
                6 => edit.append_component(component, "BEGIN:X-C\nEND:X-C"),
                _ => edit.remove_component(component),
            }
        }
        let untouched = edit.is_empty();
        let after = edit.finish();
        prop_assert!(Document::parse(after.as_str()).is_ok(), "{}", after);
        prop_assert!(!untouched || after == text);
    }
}
