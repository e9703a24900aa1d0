//! The event contract: code, JSON Schemas and shipped bytes agree, and what was shipped stays.
//!
//! After a change of form: `UPDATE_SCHEMAS=1 cargo test -p daybook-schemas` writes the `*.now.json`
//! anew and freezes new files. `UPDATE_SCHEMAS=refreeze` freezes changed files too: only for forms
//! that nobody has stored yet.

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

/// Stored with every event, but in no stream of its own.
const METADATA: &str = "metadata.v3";
/// The forms before it, which are still read.
const EARLIER_METADATA: [&str; 2] = ["metadata.v1", "metadata.v2"];
/// The personal part of the metadata, stored apart.
const PERSONAL: &str = "metadata-personal.v1";

/// Everything that is written today.
fn written_today() -> impl Iterator<Item = &'static str> {
    Event::KINDS.iter().copied().chain([METADATA, PERSONAL])
}

/// Reads stored bytes as the program does, and writes them as it would today.
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

/// Both parts of what would be written today, the personal one as a member of its own: an earlier
/// version held it in the clear.
fn both(metadata: &Metadata) -> Value {
    let mut value: Value = serde_json::from_slice(&metadata.clear()).unwrap();
    if let Some(part) = metadata.personal() {
        value["(personal)"] = serde_json::from_slice(&part.bytes).unwrap();
    }
    value
}
