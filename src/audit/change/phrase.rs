//! Describes a change in words.

use std::borrow::Cow;

use super::{Change, Value};
use crate::{foreign, moment, names::NamesAt};

/// Returns a phrase such as `starts Mon 14 Dec 2026 09:00 → 14:00 Europe/Berlin`, or `Bob Brown:
/// NEEDS-ACTION → ACCEPTED`. The phrase does not name the instance.
pub(crate) fn phrase(change: &Change, names: &NamesAt<'_>) -> String {
    let Change { property, whose, before, after, .. } = change;
    if let Some(whose) = whose {
        return participant(property, &names.address(whose), before.as_ref(), after.as_ref());
    }
    if let Some((property, name)) = property.split_once(';') {
        return parameter(name, &words(property), before.as_ref(), after.as_ref());
    }
    let what = words(property);
    match (before, after) {
        (Some(Value::Time(before)), Some(Value::Time(after))) => format!("{what} {}", moment::change(before, after)),
        (Some(before), Some(after)) => {
            let (before, after) = both(before, after);
            format!("{what} {before} → {after}")
        }
        (None, Some(after)) => format!("{what} {} (new)", value(after)),
        (Some(before), None) => format!("{what} {} removed", value(before)),
        (None, None) => what.into_owned(),
    }
}

fn participant(property: &str, name: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    match (property, before, after) {
        ("ATTENDEE", None, Some(_)) => format!("{name} added"),
        ("ATTENDEE", Some(_), None) => format!("{name} removed"),
        ("ORGANIZER", None, Some(_)) => format!("{name} became the organizer"),
        ("ORGANIZER", Some(_), None) => format!("{name} is not the organizer any more"),
        ("PARTSTAT", Some(before), Some(after)) => format!("{name}: {} → {}", raw(before), raw(after)),
        _ => parameter(property, name, before, after),
    }
}

/// Describes the change of a parameter; `of` is the person or property to which it belongs.
fn parameter(parameter: &str, of: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let parameter = foreign::identifier(parameter);
    match (before, after) {
        (Some(before), Some(after)) => format!("{of}: {parameter} {} → {}", raw(before), raw(after)),
        (None, Some(after)) => format!("{of}: {parameter} {} (new)", raw(after)),
        (Some(before), None) => format!("{of}: {parameter} {} removed", raw(before)),
        (None, None) => of.to_owned(),
    }
}

fn raw(value: &Value) -> String {
    foreign::identifier(&value.for_programs())
}

fn both(before: &Value, after: &Value) -> (String, String) {
    match (before, after) {
        (Value::Text(before) | Value::Raw(before), Value::Text(after) | Value::Raw(after)) => {
            foreign::difference(before, after)
        }
        (before, after) => (value(before), value(after)),
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Time(time) => moment::value(time),
        Value::Text(text) | Value::Raw(text) => foreign::quoted(text),
    }
}

/// Returns an everyday word for a property; the property's name if there is none.
fn words(property: &str) -> Cow<'_, str> {
    let words = match property {
        "SUMMARY" => "title",
        "DTSTART" => "starts",
        "DTEND" => "ends",
        "DUE" => "due",
        "DURATION" => "lasts",
        "LOCATION" => "place",
        "DESCRIPTION" => "description",
        "STATUS" => "status",
        "RRULE" => "repeats",
        "EXDATE" => "excluded dates",
        "RDATE" => "extra dates",
        "VALARM" => "alarm",
        "CLASS" => "class",
        "CATEGORIES" => "categories",
        "TRANSP" => "busy or free",
        "instance" => "instance",
        // The name of an unknown property also comes from the client, so it is quoted if necessary.
        other => return Cow::Owned(foreign::identifier(other)),
    };
    Cow::Borrowed(words)
}
