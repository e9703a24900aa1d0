//! Checks values against JSON Schemas. Only the few keywords that the contract uses are supported.
//! A schema with another keyword is refused, so that each keyword is really checked.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use uuid::Uuid;

const KEYWORDS: &[&str] = &[
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "oneOf",
    "format",
    "minimum",
    "contentEncoding",
];

/// Checks a value against a schema. The error says where and why they differ.
pub(crate) fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let schema = resolve(root, schema);
    if let Some(branches) = schema["oneOf"].as_array() {
        let fitting = branches.iter().filter(|branch| check(root, branch, value, at).is_ok()).count();
        return if fitting == 1 { Ok(()) } else { Err(format!("{at}: fits {fitting} of the forms")) };
    }
    if let Some(words) = schema["enum"].as_array() {
        return if words.contains(value) { Ok(()) } else { Err(format!("{at}: {value} is none of the words")) };
    }
    match (schema["type"].as_str().expect("a schema has a type, words or forms"), value) {
        ("object", Value::Object(members)) => object(root, schema, members, at),
        ("array", Value::Array(items)) => {
            let mut items = items.iter().enumerate();
            items.try_for_each(|(index, item)| check(root, &schema["items"], item, &format!("{at}/{index}")))
        }
        ("string", Value::String(text)) => string(schema, text).map_err(|why| format!("{at}: {why}")),
        ("integer", Value::Number(number)) if number.is_i64() || number.is_u64() => match schema["minimum"].as_i64() {
            Some(minimum) if number.as_i64().is_some_and(|number| number < minimum) => Err(format!("{at}: too small")),
            _ => Ok(()),
        },
        ("boolean", Value::Bool(_)) => Ok(()),
        (wanted, _) => Err(format!("{at}: {value} is no {wanted}")),
    }
}

fn string(schema: &Value, text: &str) -> Result<(), &'static str> {
    match (schema["format"].as_str(), schema["contentEncoding"].as_str()) {
        (Some("uuid"), None) if text.len() != 36 || Uuid::parse_str(text).is_err() => Err("not a UUID"),
        (None, Some("base64")) if STANDARD.decode(text).is_err() => Err("not base64"),
        (Some("uuid") | None, None) | (None, Some("base64")) => Ok(()),
        (format, encoding) => panic!("{format:?} and {encoding:?} are unknown to this checker"),
    }
}

fn object(root: &Value, schema: &Value, members: &Map<String, Value>, at: &str) -> Result<(), String> {
    for name in required(schema) {
        if !members.contains_key(name) {
            return Err(format!("{at}: `{name}` is missing"));
        }
    }
    members.iter().try_for_each(|(name, value)| match schema["properties"].get(name) {
        Some(property) => check(root, property, value, &format!("{at}/{name}")),
        None if schema["additionalProperties"] == Value::Bool(true) => Ok(()),
        None => Err(format!("{at}: `{name}` is unknown")),
    })
}

/// Follows a `$ref`, which refers to `$defs` in the same file.
pub(crate) fn resolve<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(to) => {
            let found = to.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
            found.unwrap_or_else(|| panic!("`{to}` leads nowhere"))
        }
        None => schema,
    }
}

pub(crate) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap())
}

/// Returns true if objects may have unknown members. This is true for metadata, where readers
/// ignore fields that a later version added. It is false for events.
fn may_be_open(root: &Value) -> bool {
    root["title"].as_str().is_some_and(|title| title.starts_with("metadata"))
}

/// Returns the problems of a schema itself: unsupported keywords, and objects without
/// `additionalProperties`.
pub(crate) fn complaints(root: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut todo = vec![("#".to_owned(), root)];
    while let Some((at, schema)) = todo.pop() {
        let keywords = schema.as_object().unwrap();
        let unknown = keywords.keys().filter(|keyword| !KEYWORDS.contains(&keyword.as_str()));
        complaints.extend(unknown.map(|keyword| format!("{at}: `{keyword}` is not checked")));
        let is_closed = schema["additionalProperties"] == Value::Bool(false);
        if schema["type"] == "object" && !is_closed && !may_be_open(root) {
            complaints.push(format!("{at}: allows anything more"));
        }
        for (keyword, inner) in keywords {
            match (keyword.as_str(), inner) {
                ("properties" | "$defs", Value::Object(schemas)) => {
                    todo.extend(schemas.iter().map(|(name, schema)| (format!("{at}/{name}"), schema)));
                }
                ("oneOf", Value::Array(schemas)) => {
                    todo.extend(schemas.iter().map(|schema| (format!("{at}/oneOf"), schema)));
                }
                ("items", schema) => todo.push((format!("{at}/items"), schema)),
                _ => {}
            }
        }
    }
    complaints
}
