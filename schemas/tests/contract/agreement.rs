//! Tests that code and schemas accept the same data. Each fixture is damaged at each place, and
//! both must accept or both must refuse it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    checker::{check, required, resolve},
    files::{Fixture, fixtures, schema},
    lifted, written_today,
};

/// A name and a word that no event uses.
const UNKNOWN: &str = "nobody-uses-this";

/// A place in a fixture, with the schema of the value there.
struct Spot<'a> {
    pointer: String,
    schema: &'a Value,
}

/// Returns every place in a value.
fn spots<'a>(root: &'a Value, value: &Value) -> Vec<Spot<'a>> {
    let mut spots = Vec::new();
    let mut todo = vec![(String::new(), root)];
    while let Some((pointer, schema)) = todo.pop() {
        let value = value.pointer(&pointer).unwrap();
        let mut schema = resolve(root, schema);
        if let Some(branches) = schema["oneOf"].as_array() {
            schema = branches.iter().find(|branch| check(root, branch, value, "").is_ok()).unwrap();
        }
        if let Value::Object(members) = value {
            todo.extend(members.keys().map(|name| (format!("{pointer}/{name}"), &schema["properties"][name])));
        }
        if let Value::Array(items) = value {
            todo.extend((0..items.len()).map(|index| (format!("{pointer}/{index}"), &schema["items"])));
        }
        spots.push(Spot { pointer, schema });
    }
    spots
}

/// Calls `judge` for every place in the full fixtures of all types and versions that are written
/// today.
fn everywhere(mut judge: impl FnMut(&str, &Value, &Value, &Spot<'_>)) {
    for kind in written_today() {
        let schema = schema(kind);
        for fixture in fixtures(kind).iter().filter(|fixture| fixture.is_full()) {
            let value = fixture.json();
            for spot in spots(&schema, &value) {
                judge(kind, &schema, &value, &spot);
            }
        }
    }
}

fn spoilt(value: &Value, pointer: &str, spoil: impl FnOnce(&mut Value)) -> Value {
    let mut value = value.clone();
    spoil(value.pointer_mut(pointer).unwrap());
    value
}

fn read(kind: &str, value: &Value) -> Result<Value, String> {
    lifted(kind, &serde_json::to_vec(value).unwrap())
}

/// Returns the names in the message of serde: "…, expected one of `a`, `b`".
fn expected(refused: &str) -> BTreeSet<String> {
    let named = refused.rsplit_once("expected").map_or("", |(_, named)| named);
    named.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn a_full_fixture_holds_everything_that_its_schema_knows() {
    let mut held = BTreeSet::new();
    let mut known = BTreeSet::new();
    everywhere(|kind, _, value, spot| {
        let Some(properties) = spot.schema["properties"].as_object() else { return };
        // The items of a list are taken together: not every item must have every property.
        let list: String = spot.pointer.split('/').filter(|step| step.parse::<usize>().is_err()).collect();
        let name = |property: &String| format!("{kind}: {list} {property}");
        known.extend(properties.keys().map(name));
        held.extend(value.pointer(&spot.pointer).unwrap().as_object().unwrap().keys().map(name));
    });
    assert_eq!(held, known);
}

#[test]
fn a_minimal_fixture_holds_only_what_is_required() {
    for kind in written_today() {
        let schema = schema(kind);
        let minimal = fixtures(kind).into_iter().find(|fixture| fixture.path.ends_with("minimal.json"));
        let optional = schema["properties"].as_object().unwrap().len() > required(&schema).count();
        assert!(minimal.is_some() || !optional, "{kind} has optional fields, but no minimal.json");
        for spot in minimal.iter().flat_map(|minimal| spots(&schema, &minimal.json())) {
            let value = minimal.as_ref().map(Fixture::json).unwrap();
            let Value::Object(members) = value.pointer(&spot.pointer).unwrap() else { continue };
            let required: BTreeSet<_> = required(spot.schema).collect();
            assert_eq!(members.keys().map(String::as_str).collect::<BTreeSet<_>>(), required, "{kind}{}", spot.pointer);
        }
    }
}

#[test]
fn code_and_schema_know_the_same_fields_and_refuse_or_pass_over_all_others() {
    everywhere(|kind, root, value, spot| {
        let Some(properties) = spot.schema["properties"].as_object() else { return };
        let more = spoilt(value, &spot.pointer, |spot| spot[UNKNOWN] = Value::Null);
        if spot.schema["additionalProperties"] == Value::Bool(true) {
            assert_eq!(check(root, root, &more, ""), Ok(()), "{kind}{}", spot.pointer);
            assert_eq!(read(kind, &more), read(kind, value), "{kind}{}: passed over", spot.pointer);
            return;
        }
        assert!(check(root, root, &more, "").is_err(), "{kind}{}", spot.pointer);
        let refused = read(kind, &more).expect_err("an unknown field is refused");
        if !refused.contains("unknown field") {
            // An enum variant allows no second field. Its own fields are checked separately.
            let known = ["expected value", "map with a single key", "unknown variant"];
            assert!(known.iter().any(|known| refused.contains(known)), "{refused}");
            return;
        }
        let known: BTreeSet<_> = properties.keys().cloned().collect();
        assert_eq!(expected(&refused), known, "{kind}{}: {refused}", spot.pointer);
    });
}

#[test]
fn code_and_schema_require_the_same_fields() {
    everywhere(|kind, root, value, spot| {
        let Some(properties) = spot.schema["properties"].as_object() else { return };
        for name in properties.keys() {
            let less = spoilt(value, &spot.pointer, |spot| drop(spot.as_object_mut().unwrap().remove(name)));
            let (code, schema) = (read(kind, &less), check(root, root, &less, ""));
            assert_eq!(code.is_ok(), schema.is_ok(), "{kind}{} without {name}: {code:?}, {schema:?}", spot.pointer);
        }
    });
}

#[test]
fn code_and_schema_know_the_same_words() {
    everywhere(|kind, root, value, spot| {
        let Some(words) = spot.schema["enum"].as_array() else { return };
        let other = spoilt(value, &spot.pointer, |spot| *spot = json!(UNKNOWN));
        assert!(check(root, root, &other, "").is_err(), "{kind}{}", spot.pointer);
        let refused = read(kind, &other).expect_err("an unknown word is refused");
        let words: BTreeSet<_> = words.iter().map(|word| word.as_str().unwrap().to_owned()).collect();
        assert_eq!(expected(&refused), words, "{kind}{}: {refused}", spot.pointer);
    });
}

#[test]
fn code_and_schema_accept_the_same_types() {
    let others =
        [json!(null), json!(true), json!(1), json!(-1), json!(1.5), json!(""), json!(UNKNOWN), json!([]), json!({})];
    everywhere(|kind, root, value, spot| {
        for other in &others {
            let changed = spoilt(value, &spot.pointer, |spot| *spot = other.clone());
            let (code, schema) = (read(kind, &changed), check(root, root, &changed, ""));
            // The code accepts two things that it never writes: `null` for an absent field, and a
            // list instead of an object.
            let mild = other.is_null() || *other == json!([]);
            assert!(
                code.is_ok() == schema.is_ok() || (mild && code.is_ok()),
                "{kind}{} as {other}: {code:?}, {schema:?}",
                spot.pointer
            );
        }
    });
}
