//! Reads the files of the contract: schemas and fixtures.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// A fixture: an event as it was once stored.
pub(crate) struct Fixture {
    pub kind: String,
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

impl Fixture {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// Returns the path of the file with the form as which the event is read today.
    pub(crate) fn now(&self) -> PathBuf {
        self.path.with_extension("now.json")
    }

    pub(crate) fn is_full(&self) -> bool {
        self.path.ends_with("full.json")
    }
}

pub(crate) fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn schema(kind: &str) -> Value {
    let path = folder().join("events").join(format!("{kind}.json"));
    let bytes = fs::read(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

/// Returns the types and versions that have a schema.
pub(crate) fn with_schemas() -> BTreeSet<String> {
    names(&folder().join("events")).iter().map(|name| name.strip_suffix(".json").unwrap().to_owned()).collect()
}

/// Returns the types and versions that have fixtures.
pub(crate) fn with_fixtures() -> BTreeSet<String> {
    names(&folder().join("fixtures"))
}

pub(crate) fn fixtures(kind: &str) -> Vec<Fixture> {
    let folder = folder().join("fixtures").join(kind);
    let stored = names(&folder).into_iter().filter(|name| !name.ends_with(".now.json"));
    let fixture = |name| {
        let path = folder.join(name);
        Fixture { kind: kind.to_owned(), bytes: fs::read(&path).unwrap(), path }
    };
    stored.map(fixture).collect()
}

pub(crate) fn all_fixtures() -> impl Iterator<Item = Fixture> {
    with_fixtures().into_iter().flat_map(|kind| fixtures(&kind))
}

pub(crate) fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|cause| panic!("{}: {cause}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
