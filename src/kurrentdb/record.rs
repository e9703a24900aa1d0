//! An event in KurrentDB: its data as they are, its metadata together with the hash.

use eventstore::{EventData, RecordedEvent};
use schemas::{Hash, NewEvent, Position, Stream};
use serde::Deserialize;
use serde_json::value::RawValue;

use journal::{Failure, chain::Entry};

/// The position that a server older than 22.6 states for an event in a stream.
const NO_POSITION: u64 = u64::MAX;

/// The user metadata of an event.
#[derive(Deserialize)]
struct Envelope<'a> {
    hash: &'a str,
    /// The bytes that the hash covers.
    #[serde(borrow)]
    metadata: &'a RawValue,
}

/// An event on its way to the server.
pub(super) fn proposed(event: &NewEvent, metadata: &str, hash: Hash) -> EventData {
    // Events need not be JSON, but those that are should be shown as JSON.
    let json = serde_json::from_slice::<&RawValue>(&event.data).ok().filter(|raw| raw.get().len() == event.data.len());
    let data = match json.map(|raw| EventData::json(&*event.kind, &raw)) {
        Some(Ok(json)) => json,
        Some(Err(_)) | None => EventData::binary(&*event.kind, event.data.clone()),
    };
    let envelope = format!(r#"{{"hash":"{hash}","metadata":{metadata}}}"#);
    data.id(event.id).metadata(envelope.into_bytes().into())
}

/// An event as it is stored; `None` if it belongs to another program.
pub(super) fn entry(recorded: &RecordedEvent) -> Result<Option<Entry>, Failure> {
    if recorded.stream_id.parse::<Stream>().is_err() {
        return Ok(None);
    }
    let position = position(recorded)?;
    let envelope: Option<Envelope<'_>> = serde_json::from_slice(&recorded.custom_metadata).ok();
    let (metadata, hash) = match envelope {
        Some(Envelope { hash, metadata }) => (metadata.get().as_bytes(), hex::decode(hash).unwrap_or_default()),
        // Written by another program, or altered: the chain notices it.
        None => (&recorded.custom_metadata[..], vec![]),
    };
    Ok(Some(Entry {
        position,
        stream: recorded.stream_id.clone(),
        revision: recorded.revision,
        id: recorded.id.as_bytes().to_vec(),
        kind: recorded.event_type.clone(),
        metadata: metadata.to_vec(),
        data: recorded.data.to_vec(),
        hash,
    }))
}

/// A position in `$all`. Its two numbers are equal for every event that was not written in a transaction of several
/// calls.
fn position(recorded: &RecordedEvent) -> Result<Position, Failure> {
    let position = Position(recorded.position.commit);
    let damaged = |why: &str| Failure::Damaged { position, why: why.to_owned() };
    if recorded.position.commit == NO_POSITION {
        return Err(damaged("the server does not state its position: KurrentDB 22.6 or newer is needed"));
    }
    if recorded.position.commit != recorded.position.prepare {
        return Err(damaged("it was written in an explicit transaction"));
    }
    Ok(position)
}
