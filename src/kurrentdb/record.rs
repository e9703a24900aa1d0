//! The form of an event in KurrentDB: its data unchanged, its metadata together with the hash.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use eventstore::{EventData, RecordedEvent};
use schemas::{Encoding, Hash, Part, Position, Stream, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use journal::{
    Failure,
    chain::{Added, Entry, VERSION},
    engine::Prepared,
};

/// The position that KurrentDB before version 22.6 states for an event in a stream.
const NO_POSITION: u64 = u64::MAX;

/// The error for an event whose position in the journal KurrentDB does not send.
#[derive(Debug, thiserror::Error)]
#[error(
    "KurrentDB sends no position for the event with revision {revision} in the stream {stream}; use version 22.6 \
    or newer of KurrentDB"
)]
struct NotPlaced {
    stream: String,
    revision: u64,
}

/// The user metadata of an event in version 2 of the chain. Its field names differ from those
/// of version 1, so that an earlier version of Daybook fails instead of ignoring fields that
/// it does not know.
#[derive(Serialize, Deserialize)]
struct Second<'a> {
    #[serde(rename = "form")]
    version: i64,
    #[serde(borrow)]
    hash: Cow<'a, str>,
    stored_at: i64,
    #[serde(borrow)]
    data_encoding: Cow<'a, str>,
    /// The clear part of the event's metadata, in the bytes that the hash covers.
    #[serde(borrow)]
    envelope: &'a RawValue,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    personal: Option<Personal<'a>>,
}

/// The personal part of an event's metadata, in the bytes that the hash covers: unchanged if they
/// are JSON, otherwise in Base64.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Personal<'a> {
    #[serde(borrow)]
    Json(&'a RawValue),
    Encoded {
        #[serde(borrow)]
        encoding: Cow<'a, str>,
        base64: String,
    },
}

/// The user metadata of an event in version 1.
#[derive(Deserialize)]
struct First<'a> {
    hash: &'a str,
    /// The metadata, in the bytes that the hash covers.
    #[serde(borrow)]
    metadata: &'a RawValue,
}

/// Returns an event in the form that is sent to KurrentDB.
pub(super) fn proposed(prepared: &Prepared, stored_at: Timestamp, hash: Hash) -> EventData {
    let Prepared { event, clear, personal, metadata: _ } = prepared;
    // Data that is JSON is marked as JSON, so that the tools of KurrentDB show it.
    let data = match raw(&event.data).map(|raw| EventData::json(&*event.kind, &raw)) {
        Some(Ok(json)) => json,
        Some(Err(_)) | None => EventData::binary(&*event.kind, event.data.clone()),
    };
    let envelope = Second {
        version: VERSION,
        hash: hash.to_string().into(),
        stored_at: stored_at.0,
        data_encoding: event.encoding.name().into(),
        envelope: raw(clear).expect("the clear part is JSON"),
        personal: personal.as_ref().map(personal_of),
    };
    let envelope = serde_json::to_vec(&envelope).expect("strings and numbers");
    data.id(event.id).metadata(envelope.into())
}

fn personal_of(part: &Part) -> Personal<'_> {
    match raw(&part.bytes).filter(|_| part.encoding == Encoding::JSON) {
        Some(json) => Personal::Json(json),
        None => Personal::Encoded { encoding: part.encoding.name().into(), base64: STANDARD.encode(&part.bytes) },
    }
}

/// Returns the bytes as JSON. `None` if they are not JSON from the first to the last byte.
fn raw(bytes: &[u8]) -> Option<&RawValue> {
    serde_json::from_slice::<&RawValue>(bytes).ok().filter(|raw| raw.get().len() == bytes.len())
}

/// Reads a stored event; `None` if its stream is not one of Daybook's. Returns an error if its
/// position is missing, or its commit and prepare position differ.
pub(super) fn entry(recorded: &RecordedEvent) -> Result<Option<Entry>, Failure> {
    if recorded.stream_id.parse::<Stream>().is_err() {
        return Ok(None);
    }
    let position = position(recorded)?;
    let (version, metadata, hash, added) = envelope(&recorded.custom_metadata);
    Ok(Some(Entry {
        position,
        stream: recorded.stream_id.clone(),
        revision: recorded.revision,
        id: recorded.id.as_bytes().to_vec(),
        kind: recorded.event_type.clone(),
        metadata: metadata.to_vec(),
        data: recorded.data.to_vec(),
        hash,
        version,
        added,
    }))
}

/// Reads the user metadata of an event. Returns the version of the chain, the clear part of the
/// event's metadata, the hash, and the fields that version 2 added.
fn envelope(bytes: &[u8]) -> (i64, &[u8], Vec<u8>, Added) {
    if let Ok(second) = serde_json::from_slice::<Second<'_>>(bytes) {
        let (personal, personal_encoding) = match second.personal {
            None => (vec![], String::new()),
            Some(Personal::Json(json)) => (json.get().as_bytes().to_vec(), Encoding::JSON.name().to_owned()),
            // Base64 that cannot be decoded was altered. It is read as empty, so that the hash
            // chain detects it.
            Some(Personal::Encoded { encoding, base64 }) => {
                (STANDARD.decode(base64).unwrap_or_default(), encoding.into_owned())
            }
        };
        let (stored_at, data_encoding) = (Some(second.stored_at), second.data_encoding.into_owned());
        let hash = hex::decode(&*second.hash).unwrap_or_default();
        let added = Added { stored_at, data_encoding, personal, personal_encoding };
        return (second.version, second.envelope.get().as_bytes(), hash, added);
    }
    match serde_json::from_slice::<First<'_>>(bytes) {
        Ok(First { hash, metadata }) => {
            (1, metadata.get().as_bytes(), hex::decode(hash).unwrap_or_default(), Added::default())
        }
        // The metadata was written by another program, or altered: the hash chain detects it.
        Err(_) => (1, bytes, vec![], Added::default()),
    }
}

/// Returns the position of an event in `$all`. Returns an error if KurrentDB sent none, or if the
/// commit and the prepare position differ, because the event was written in an explicit
/// transaction.
fn position(recorded: &RecordedEvent) -> Result<Position, Failure> {
    let position = Position(recorded.position.commit);
    if recorded.position.commit == NO_POSITION {
        return Err(Failure::storage(NotPlaced { stream: recorded.stream_id.clone(), revision: recorded.revision }));
    }
    if recorded.position.commit != recorded.position.prepare {
        let why = "another program wrote the event, in an explicit transaction of KurrentDB".to_owned();
        return Err(Failure::Damaged { position, why });
    }
    Ok(position)
}
