//! What surrounds every event: where it stands, when and by whom it was caused.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::{Event, Fact, PrincipalId, Stream, event::Unreadable};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds * 1_000_000)
    }

    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

/// A place in the journal's one order. Opaque and strictly increasing in commit order: nobody computes with it.
/// `Position::START` lies before the first event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    pub const START: Self = Self(0);
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An event's number in its stream: dense from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

/// What an append expects of its stream. There is no "any": idempotency is strong only with an exact expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    NoStream,
    Exact(Revision),
}

/// SHA-256 over the previous hash, the header and the bytes as stored.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// The program and place a command came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Client {
    /// How it came: `PUT`, `DELETE`, `MOVE`, `delivery`, `command line` …
    pub via: String,
    /// The `User-Agent`, shortened to a named limit; empty for the server's own acts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub agent: String,
    /// The peer's network address; empty for the server's own acts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
}

/// Who caused an event, when, with what, and because of what.
///
/// Stored as JSON beside every event, with the version of its form. Readers pass over fields they do not know, so that
/// a later version can add some; a field that changed its meaning would get another name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    pub at: Timestamp,
    /// The authenticated principal; `None` is the server itself (delivery, command line).
    pub actor: Option<PrincipalId>,
    /// Whose home or name the actor acted in, where that is somebody else's.
    pub on_behalf_of: Option<PrincipalId>,
    pub client: Client,
    /// One per HTTP request or command line call; stands in the access log too.
    pub request: Uuid,
    /// The first cause: equal for everything one request brought about.
    pub correlation: Uuid,
    /// The event that made this one happen; `None` for what a person did directly.
    pub causation: Option<Uuid>,
}

impl Metadata {
    /// The version that is written. Metadata of version 1 did not state it.
    pub const VERSION: i32 = 2;
}

/// [`Metadata`] as it is stored.
#[derive(Serialize, Deserialize)]
struct StoredMetadata<'a> {
    #[serde(default = "first_version")]
    version: i32,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<PrincipalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<PrincipalId>,
    client: Cow<'a, Client>,
    request: Uuid,
    correlation: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    causation: Option<Uuid>,
}

const fn first_version() -> i32 {
    1
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { at, actor, on_behalf_of, ref client, request, correlation, causation } = *self;
        let (version, client) = (Self::VERSION, Cow::Borrowed(client));
        StoredMetadata { version, at, actor, on_behalf_of, client, request, correlation, causation }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Every version so far means the same by the same fields.
        let StoredMetadata { version: _, at, actor, on_behalf_of, client, request, correlation, causation } =
            StoredMetadata::deserialize(deserializer)?;
        Ok(Self { at, actor, on_behalf_of, client: client.into_owned(), request, correlation, causation })
    }
}

/// An event about to be appended, in its stored form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Made by the caller, deterministically: a repeated append is recognised by it.
    pub id: Uuid,
    /// Type and version, `calendar-object-put.v1`: of any version, so that an event can be copied between engines as
    /// it was stored.
    pub kind: Cow<'static, str>,
    /// JSON, UTF-8. Cheap to clone: an append may have to be repeated.
    pub data: Bytes,
}

impl NewEvent {
    /// The stored form of an event.
    pub fn new(id: Uuid, event: &impl Fact) -> Self {
        Self { id, kind: event.kind().into(), data: event.to_json().into_boxed_slice().into() }
    }
}

/// An event as the journal holds it: bytes, not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub position: Position,
    pub stream: Stream,
    pub revision: Revision,
    pub id: Uuid,
    pub kind: String,
    pub data: Bytes,
    pub metadata: Metadata,
    pub hash: Hash,
}

impl Stored {
    /// Lifts the stored bytes to today's form. An event in a stream of another aggregate is refused.
    pub fn read(self) -> Result<Recorded, Unreadable> {
        let event = Event::read(&self.kind, &self.data)?;
        if event.stream_kind() != self.stream.kind() {
            return Err(Unreadable::Misplaced { kind: self.kind, stream: self.stream.to_string() });
        }
        let Self { position, stream, revision, id, metadata, hash, .. } = self;
        Ok(Recorded { position, stream, revision, id, event, metadata, hash })
    }
}

/// An event that happened, in today's form.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    pub position: Position,
    pub stream: Stream,
    pub revision: Revision,
    pub id: Uuid,
    pub event: Event,
    pub metadata: Metadata,
    pub hash: Hash,
}
