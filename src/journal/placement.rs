//! The limits of appends and the form of their events, for every engine, and the rules by which the
//! engines of this crate accept an append.
//!
//! **Invariant:** in this crate, a repeated append is recognised by comparing event ids at the
//! expected revision of its stream. No index over all ids is needed.

use std::collections::HashSet;

use bytes::Bytes;
use schemas::{Expected, Hash, Metadata, NewEvent, Part, Position, Revision, Stored, Stream, Timestamp};
use uuid::Uuid;

use crate::{
    Append, AppendError,
    chain::{Content, Second},
    limits::{MAX_APPEND_BYTES, MAX_APPEND_EVENTS},
};

/// Estimated bytes of an event without data, metadata and type: its id, its hash and numbers.
const EVENT_OVERHEAD_BYTES: usize = 128;

/// An append whose size is within the limits, prepared for storing.
#[derive(Debug)]
pub struct Admitted {
    /// The stream of the append.
    pub stream: Stream,
    /// The revision that the stream must have.
    pub expected: Expected,
    /// The events of the append, at least one.
    pub events: Vec<Prepared>,
    /// The bytes of all events, which were compared with [`MAX_APPEND_BYTES`].
    pub bytes: usize,
}

/// An event with its metadata, complete except for its place and the time of storage.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The event.
    pub event: NewEvent,
    /// The metadata of the event.
    pub metadata: Metadata,
    /// The clear part of the metadata as the bytes that the hash covers.
    pub clear: Bytes,
    /// The personal part of the metadata; `None` if the event has none.
    pub personal: Option<Part>,
}

/// The place that an engine gives to an event.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Position of the event; [`Position::START`] if the engine learns it only when it stores the
    /// event.
    pub position: Position,
    /// Name of the event's stream.
    pub stream: &'a str,
    /// Revision of the event: its number in the stream, from 0.
    pub revision: u64,
    /// The time of storage.
    pub stored_at: Timestamp,
}

impl Prepared {
    /// Returns the parts that the hash of the event covers if it is stored at `place`.
    pub fn content<'a>(&'a self, place: &Place<'a>) -> Content<'a> {
        let Place { position, stream, revision, stored_at } = *place;
        let second = Second {
            stored_at,
            data_encoding: self.event.encoding.name(),
            personal: self.personal.as_ref().map_or(&[], |personal| &personal.bytes),
            personal_encoding: self.personal.as_ref().map_or("", |personal| personal.encoding.name()),
        };
        let (id, kind) = (self.event.id.as_bytes().as_slice(), &*self.event.kind);
        let (metadata, data, second) = (&self.clear[..], &self.event.data[..], Some(second));
        Content { position, stream, revision, id, kind, metadata, data, second }
    }

    /// Returns the event in the form in which readers get it.
    pub fn stored(self, stream: Stream, place: &Place<'_>, hash: Hash) -> Stored {
        Stored {
            position: place.position,
            stream,
            revision: Revision(place.revision),
            id: self.event.id,
            kind: self.event.kind.into_owned(),
            data: self.event.data,
            encoding: self.event.encoding,
            metadata: Metadata { stored_at: Some(place.stored_at), ..self.metadata },
            hash,
        }
    }

    fn bytes(&self) -> usize {
        let personal = self.personal.as_ref().map_or(0, |personal| personal.bytes.len());
        self.event.data.len() + self.event.kind.len() + self.clear.len() + personal + EVENT_OVERHEAD_BYTES
    }
}

/// The result of comparing an append with the last revision of its stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// The append is new; its first event gets this revision.
    At(Revision),
    /// The same events are already stored: the append is a repetition. Its last event has this
    /// revision.
    Repeated(Revision),
}

/// Checks the limits and joins each event with its metadata. Returns [`AppendError::TooLarge`]
/// beyond a limit.
pub fn admit(append: Append) -> Result<Admitted, AppendError> {
    assert!(!append.events.is_empty(), "an append holds at least one event");
    within("MAX_APPEND_EVENTS", MAX_APPEND_EVENTS, append.events.len())?;
    let Append { stream, expected, metadata, events } = append;
    let events = prepared(metadata, events);
    let bytes = events.iter().map(Prepared::bytes).sum();
    within("MAX_APPEND_BYTES", MAX_APPEND_BYTES, bytes)?;
    Ok(Admitted { stream, expected, events, bytes })
}

/// Admits appends that are stored together. Returns the first [`AppendError`] of [`admit`].
///
/// Panics if two of them are to one stream: the second would be placed where the first is.
pub(crate) fn admit_together(appends: Vec<Append>) -> Result<Vec<Admitted>, AppendError> {
    let mut streams = HashSet::with_capacity(appends.len());
    assert!(appends.iter().all(|append| streams.insert(append.stream)), "the appends are to different streams");
    appends.into_iter().map(admit).collect()
}

/// Gives the first event all metadata, and the others only the fields that every event has.
fn prepared(first: Metadata, events: Vec<NewEvent>) -> Vec<Prepared> {
    let personal = first.personal();
    let further = first.further();
    // Events after the first that have no cause of their own share the same bytes of metadata,
    // which are encoded when the first of them needs them.
    let mut usual: Option<Bytes> = None;
    let mut first = Some(first);
    let prepare = |event: NewEvent| {
        let is_usual = first.is_none() && event.causation.is_none();
        let metadata = first.take().unwrap_or_else(|| further.clone());
        let metadata = Metadata { causation: event.causation.or(metadata.causation), ..metadata };
        let written = || Bytes::from(metadata.clear());
        let clear = if is_usual { usual.get_or_insert_with(written).clone() } else { written() };
        Prepared { event, metadata, clear, personal: personal.clone() }
    };
    events.into_iter().map(prepare).collect()
}

fn within(limit: &'static str, allowed: usize, found: usize) -> Result<(), AppendError> {
    if found > allowed { Err(AppendError::TooLarge { limit, allowed, found }) } else { Ok(()) }
}

/// Compares the expected revision of an append with `last`, the last revision of its stream (`None`
/// if the stream does not exist). If at least as many events as the append has already follow the
/// expected revision, compares their ids, which `ids_from` returns.
///
/// Returns `None` if other events are stored at the expected place, or if the stream is shorter
/// than expected.
pub(crate) fn place<E>(
    append: &Admitted,
    last: Option<Revision>,
    ids_from: impl FnOnce(Revision, usize) -> Result<Vec<Uuid>, E>,
) -> Result<Option<Placement>, E> {
    let first = match append.expected {
        Expected::NoStream => 0,
        Expected::Exact(Revision(revision)) => revision.saturating_add(1),
    };
    let next = last.map_or(0, |Revision(revision)| revision + 1);
    if first == next {
        return Ok(Some(Placement::At(Revision(first))));
    }
    let count = append.events.len();
    if first > next || next - first < count as u64 {
        return Ok(None);
    }
    let ours = append.events.iter().map(|prepared| prepared.event.id);
    let same = ids_from(Revision(first), count)?.into_iter().eq(ours);
    Ok(same.then(|| Placement::Repeated(Revision(first + count as u64 - 1))))
}
