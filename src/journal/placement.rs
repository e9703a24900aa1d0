//! The rules by which every engine admits an append.
//!
//! **Invariant:** ids are compared at the expected revision of the stream, never through an index over all ids.

use schemas::{Expected, NewEvent, Revision};
use uuid::Uuid;

use crate::{
    Append, AppendError,
    limits::{MAX_APPEND_BYTES, MAX_APPEND_EVENTS},
};

/// Bytes of an event beside its data, metadata and type: id, hash, numbers.
const EVENT_OVERHEAD_BYTES: usize = 128;

/// An append within the limits, its metadata in stored form.
#[derive(Debug)]
pub struct Admitted {
    /// The append as it was asked for.
    pub append: Append,
    /// Its metadata as JSON: the bytes that the hash covers.
    pub metadata: Vec<u8>,
    /// The bytes of all its events, counted against [`MAX_APPEND_BYTES`].
    pub bytes: usize,
}

/// What an append finds at its place in the stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// The first event gets this revision.
    At(Revision),
    /// The same events are there already; the last of them has this revision.
    Repeated(Revision),
    /// Other events are there, or the stream does not reach that far.
    Taken,
}

/// Checks the limits and writes the metadata as JSON.
pub fn admit(append: Append) -> Result<Admitted, AppendError> {
    assert!(!append.events.is_empty(), "an append holds at least one event");
    within("MAX_APPEND_EVENTS", MAX_APPEND_EVENTS, append.events.len())?;
    let metadata = serde_json::to_vec(&append.metadata).expect("metadata hold only strings and numbers");
    let size = |event: &NewEvent| event.data.len() + event.kind.len() + metadata.len() + EVENT_OVERHEAD_BYTES;
    let bytes = append.events.iter().map(size).sum();
    within("MAX_APPEND_BYTES", MAX_APPEND_BYTES, bytes)?;
    Ok(Admitted { append, metadata, bytes })
}

fn within(limit: &'static str, allowed: usize, found: usize) -> Result<(), AppendError> {
    if found > allowed { Err(AppendError::TooLarge { limit, allowed, found }) } else { Ok(()) }
}

/// Compares the expected revision with the stream's `last` one, and where events are there the ids.
pub(crate) fn place<E>(
    append: &Append,
    last: Option<Revision>,
    ids_from: impl FnOnce(Revision, usize) -> Result<Vec<Uuid>, E>,
) -> Result<Placement, E> {
    let first = match append.expected {
        Expected::NoStream => 0,
        Expected::Exact(Revision(revision)) => revision.saturating_add(1),
    };
    let next = last.map_or(0, |Revision(revision)| revision + 1);
    if first == next {
        return Ok(Placement::At(Revision(first)));
    }
    let count = append.events.len();
    if first > next || next - first < count as u64 {
        return Ok(Placement::Taken);
    }
    let same = ids_from(Revision(first), count)?.into_iter().eq(append.events.iter().map(|event| event.id));
    Ok(if same { Placement::Repeated(Revision(first + count as u64 - 1)) } else { Placement::Taken })
}
