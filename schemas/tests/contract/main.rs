//! Tests of the event contract: code, JSON Schemas and released bytes agree, and released files do
//! not change.
//!
//! After a change of a form, `UPDATE_SCHEMAS=1 cargo test -p daybook-schemas` writes the files
//! `*.now.json` and records the hashes of new files. `UPDATE_SCHEMAS=refreeze` also records the
//! hashes of changed files; this is only allowed for forms that nobody has stored yet.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agreement;
mod checker;
mod document;
mod files;
mod frozen;
mod source;
mod stored;
mod values;

use schemas::{Event, Fact, Metadata};
use serde_json::{Value, json};

/// The current version of the metadata. They are stored with every event, not in a stream.
const METADATA: &str = "metadata.v3";
/// Earlier versions of the metadata, which can still be read.
const EARLIER_METADATA: [&str; 2] = ["metadata.v1", "metadata.v2"];
/// The personal part of the metadata, which is stored separately.
const PERSONAL: &str = "metadata-personal.v1";

/// Returns all types and versions that are written today.
fn written_today() -> impl Iterator<Item = &'static str> {
    Event::KINDS.iter().copied().chain([METADATA, PERSONAL])
}

/// Reads stored bytes as the program does, and returns them in the form in which it writes them
/// today.
fn lifted(kind: &str, bytes: &[u8]) -> Result<Value, String> {
    let written = match kind {
        PERSONAL => {
            let mut metadata = Metadata::default();
            metadata.unseal(bytes).map_err(|refused| refused.to_string())?;
            metadata.personal().map_or_else(|| json!({}), |part| serde_json::from_slice(&part.bytes).unwrap())
        }
        kind if kind == METADATA || EARLIER_METADATA.contains(&kind) => {
            let metadata = Metadata::read(bytes, None).map_err(|refused| refused.to_string())?;
            both(&metadata)
        }
        kind => {
            let event = Event::read(kind, bytes).map_err(|refused| refused.to_string())?;
            serde_json::from_slice(&event.to_json()).unwrap()
        }
    };
    Ok(written)
}

/// Returns both parts of the metadata as they are written today. The personal part is a separate
/// member, because earlier versions had its fields in the clear part.
fn both(metadata: &Metadata) -> Value {
    let mut value: Value = serde_json::from_slice(&metadata.clear()).unwrap();
    if let Some(part) = metadata.personal() {
        value["(personal)"] = serde_json::from_slice(&part.bytes).unwrap();
    }
    value
}
