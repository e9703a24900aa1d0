//! Compares XML with an expected fragment.

use dav::xml::{Element, Limits, parse};

use super::pattern::{self, Names};

/// Declarations of the prefixes that an XML text of a case may use.
const NAMESPACES: &str = concat!(
    r#" xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav""#,
    r#" xmlns:CS="http://calendarserver.org/ns/" xmlns:X="http://example.com/ns/""#
);

/// Adds the namespace declarations to the root element, if the text has a prefix there and declares
/// no namespace.
pub(super) fn declared(xml: &str) -> String {
    let is_root = |at: &usize| xml[at + 1..].starts_with(char::is_alphabetic);
    let Some(root) = xml.match_indices('<').map(|(at, _)| at).find(is_root).filter(|_| !xml.contains("xmlns")) else {
        return xml.to_owned();
    };
    let end = xml[root..].find(['>', '/', ' ']).map_or(xml.len(), |end| root + end);
    if !xml[root..end].contains(':') {
        return xml.to_owned();
    }
    format!("{}{NAMESPACES}{}", &xml[..end], &xml[end..])
}

/// Parses XML. `Err` with an explanation if it is malformed.
pub(super) fn parsed(xml: &str) -> Result<Element, String> {
    parse(xml.as_bytes(), &Limits::default()).map_err(|error| format!("no XML: {error}: {xml}"))
}

/// Parses XML fragments, as the children of one element.
pub(super) fn fragments(xml: &str) -> Result<Element, String> {
    parsed(&format!("<D:prop{NAMESPACES}>{xml}</D:prop>"))
}

/// Checks that the element has the name, attributes and text of the expected element, and the same
/// children in any order. The text `...` between expected children allows further children. Without
/// expected children, `...` matches any content.
pub(super) fn compare(expected: &Element, actual: &Element, names: &mut Names) -> Result<(), String> {
    let name = &expected.name;
    if expected.name != actual.name {
        return Err(format!("{} instead of {name}", actual.name));
    }
    for attribute in &expected.attributes {
        let value = actual.attributes.iter().find(|other| other.name == attribute.name);
        if !value.is_some_and(|value| pattern::match_line(&attribute.value, &value.value, names)) {
            return Err(format!("{name}: the attribute {} is {value:?}", attribute.name));
        }
    }
    if expected.elements().next().is_some() {
        return children(expected, actual, names);
    }
    let wanted = expected.text();
    if wanted.trim() == "..." {
        return Ok(());
    }
    if let Some(extra) = actual.elements().next() {
        return Err(format!("{name} contains {}", extra.name));
    }
    if pattern::matches(&wanted, &actual.text(), names) {
        return Ok(());
    }
    Err(format!("{name} is\n{}\ninstead of\n{wanted}", actual.text()))
}

/// Compares the children of two elements, in any order.
pub(super) fn children(expected: &Element, actual: &Element, names: &mut Names) -> Result<(), String> {
    let mut rest: Vec<_> = actual.elements().collect();
    for wanted in expected.elements() {
        let mut why = format!("{} is missing in {}", wanted.name, expected.name);
        let found = rest.iter().position(|candidate| match compare(wanted, candidate, names) {
            Ok(()) => true,
            Err(difference) => {
                if candidate.name == wanted.name {
                    why = difference;
                }
                false
            }
        });
        rest.remove(found.ok_or(why)?);
    }
    match rest.first() {
        Some(extra) if !expected.text().contains("...") => {
            Err(format!("{} also contains {}", expected.name, extra.name))
        }
        _ => Ok(()),
    }
}
