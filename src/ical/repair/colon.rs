//! Repair of parameter values with a colon that lack quotation marks (RFC 5545 §3.2: `SAFE-CHAR`
//! has no colon). The first colon ends the parameters, so that the property's value seems to begin
//! inside the parameter.
//!
//! **Invariant:** an address is repaired only if one of [`SCHEMES`] follows a later colon and none
//! begins the value; times, only if the value is invalid and its last colon is followed by times.

use super::{Context, Repair, RepairKind, value};
use crate::text::{Document, Edit, Property};
use crate::validate::table::{self, Shape, Type};
use crate::value::DateTime;

/// Properties whose value is a calendar user address (RFC 5545 §3.3.3).
pub(super) const ADDRESSES: [&str; 2] = ["ATTENDEE", "ORGANIZER"];
/// The schemes by which the start of an address is recognised.
const SCHEMES: [&str; 2] = ["mailto:", "urn:uuid:"];
/// Parameters with several values, each in quotation marks of its own (RFC 5545 §3.2.4, §3.2.5,
/// §3.2.11).
const LISTS: [&str; 3] = ["DELEGATED-FROM", "DELEGATED-TO", "MEMBER"];

pub(super) fn repair(document: &Document, edit: &mut Edit<'_>, _: Context) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for component in document.components() {
        let shape = table::shape(component.name());
        for property in component.properties() {
            if let Some(line) = repaired(property, shape) {
                edit.replace(property.id(), &line);
                repairs.push(Repair::property(RepairKind::UnquotedColon, component, property.name()));
            }
        }
    }
    repairs
}

fn repaired(property: Property<'_>, shape: Option<&Shape>) -> Option<String> {
    let value = property.value();
    if !value.contains(':') {
        return None;
    }
    let param = property.params().last()?;
    let (inside, meant) = if ADDRESSES.iter().any(|name| property.is(name)) {
        before_address(value)?
    } else {
        let row = shape?.rows.iter().find(|row| property.is(row.name))?;
        before_times(property, row.of)?
    };
    let line = property.content_line();
    let before = &line[..line.len() - value.len() - 1 - param.raw_value().len()];
    let params = quoted(param.name(), &format!("{}:{inside}", param.raw_value()))?;
    Some(format!("{before}{params}:{meant}"))
}

/// Splits a value before the last address in it. Returns `None` if the value begins with an
/// address, or contains none.
fn before_address(value: &str) -> Option<(&str, &str)> {
    let begins_with = |scheme: &&str| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if SCHEMES.iter().any(begins_with) {
        return None;
    }
    let lower = value.to_ascii_lowercase();
    let colon = SCHEMES.iter().filter_map(|scheme| lower.rfind(&format!(":{scheme}"))).max()?;
    Some((&value[..colon], &value[colon + 1..]))
}

/// Splits a value of times before its last colon. Returns `None` if the property has another type
/// or a valid value, or if no times follow the colon.
fn before_times(property: Property<'_>, of: Type) -> Option<(&str, &str)> {
    if !matches!(of, Type::Moment | Type::Moments | Type::MomentsOrPeriods) || value::is_valid(property, of) {
        return None;
    }
    let (inside, meant) = property.value().rsplit_once(':')?;
    meant.split(',').all(|time| DateTime::parse(time, None).is_ok()).then_some((inside, meant))
}

/// Returns the values of the parameter `name` and the parameters after them, with quotation marks
/// around each value that contains a colon. Values that are already quoted stay.
///
/// Returns `None` if a value has quotation marks other than one at its start and one at its end.
fn quoted(name: &str, text: &str) -> Option<String> {
    let mut name = name;
    let mut written = String::with_capacity(text.len() + 4);
    for (index, param) in params(text).into_iter().enumerate() {
        let mut values = param;
        if index > 0 {
            (name, values) = param.split_once('=')?;
            written.push(';');
            written.push_str(name);
            written.push('=');
        }
        let is_list = LISTS.iter().any(|list| name.eq_ignore_ascii_case(list));
        let values = if is_list { split(values, |rest| rest.starts_with(',')) } else { vec![values] };
        let values: Option<Vec<_>> = values.into_iter().map(one).collect();
        written.push_str(&values?.join(","));
    }
    Some(written)
}

fn one(value: &str) -> Option<String> {
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    if inner.is_some_and(|inner| !inner.contains('"')) {
        return Some(value.to_owned());
    }
    match (value.contains('"'), value.contains(':')) {
        (true, _) => None,
        (false, true) => Some(format!("\"{value}\"")),
        (false, false) => Some(value.to_owned()),
    }
}

/// Splits a text of parameters before each further parameter, such as `;CN=Bob`.
fn params(text: &str) -> Vec<&str> {
    split(text, |rest| {
        let name = rest.strip_prefix(';').and_then(|rest| rest.split_once('=')).map_or("", |(name, _)| name);
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

/// Splits a text at each comma or semicolon outside quotation marks for which `ends` is true of the
/// rest of the text.
fn split(text: &str, ends: impl Fn(&str) -> bool) -> Vec<&str> {
    let (mut parts, mut start, mut is_inside) = (vec![], 0, false);
    for (at, character) in text.char_indices() {
        is_inside ^= character == '"';
        if matches!(character, ',' | ';') && !is_inside && ends(&text[at..]) {
            parts.push(&text[start..at]);
            start = at + 1;
        }
    }
    parts.push(&text[start..]);
    parts
}
