//! The envelope of every event: its position, and by whom, when and why it was caused.

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Event, Fact, Metadata, Stream,
    event::{Erased, Unreadable},
};

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

/// A position in the journal's one order. It increases with each commit and is opaque: there may be
/// gaps between two events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(pub u64);

impl Position {
    /// Before the first event.
    pub const START: Self = Self(0);

    /// Returns the number after this one, which may be that of no event.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Returns the number before this one, which may be that of no event.
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

/// The revision at which an append expects its stream. There is no "any": a repeated append is
/// recognised only at an exact revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The stream does not exist yet.
    NoStream,
    /// The last event of the stream has this revision.
    Exact(Revision),
}

/// A link of the hash chain: SHA-256 over the previous hash, the header and the stored bytes of an
/// event.
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

/// The name of the encoding of stored bytes. The hash chain covers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding(Cow<'static, str>);

impl Encoding {
    /// JSON in UTF-8, readable without a key.
    pub const JSON: Self = Self(Cow::Borrowed("json"));

    /// JSON in UTF-8, compressed by Zstandard (RFC 8878).
    pub const ZSTD: Self = Self(Cow::Borrowed("zstd"));

    /// No bytes, because their key was destroyed. Only events that are read have this encoding; it
    /// is never stored.
    pub const ERASED: Self = Self(Cow::Borrowed("erased"));

    /// The encoding with this name.
    pub fn named(name: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        // Without an allocation for almost every event.
        [Self::JSON, Self::ZSTD].into_iter().find(|known| known.0 == name).unwrap_or(Self(name))
    }

    /// Returns the name, as it is stored.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Default for Encoding {
    fn default() -> Self {
        Self::JSON
    }
}

/// Stored bytes and their encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The name of the encoding.
    pub encoding: Encoding,
    /// The bytes, as the hash chain covers them.
    pub bytes: Bytes,
}

/// An event about to be appended, in its stored form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The identity. The caller derives it from the command, so that a repeated append is
    /// recognised.
    pub id: Uuid,
    /// Type and version, `calendar-object-put.v1`: of any version, so that an event can be copied
    /// between engines as it was stored.
    pub kind: Cow<'static, str>,
    /// The payload in its `encoding`. Cheap to clone: an append may have to be repeated.
    pub data: Bytes,
    /// The encoding of `data`.
    pub encoding: Encoding,
    /// The event that caused this one; `None`: the one that the append's [`Metadata`] names.
    pub causation: Option<Uuid>,
}

impl NewEvent {
    /// The stored form of an event.
    pub fn new(id: Uuid, event: &impl Fact) -> Self {
        Self::json(id, event.kind(), event.to_json().into_boxed_slice())
    }

    /// An event of any type and version whose payload is JSON.
    pub fn json(id: Uuid, kind: impl Into<Cow<'static, str>>, data: impl Into<Bytes>) -> Self {
        Self { id, kind: kind.into(), data: data.into(), encoding: Encoding::JSON, causation: None }
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
    /// The encoding of `data`.
    pub encoding: Encoding,
    /// By whom, when and why it was caused.
    pub metadata: Metadata,
    /// Its link of the hash chain.
    pub hash: Hash,
}

impl Stored {
    /// Lifts the stored bytes to today's form. An event whose key was destroyed is
    /// [`Event::Erased`].
    ///
    /// Returns an error for an unknown type or encoding, for bytes that do not have the form of
    /// their type, and for an event in a stream of another aggregate.
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
