//! Checks that after any changes in any order the result is a valid document, and that values that
//! were set are read back.

use super::head_and_text;
use ical::text::limits::MAX_PARAMS;
use ical::{Component, Document, Edit, Property};

pub fn run(data: &[u8]) {
    let Some((head, text)) = head_and_text(data) else { return };
    let Ok(document) = Document::parse(text) else { return };
    let properties: Vec<_> = document.components().flat_map(Component::properties).collect();
    // Skips inputs with a property of more than `MAX_PARAMS` parameters. The server refuses them
    // from clients, and uses the space above that limit for the parameters that it adds.
    if properties.iter().any(|property| property.params().nth(MAX_PARAMS).is_some()) {
        return;
    }
    let components: Vec<_> = document.components().skip(1).collect();
    let mut edit = document.edit();
    for (at, octets) in head.chunks_exact(2).take(32).enumerate() {
        change(&mut edit, octets, value(text, at, octets[1]), &properties, &components);
    }
    let untouched = edit.is_empty();
    let after = edit.finish();
    assert!(!untouched || after == text);
    Document::parse(after.as_str()).unwrap_or_else(|error| panic!("{error}: {after}"));
    if let (Some(property), Some(octet)) = (properties.first(), head.first()) {
        is_read_back(&document, *property, value(text, 0, *octet));
    }
}

/// Returns a part of the input text, so that values are as unusual as the input.
fn value(text: &str, at: usize, octet: u8) -> &str {
    let from = (usize::from(octet) * 7 + at * 13) % text.len().max(1);
    let from = (from..=text.len()).find(|from| text.is_char_boundary(*from)).unwrap_or(0);
    let end = (from + 90).min(text.len());
    let end = (from..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(from);
    &text[from..end]
}

fn change(edit: &mut Edit<'_>, octets: &[u8], value: &str, properties: &[Property<'_>], components: &[Component<'_>]) {
    let (kind, at) = (octets[0] % 9, usize::from(octets[1]));
    if let (0..=4, Some(property)) = (kind, properties.get(at % properties.len().max(1))) {
        match kind {
            0 => edit.set_param(property.id(), "X-P", value),
            1 => edit.remove_param(property.id(), "CN"),
            2 => edit.set_value(property.id(), value),
            3 => edit.replace(property.id(), &format!("X-R:{value}")),
            _ => edit.remove(property.id()),
        }
    }
    if let (5.., Some(component)) = (kind, components.get(at % components.len().max(1))) {
        match kind {
            5 => edit.append_property(component.id(), &format!("X-A:{value}")),
            6 => edit.append_component(component.id(), "BEGIN:X-C\nEND:X-C"),
            7 => edit.replace_component(component.id(), "BEGIN:X-C\nX-A:1\nEND:X-C"),
            _ => edit.remove_component(component.id()),
        }
    }
}

fn is_read_back(document: &Document, property: Property<'_>, value: &str) {
    let value: String = value.chars().filter(|character| !character.is_control()).collect();
    let mut edit = document.edit();
    edit.set_param(property.id(), "X-P", &value);
    edit.set_value(property.id(), &ical::escape_text(&value));
    let Ok(after) = Document::parse(edit.finish()) else { return };
    let read = after.property(property.id());
    assert_eq!(read.text(), value);
    assert_eq!(read.param("X-P").as_deref(), Some(value.as_str()));
    assert_eq!(read.raw().lines().map(str::len).filter(|len| *len > 75).count(), 0);
}
