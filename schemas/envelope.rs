//! The envelope of every event: its position, and who caused it, when and why.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Event, Fact, Metadata, Stream,
    event::{Erased, Unreadable},
};

/// A time in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Creates a time from seconds since 1970-01-01T00:00:00Z.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds * 1_000_000)
    }

    /// Returns the whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

/// The position of an event in the journal's single order. A later event has a greater position.
/// There may be gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    /// The position before the first event.
    pub const START: Self = Self(0);

    /// Returns this number plus one, or the largest number. There may be no event at that position.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Returns this number minus one, or 0. There may be no event at that position.
    #[must_use]
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
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

/// The revision that an append expects of its stream. There is no "any", because a repeated append
/// can only be recognised at an exact revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The stream must not exist yet.
    NoStream,
    /// The last event of the stream must have this revision.
    Exact(Revision),
}

/// The hash of an event in the hash chain: SHA-256 over the hash before it and the fields of the
/// event. The version of the chain says which fields.
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

/// The name of the encoding of stored bytes. Version 2 of the hash chain covers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding(Cow<'static, str>);

impl Encoding {
    /// JSON in UTF-8, neither compressed nor encrypted.
    pub const JSON: Self = Self(Cow::Borrowed("json"));

    /// JSON in UTF-8, compressed with Zstandard (RFC 8878).
    pub const ZSTD: Self = Self(Cow::Borrowed("zstd"));

    /// No bytes, because their key was destroyed. Events get this encoding when they are read; it
    /// is never stored.
    pub const ERASED: Self = Self(Cow::Borrowed("erased"));

    /// Returns the encoding with this name.
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        // Known names become constants, which take no memory of their own.
        [Self::JSON, Self::ZSTD].into_iter().find(|known| known.0 == name).unwrap_or(Self(name))
    }

    /// Returns the name of the encoding, as it is stored.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Default for Encoding {
    fn default() -> Self {
        Self::JSON
    }
}

/// Stored bytes with their encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The encoding of the bytes.
    pub encoding: Encoding,
    /// The stored bytes, which the hash chain covers; empty if the encoding is
    /// [`Encoding::ERASED`].
    pub bytes: Bytes,
}

/// An event that is about to be appended, in its stored form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Id of the event. The caller derives it, so that a repeated append has the same ids and is
    /// recognised.
    pub id: Uuid,
    /// Type and version of the event, such as `calendar-object-put.v1`. Any version is allowed, so
    /// that stored events can be copied between engines unchanged.
    pub kind: Cow<'static, str>,
    /// The payload in its `encoding`. It is cheap to clone, because an append may have to be
    /// repeated.
    pub data: Bytes,
    /// The encoding of `data`.
    pub encoding: Encoding,
    /// Id of the event that caused this one; `None` if the append's [`Metadata`] name the cause.
    pub causation: Option<Uuid>,
}

impl NewEvent {
    /// Creates the event in its stored form: its current type, and its payload as JSON.
    pub fn new(id: Uuid, event: &impl Fact) -> Self {
        Self::json(id, event.kind(), event.to_json().into_boxed_slice())
    }

    /// Creates an event of any type and version whose payload is JSON.
    pub fn json(id: Uuid, kind: impl Into<Cow<'static, str>>, data: impl Into<Bytes>) -> Self {
        Self { id, kind: kind.into(), data: data.into(), encoding: Encoding::JSON, causation: None }
    }
}

/// An event as the journal stores it: as bytes that are not parsed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Position of the event in the journal.
    pub position: Position,
    /// The stream of the event.
    pub stream: Stream,
    /// Revision of the event: its number in the stream, from 0.
    pub revision: Revision,
    /// Id of the event.
    pub id: Uuid,
    /// Type and version of the event, as stored.
    pub kind: String,
    /// The payload, as stored.
    pub data: Bytes,
    /// The encoding of `data`.
    pub encoding: Encoding,
    /// Metadata of the event: who caused it, when and why.
    pub metadata: Metadata,
    /// Hash of the event in the hash chain.
    pub hash: Hash,
}

impl Stored {
    /// Parses the event and lifts it to today's version. An event whose key was destroyed becomes
    /// [`Event::Erased`].
    ///
    /// Returns an error if the encoding is not JSON, if the type is unknown, if the bytes do not
    /// have the form of their type, or if the event is in a stream of another aggregate.
    pub fn read(self) -> Result<Recorded, Unreadable> {
        if self.encoding == Encoding::ERASED {
            return Ok(self.erased());
        }
        if self.encoding != Encoding::JSON {
            return Err(Unreadable::Encoding { kind: self.kind, encoding: self.encoding });
        }
        let event = Event::read(&self.kind, &self.data)?;
        if event.stream_kind() != self.stream.kind() {
            return Err(Unreadable::Misplaced { kind: self.kind, stream: self.stream.to_string() });
        }
        let Self { position, stream, revision, id, metadata, hash, .. } = self;
        Ok(Recorded { position, stream, revision, id, event, metadata, hash })
    }

    fn erased(self) -> Recorded {
        let Self { position, stream, revision, id, kind, metadata, hash, .. } = self;
        let event = Event::Erased(Erased { kind, stream: stream.kind() });
        Recorded { position, stream, revision, id, event, metadata, hash }
    }
}

/// An event that happened, in today's version.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Position of the event in the journal.
    pub position: Position,
    /// The stream of the event.
    pub stream: Stream,
    /// Revision of the event: its number in the stream, from 0.
    pub revision: Revision,
    /// Id of the event.
    pub id: Uuid,
    /// The payload of the event.
    pub event: Event,
    /// Metadata of the event: who caused it, when and why.
    pub metadata: Metadata,
    /// Hash of the event in the hash chain.
    pub hash: Hash,
}
