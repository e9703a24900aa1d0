//! Sealing of appended events, and opening of events that are read.

use bytes::Bytes;
use journal::{Append, Failure};
use schemas::{Encoding, NewEvent, Part, Position, PrincipalId, Stored, Stream};
use uuid::Uuid;

use crate::{
    cipher::{self, Secret},
    keys::{Found, Keys, NoRandomness, SERVER},
    personal,
};

/// Types of events without personal data, as prefixes that the version follows. These events are
/// not sealed, so that the access journal can be verified without the vault.
const CLEAR: [&str; 2] = ["access-segment-begun.", "access-anchored."];

/// True if at least one payload of the append has to be sealed.
pub(crate) fn is_needed(append: &Append) -> bool {
    append.events.iter().any(is_to_be_sealed)
}

/// Seals the payloads of an append under the key of `owner`, and its personal part under the key of
/// the actor, or of the server without an actor. `owner` is `None` if no payload has to be sealed.
pub(crate) async fn seal(keys: &Keys, owner: Option<PrincipalId>, mut append: Append) -> Result<Append, Failure> {
    let (stream, actor) = (append.stream, append.metadata.actor.unwrap_or(SERVER));
    let request = append.metadata.request;
    if let Some(owner) = owner {
        let secret = keys.of(owner).await?;
        append.events =
            append.events.into_iter().map(|event| seal_data(&secret, stream, event)).collect::<Result<_, _>>()?;
    }
    if let Some(hidden) = personal::take(&mut append.metadata) {
        let bound = cipher::bound_to_append(stream, request, actor.0);
        let bytes = sealed(&*keys.of(actor).await?, &bound, &hidden)?;
        append.metadata.sealed = Some(Part { encoding: cipher::encoding(&Encoding::JSON), bytes });
    }
    Ok(append)
}

/// True if the payload of this event has to be sealed: it is neither sealed nor erased already, and
/// may hold personal data.
fn is_to_be_sealed(event: &NewEvent) -> bool {
    cipher::inner(&event.encoding).is_none()
        && event.encoding != Encoding::ERASED
        && !CLEAR.iter().any(|clear| event.kind.starts_with(clear))
}

fn seal_data(secret: &Secret, stream: Stream, event: NewEvent) -> Result<NewEvent, Failure> {
    if !is_to_be_sealed(&event) {
        return Ok(event);
    }
    let bound = cipher::bound_to_event(event.id, stream, &event.kind);
    let data = sealed(secret, &bound, &event.data)?;
    Ok(NewEvent { data, encoding: cipher::encoding(&event.encoding), ..event })
}

fn sealed(secret: &Secret, bound: &[u8], plain: &[u8]) -> Result<Bytes, Failure> {
    Ok(cipher::seal(secret, bound, plain).ok_or(NoRandomness).map_err(Failure::storage)?.into())
}

/// Returns the identity of the key under which a stored part of an event is sealed; `None` if the
/// part is not sealed, or is cut off.
pub fn key_of(encoding: &Encoding, part: &[u8]) -> Option<Uuid> {
    cipher::inner(encoding).and_then(|_| cipher::key_id(part))
}

/// Opens the payload and the personal part of an event. A part whose key was destroyed is marked as
/// erased. Returns an error if a part or its key is damaged, or if the key is missing or cannot be
/// read.
pub(crate) fn open(keys: &Keys, mut stored: Stored) -> Result<Stored, Failure> {
    let position = stored.position;
    if let Some(inner) = cipher::inner(&stored.encoding) {
        let bound = cipher::bound_to_stored(&stored);
        (stored.encoding, stored.data) = match unseal(keys, position, &bound, &stored.data)? {
            Some(plain) => (inner, plain),
            None => (Encoding::ERASED, Bytes::new()),
        };
    }
    let metadata = &mut stored.metadata;
    if let Some(sealed) = metadata.sealed.take_if(|part| cipher::inner(&part.encoding).is_some()) {
        let actor = metadata.actor.unwrap_or(SERVER).0;
        let bound = cipher::bound_to_append(stored.stream, metadata.request, actor);
        match unseal(keys, position, &bound, &sealed.bytes)? {
            Some(hidden) => {
                let damaged = |cause: serde_json::Error| {
                    damaged(position, &format!("the personal data of the event cannot be read: {cause}"))
                };
                personal::put(metadata, &hidden).map_err(damaged)?;
            }
            None => metadata.sealed = Some(personal::erased()),
        }
    }
    Ok(stored)
}

/// Opens a sealed part of the event at `position`. `bound`: the context to which the part was
/// bound. Returns `None` if its key was destroyed, and an error if the part or the key is damaged,
/// or if the key is missing or cannot be read.
fn unseal(keys: &Keys, position: Position, bound: &[u8], part: &[u8]) -> Result<Option<Bytes>, Failure> {
    let id = cipher::key_id(part).ok_or_else(|| damaged(position, "the encrypted part of the event is cut off"))?;
    match keys.find(id)? {
        Found::Missing => Err(damaged(position, &missing(id))),
        Found::Destroyed => Ok(None),
        Found::Key(secret) => match cipher::open(&secret, bound, part) {
            Some(plain) => Ok(Some(plain.into())),
            None => Err(damaged(position, &unopened(id))),
        },
    }
}

/// Returns the error message for a sealed part of an event that its key does not open. The hash
/// chain is checked without keys, so `daybook verify` shows whether the journal or the key was
/// altered.
fn unopened(id: Uuid) -> String {
    format!(
        "the encrypted part of the event cannot be decrypted with the key {id}. If `daybook verify` finds the \
         journal undamaged, \
         the key was altered: restore \
         the latest copy of the vault"
    )
}

fn missing(id: Uuid) -> String {
    format!("the vault has no key {id}; restore the latest copy of the vault")
}

fn damaged(position: Position, why: &str) -> Failure {
    Failure::Damaged { position, why: why.to_owned() }
}
