//! Writes docs/events.md, which explains every event and field, from the types' documentation and
//! the schemas, and tests that the file is up to date.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
};

use serde_json::Value;

use crate::{
    files::{folder, schema, with_schemas},
    frozen::updating,
    source::{Aggregate, Field, Item, aggregates, items},
};

const BEGINNING: &str = "\
# Events

Everything that Daybook stores is an event: a type with a version, a payload in JSON, and metadata that say by whom, when,
how and why it was caused. This page lists every type with every version, and each field with its meaning. It is written
from the source by `UPDATE_SCHEMAS=1 cargo test -p daybook-schemas`, and a test compares it.

A stored event is never changed. A type gets a new version when its form changes; an older version is read as the newest
one, in which the fields that it lacks are absent. The JSON Schema of each version lies in `schemas/events/`, an example in
`schemas/fixtures/`.

`since` names the version in which a field appeared. A field that is not marked as optional is always there. UUIDs are
written in lower case with hyphens. Times are in UTC.

The journal keeps, beside each payload: its position, the stream and the revision in it, the id of the event, type and
version, both parts of the metadata, the encodings of payload and personal part, the time of storage, and the hash that
covers all of this and the hash before it ([ADR 27](adr/0027-chain-version-2.md)). `daybook verify` walks over the hashes.

A payload is stored as `json`; as `zstd`, the same JSON compressed ([ADR 39](adr/0039-compressed-events.md)); or encrypted, as
`sealed.v1` and `sealed.v1+zstd` ([ADR 32](adr/0032-encryption.md)).
";

/// Returns all documented types of the contract.
fn types() -> BTreeMap<String, Item> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let sources = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    sources.flat_map(|path| items(&fs::read_to_string(path).unwrap())).collect()
}

/// Returns the release in which each type and version was first written.
fn releases() -> BTreeMap<String, String> {
    let path = folder().join("releases.txt");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let mut releases: BTreeMap<String, String> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(kind, in_)| (kind.to_owned(), in_.to_owned()))
        .collect();
    if updating() {
        for kind in with_schemas() {
            releases.entry(kind).or_insert_with(|| env!("CARGO_PKG_VERSION").to_owned());
        }
        let lines = releases.iter().map(|(kind, release)| format!("{kind} {release}\n"));
        fs::write(path, lines.collect::<Vec<_>>().concat()).unwrap();
    }
    releases
}

/// Returns all versions of a type up to `kind`, oldest first.
fn versions(kind: &str) -> Vec<String> {
    let (name, last) = kind.rsplit_once(".v").unwrap();
    (1..=last.parse::<u32>().unwrap()).map(|version| format!("{name}.v{version}")).collect()
}

fn has(kind: &str, field: &str) -> bool {
    schema(kind)["properties"].as_object().is_some_and(|properties| properties.contains_key(field))
}

/// The document that is being written.
#[derive(Default)]
struct Document {
    text: String,
    types: BTreeMap<String, Item>,
    releases: BTreeMap<String, String>,
    /// The types that were mentioned, and are described at the end.
    named: BTreeSet<String>,
}

impl Document {
    fn write(mut self) -> String {
        self.text += BEGINNING;
        self.metadata();
        let source = fs::read_to_string(folder().join("event.rs")).unwrap();
        for aggregate in aggregates(&source) {
            self.aggregate(&aggregate);
        }
        self.shared();
        self.text
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }

    fn metadata(&mut self) {
        self.line("\n## Metadata\n");
        self.line(
            "By whom, when, how and why an event was caused. `client.agent`, `client.address` and `operator` are",
        );
        self.line(
            "personal: they are stored apart from the rest, as `metadata-personal.v1`. `stored_at` is a column of its",
        );
        self.line("own. The fields from `act` to `restored` stand on the first event of an append only.\n");
        self.releases_of("metadata.v3");
        self.fields("Metadata", &|field| {
            let since = versions("metadata.v3").into_iter().find(|version| has(version, field));
            since.map_or_else(|| "v3".to_owned(), |kind| version(&kind).to_owned())
        });
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        let prefix =
            schemas::StreamKind::ALL.iter().find(|kind| format!("{kind:?}") == aggregate.name).unwrap().prefix();
        self.line(&format!("\n## {}\n", clean(&aggregate.doc).trim_end_matches('.')));
        self.line(&format!("Streams `{prefix}…`."));
        for (payload, kind) in &aggregate.events {
            self.event(payload, kind);
        }
    }

    fn event(&mut self, payload: &str, kind: &str) {
        self.line(&format!("\n### `{kind}`\n"));
        let current = schema(kind);
        self.line(&format!("{}\n", current["description"].as_str().expect("a description")));
        self.releases_of(kind);
        let item = self.types.get(payload).unwrap_or_else(|| panic!("{payload} is not described"));
        let known = item.fields.iter().map(|field| field.name.clone()).collect::<BTreeSet<_>>();
        let in_schema: BTreeSet<_> = current["properties"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(known, in_schema, "{kind}: the fields of {payload} are those of the schema");
        if known.is_empty() {
            return self.line("The payload is empty.");
        }
        let first = |field: &str| versions(kind).into_iter().find(|version| has(version, field)).unwrap();
        self.fields(payload, &|field| version(&first(field)).to_owned());
        let gone: Vec<_> = versions(kind).iter().flat_map(|kind| gone(kind, &current)).collect();
        for gone in gone {
            self.line(&gone);
        }
    }

    fn releases_of(&mut self, kind: &str) {
        let release = |kind: &String| format!("{} since release {}", version(kind), self.releases[kind]);
        let releases: Vec<_> = versions(kind).iter().map(release).collect();
        self.line(&format!("Versions: {}.\n", releases.join(", ")));
    }

    fn fields(&mut self, name: &str, since: &dyn Fn(&str) -> String) {
        self.line("| field | form | meaning | since |\n|---|---|---|---|");
        let fields = std::mem::take(&mut self.types.get_mut(name).unwrap().fields);
        // The field `sealed` exists only in the program; it is not stored under that name.
        for Field { name, kind, doc, is_optional } in fields.iter().filter(|field| field.name != "sealed") {
            assert!(!doc.is_empty(), "`{name}` has no meaning");
            let optional = if *is_optional || kind.starts_with("Option<") { ", optional" } else { "" };
            let (kind, since) = (self.form(kind), since(name));
            self.line(&format!("| `{name}` | {kind}{optional} | {} | {since} |", clean(doc)));
        }
        self.types.get_mut(name).unwrap().fields = fields;
    }

    /// Returns the words for a Rust type.
    fn form(&mut self, kind: &str) -> String {
        let inner = |outer: &str| kind.strip_prefix(outer).and_then(|kind| kind.strip_suffix('>'));
        if let Some(kind) = inner("Option<") {
            return self.form(kind);
        }
        if let Some(kind) = inner("Vec<") {
            return format!("list of {}", self.form(kind));
        }
        match kind {
            "String" => "text".to_owned(),
            "bool" => "`true` or `false`".to_owned(),
            "Timestamp" => "microseconds since 1970-01-01T00:00:00Z".to_owned(),
            "Position" => "position in the journal".to_owned(),
            "Encoding" => "name of an encoding; `json` so far".to_owned(),
            "Bytes" => "octets".to_owned(),
            "base64" => "octets in base64".to_owned(),
            "u8" | "u16" | "u32" | "u64" | "i32" | "i64" => "whole number".to_owned(),
            "Uuid" => "UUID".to_owned(),
            id if id.ends_with("Id") => format!("UUID of a {}", id.trim_end_matches("Id").to_lowercase()),
            "Hash" => "SHA-256 in hexadecimal digits".to_owned(),
            other => {
                assert!(self.types.contains_key(other), "{other} is not described");
                self.named.insert(other.to_owned());
                format!("[{other}](#{})", other.to_lowercase())
            }
        }
    }

    /// Describes the types that were mentioned, and the types that their fields mention.
    fn shared(&mut self) {
        self.line("\n## Parts\n\nForms that several events have in common.");
        let before = std::mem::take(&mut self.text);
        let mut parts = BTreeMap::new();
        while let Some(name) = self.named.iter().find(|name| !parts.contains_key(*name)).cloned() {
            self.part(&name);
            parts.insert(name, std::mem::take(&mut self.text));
        }
        self.text = before + &parts.into_values().collect::<Vec<_>>().concat();
    }

    fn part(&mut self, name: &str) {
        let doc = clean(&self.types[name].doc);
        self.line(&format!("\n### {name}\n\n{doc}\n"));
        if self.types[name].fields.is_empty() {
            self.line("| word | meaning |\n|---|---|");
        } else {
            self.line("| field | form | meaning |\n|---|---|---|");
        }
        let Item { doc, fields, words } = std::mem::take(self.types.get_mut(name).unwrap());
        for Field { name, kind, doc, is_optional } in &fields {
            let optional = if *is_optional || kind.starts_with("Option<") { ", optional" } else { "" };
            let kind = self.form(kind);
            self.line(&format!("| `{name}` | {kind}{optional} | {} |", clean(doc)));
        }
        for word in &words {
            let held: Vec<_> =
                word.fields.iter().map(|field| format!("`{}`: {}", field.name, clean(&field.doc))).collect();
            let holds = if word.holds.is_empty() { held.join(" ") } else { format!("({})", self.form(&word.holds)) };
            self.line(format!("| `{}` | {} {holds}", word.name, clean(&word.doc)).trim_end().to_owned().as_str());
            self.text.pop();
            self.line(" |");
        }
        *self.types.get_mut(name).unwrap() = Item { doc, fields, words };
    }
}

/// Returns the fields of an older version that the current version does not have.
fn gone(kind: &str, current: &Value) -> Vec<String> {
    let old = schema(kind);
    let fields = old["properties"].as_object().unwrap().keys();
    let gone = fields.filter(|field| current["properties"].get(field.as_str()).is_none());
    gone.map(|field| format!("\nUntil {}: `{field}`.", version(kind))).collect()
}

fn version(kind: &str) -> &str {
    kind.rsplit_once('.').unwrap().1
}

/// Converts a doc comment to Markdown for a table cell, without links to the source.
fn clean(doc: &str) -> String {
    let mut text = String::new();
    let mut rest = doc;
    while let Some((before, after)) = rest.split_once("[`") {
        let (name, after) = after.split_once("`]").expect("a link");
        let _ = write!(text, "{before}`{name}`");
        rest = after.strip_prefix('(').and_then(|after| after.split_once(')')).map_or(after, |(_, after)| after);
    }
    text += rest;
    let text = text.replace("`None`", "absent").replace('|', "\\|");
    text.strip_prefix("absent")
        .map_or_else(|| text.clone(), |rest| format!("Absent{rest}"))
        .replace(". absent", ". Absent")
}

#[test]
fn the_document_of_events_says_what_the_types_say() {
    let document = Document { types: types(), releases: releases(), ..Document::default() };
    let expected = document.write();
    let path = folder().join("../docs/events.md");
    if updating() {
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "docs/events.md is out of date: run UPDATE_SCHEMAS=1 cargo test -p daybook-schemas");
}

#[test]
fn every_type_and_version_has_a_release() {
    let releases: BTreeSet<_> = releases().into_keys().collect();
    assert_eq!(releases, with_schemas(), "schemas/releases.txt: run with UPDATE_SCHEMAS=1");
}
