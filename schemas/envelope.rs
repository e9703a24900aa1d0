//! The envelope of every event: its position, and by whom, when and why it was caused.

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
    /// The start of a second since 1970-01-01T00:00:00Z.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds * 1_000_000)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

/// A position in the journal's one order. It increases with each commit and is opaque: there may be gaps between two
/// events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of an event in its stream, counted from 0 without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u64);

/// The revision at which an append expects its stream. There is no "any": a repeated append is recognised only at an
/// exact revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The stream does not exist yet.
    NoStream,
    /// The last event of the stream has this revision.
    Exact(Revision),
}

/// A link of the hash chain: SHA-256 over the previous hash, the header and the stored bytes of an event.
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
    /// The HTTP method, or the part of the server that acted: `PUT`, `DELETE`, `delivery`, `command line` …
    pub via: String,
    /// The `User-Agent`, shortened to a limit. Empty for the server's own acts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub agent: String,
    /// The client's network address. Empty for the server's own acts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
}

/// By whom, when, how and why an event was caused.
///
/// Stored as JSON beside every event, with the version of its form. Readers pass over fields they do not know, so that
/// a later version can add some; a field that changed its meaning would get another name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// When the command was decided.
    pub at: Timestamp,
    /// The authenticated principal; `None` for the server itself (delivery, command line).
    pub actor: Option<PrincipalId>,
    /// The principal in whose home or name the actor acted, if that is another.
    pub on_behalf_of: Option<PrincipalId>,
    /// The program and place the command came from.
    pub client: Client,
    /// The identity of the HTTP request or command line call; the access log has it too.
    pub request: Uuid,
    /// The identity of the first cause, equal for all events that one request led to.
    pub correlation: Uuid,
    /// The event that caused this one; `None` if a person did.
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
    /// Derived by the caller from the command, so that a repeated append is recognised.
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
    /// Its position in the journal.
    pub position: Position,
    /// Its stream.
    pub stream: Stream,
    /// Its number in the stream.
    pub revision: Revision,
    /// Its identity.
    pub id: Uuid,
    /// Type and version as stored.
    pub kind: String,
    /// The payload as stored.
    pub data: Bytes,
    /// By whom, when and why it was caused.
    pub metadata: Metadata,
    /// Its link of the hash chain.
    pub hash: Hash,
}

impl Stored {
    /// Lifts the stored bytes to today's form.
    ///
    /// Returns an error for an unknown type, for bytes that do not have the form of their type, and for an event in a
    /// stream of another aggregate.
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
    /// Its position in the journal.
    pub position: Position,
    /// Its stream.
    pub stream: Stream,
    /// Its number in the stream.
    pub revision: Revision,
    /// Its identity.
    pub id: Uuid,
    /// What happened.
    pub event: Event,
    /// By whom, when and why it was caused.
    pub metadata: Metadata,
    /// Its link of the hash chain.
    pub hash: Hash,
}
