//! The event contract: code, JSON Schemas and shipped bytes agree, and what was shipped stays.
//!
//! After a change of form: `UPDATE_SCHEMAS=1 cargo test -p daybook-schemas` writes the `*.now.json` anew and freezes
//! new files. `UPDATE_SCHEMAS=refreeze` freezes changed files too: only for forms that nobody has stored yet.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agreement;
mod checker;
mod files;
mod frozen;
mod stored;

use schemas::{Event, Fact, Metadata};
use serde_json::Value;

/// Stored with every event, but in no stream of its own.
const METADATA: &str = "metadata.v2";
/// The form before it, which is still read.
const FIRST_METADATA: &str = "metadata.v1";

/// Everything that is written today.
fn written_today() -> impl Iterator<Item = &'static str> {
    Event::KINDS.iter().copied().chain([METADATA])
}

/// Reads stored bytes as the program does, and writes them as it would today.
fn lifted(kind: &str, bytes: &[u8]) -> Result<Value, String> {
    let written = match kind {
        METADATA | FIRST_METADATA => serde_json::from_slice::<Metadata>(bytes)
            .and_then(serde_json::to_value)
            .map_err(|refused| refused.to_string())?,
        kind => {
            let event = Event::read(kind, bytes).map_err(|refused| refused.to_string())?;
            serde_json::from_slice(&event.to_json()).unwrap()
        }
    };
    Ok(written)
}
