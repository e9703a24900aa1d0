//! Tests that every fixture fits its schema, can be read, and is read in the form that its
//! `.now.json` file shows.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use crate::{
    checker::{check, complaints},
    files::{all_fixtures, fixtures, folder, schema, with_fixtures, with_schemas},
    frozen::updating,
    lifted, written_today,
};

#[test]
fn everything_written_today_has_a_schema_and_fixtures_and_nothing_else_lies_about() {
    let (schemas, fixtures) = (with_schemas(), with_fixtures());
    assert_eq!(schemas, fixtures, "schemas and fixtures are there for the same types and versions");
    let missing: Vec<_> = written_today().filter(|kind| !schemas.contains(*kind)).collect();
    assert!(missing.is_empty(), "without a schema: {missing:?}");
    for kind in schemas {
        assert!(crate::files::fixtures(&kind).iter().any(crate::files::Fixture::is_full), "{kind} has no full.json");
    }
}

#[test]
fn schemas_are_named_after_their_type_and_say_only_what_is_checked() {
    for kind in with_schemas() {
        let schema = schema(&kind);
        assert_eq!(schema["title"], kind.as_str());
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{kind}");
        assert_eq!(complaints(&schema), <Vec<String>>::new(), "{kind}");
    }
}

#[test]
fn every_fixture_fits_its_schema() {
    for fixture in all_fixtures() {
        let schema = schema(&fixture.kind);
        let fits = check(&schema, &schema, &fixture.json(), "");
        assert_eq!(fits, Ok(()), "{}", fixture.path.display());
    }
}

#[test]
fn every_fixture_is_read_as_it_is_said_beside_it() {
    for fixture in all_fixtures() {
        let path = fixture.path.display();
        let now = lifted(&fixture.kind, &fixture.bytes).unwrap_or_else(|refused| panic!("{path}: {refused}"));
        if updating() {
            fs::write(fixture.now(), serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
        }
        let said = fs::read(fixture.now()).unwrap_or_else(|cause| panic!("{}: {cause}", fixture.now().display()));
        assert_eq!(serde_json::from_slice::<Value>(&said).unwrap(), now, "{path}");
    }
}

#[test]
fn what_is_written_today_fits_todays_schema_and_is_read_as_the_same() {
    for kind in written_today() {
        let schema = schema(kind);
        for fixture in fixtures(kind) {
            let path = fixture.path.display();
            let now = lifted(kind, &fixture.bytes).unwrap();
            assert_eq!(check(&schema, &schema, &now, ""), Ok(()), "{path}");
            assert_eq!(lifted(kind, &serde_json::to_vec(&now).unwrap()).unwrap(), now, "{path}");
        }
    }
}

#[test]
fn what_is_said_is_said_of_a_fixture() {
    let said: BTreeSet<_> = with_fixtures()
        .iter()
        .flat_map(|kind| {
            let folder = folder().join("fixtures").join(kind);
            crate::files::names(&folder).into_iter().map(move |name| folder.join(name))
        })
        .filter(|path| path.to_str().unwrap().ends_with(".now.json"))
        .collect();
    let expected: BTreeSet<_> = all_fixtures().map(|fixture| fixture.now()).collect();
    assert!(said.is_subset(&expected), "{:?}", said.difference(&expected).collect::<Vec<_>>());
}
