//! The hash chain: the hash of an event covers the event and the hash of the event before it. If
//! one process writes, one chain runs through the whole journal. If several processes write, each
//! stream has its own chain.
//!
//! The chain has two versions. Version 1 covers the fields that the first release stored. Version 2
//! also covers the time of storage, the personal part of the metadata and the names of the
//! encodings. An event keeps the version in which it was stored. In a chain, an event of version 1
//! never follows one of version 2.
//!
//! **Invariant:** the byte encodings below never change. They cover every stored byte of an event,
//! except its position in a chain per stream. The length of each part of variable length is hashed
//! before the part, so that no byte can move from one part to the next unnoticed.

use schemas::{Encoding, Hash, Metadata, Part, Position, Revision, Stored, Timestamp, ids::NotAStream};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Failure;

/// The name of version 1 of the single chain through the journal, part of each hash.
const FIRST: &[u8] = b"daybook-chain-1";
/// The name of version 2 of the single chain through the journal, part of each hash.
const SECOND: &[u8] = b"daybook-chain-2";
/// The name of version 1 of a chain per stream. Its hashes do not cover the position, which is
/// unknown until the event is stored.
const FIRST_OF_STREAMS: &[u8] = b"daybook-stream-chain-1";
/// The name of version 2 of a chain per stream. Its hashes do not cover the position.
const SECOND_OF_STREAMS: &[u8] = b"daybook-stream-chain-2";

/// The version of the chain in which new events are written.
pub const VERSION: i64 = 2;

/// The stored bytes of an event, neither parsed nor verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Position of the event in the journal.
    pub position: Position,
    /// Name of the event's stream.
    pub stream: String,
    /// Revision of the event: its number in the stream, from 0.
    pub revision: u64,
    /// Id of the event: the 16 bytes of a UUID.
    pub id: Vec<u8>,
    /// Type and version of the event, such as `calendar-removed.v1`.
    pub kind: String,
    /// The clear part of the event's metadata: JSON that is never encrypted.
    pub metadata: Vec<u8>,
    /// The payload of the event, in its encoding.
    pub data: Vec<u8>,
    /// Hash of the event: 32 bytes.
    pub hash: Vec<u8>,
    /// The version of the chain in which the event was hashed, as stored. Known are 1 and 2.
    pub version: i64,
    /// The fields that exist only in version 2; empty in version 1.
    pub added: Added,
}

/// The fields of an event that exist only in version 2 of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Added {
    /// When the event was stored, in microseconds since 1970-01-01T00:00:00Z; `None` in version 1.
    pub stored_at: Option<i64>,
    /// Name of the encoding of the payload, such as `json` or `zstd`.
    pub data_encoding: String,
    /// The personal part of the metadata; empty if the event has none.
    pub personal: Vec<u8>,
    /// Name of the encoding of the personal part; empty if the event has none.
    pub personal_encoding: String,
}

/// The end of the chain. Comparing the journal with a head that was kept outside the server shows
/// whether an event up to that head was removed or altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Number of events in the chain up to this end.
    pub events: u64,
    /// Position of the last event.
    pub position: Position,
    /// Hash of the last event.
    pub hash: Hash,
}

/// The parts of an event that its hash covers, as in [`Entry`].
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// Position of the event. It is not hashed in a chain per stream.
    pub position: Position,
    /// Name of the event's stream.
    pub stream: &'a str,
    /// Revision of the event: its number in the stream, from 0.
    pub revision: u64,
    /// Id of the event: 16 bytes.
    pub id: &'a [u8],
    /// Type and version of the event.
    pub kind: &'a str,
    /// The clear part of the metadata, as stored.
    pub metadata: &'a [u8],
    /// The payload, as stored.
    pub data: &'a [u8],
    /// The fields that only version 2 covers; `None` in version 1.
    pub second: Option<Second<'a>>,
}

/// The parts of an event that only version 2 covers, as in [`Added`].
#[derive(Debug, Clone, Copy)]
pub struct Second<'a> {
    /// When the event was stored, in microseconds since 1970-01-01T00:00:00Z.
    pub stored_at: Timestamp,
    /// Name of the encoding of the payload.
    pub data_encoding: &'a str,
    /// The personal part of the metadata as stored; empty if the event has none.
    pub personal: &'a [u8],
    /// Name of the encoding of the personal part; empty if the event has none.
    pub personal_encoding: &'a str,
}

impl Content<'_> {
    /// Returns the hash in a single chain. It is the SHA-256 of these parts in this order: the
    /// previous hash, the name of the version, the position, the time of storage (only in version
    /// 2) and the revision; then the stream, id, type, metadata and payload; and in version 2 the
    /// encodings of the payload and of the personal part, and the personal part. The parts from the
    /// stream on come after their length. All numbers are 64 bits, big-endian.
    pub fn hash(&self, previous: Hash) -> Hash {
        let mut sha = Sha256::new();
        sha.update(previous.0);
        sha.update(if self.second.is_some() { SECOND } else { FIRST });
        sha.update(self.position.0.to_be_bytes());
        self.finish(sha)
    }

    /// Returns the hash in a chain per stream: like [`Self::hash`], but with the version's name for
    /// such chains and without the position. `previous` is the hash of the event before it in the
    /// same stream; zeros if it is the first.
    pub fn hash_in_stream(&self, previous: Hash) -> Hash {
        let mut sha = Sha256::new();
        sha.update(previous.0);
        sha.update(if self.second.is_some() { SECOND_OF_STREAMS } else { FIRST_OF_STREAMS });
        self.finish(sha)
    }

    fn finish(&self, mut sha: Sha256) -> Hash {
        if let Some(second) = &self.second {
            sha.update(second.stored_at.0.to_be_bytes());
        }
        sha.update(self.revision.to_be_bytes());
        let mut cover = |part: &[u8]| {
            sha.update((part.len() as u64).to_be_bytes());
            sha.update(part);
        };
        for part in [self.stream.as_bytes(), self.id, self.kind.as_bytes(), self.metadata, self.data] {
            cover(part);
        }
        if let Some(Second { stored_at: _, data_encoding, personal, personal_encoding }) = self.second {
            for part in [data_encoding.as_bytes(), personal_encoding.as_bytes(), personal] {
                cover(part);
            }
        }
        Hash(sha.finalize().into())
    }
}

impl Entry {
    /// Parses the event. Returns [`Failure::Damaged`] if the metadata, id, stream name or hash is
    /// malformed.
    pub fn stored(self) -> Result<Stored, Failure> {
        let position = self.position;
        let damaged = |why: String| Failure::Damaged { position, why };
        let Added { stored_at, data_encoding, personal, personal_encoding } = self.added;
        let encoding = if self.version < VERSION { Encoding::JSON } else { Encoding::named(data_encoding) };
        let personal = (!personal_encoding.is_empty())
            .then(|| Part { encoding: Encoding::named(personal_encoding), bytes: personal.into() });
        let metadata = Metadata::read(&self.metadata, personal)
            .map_err(|cause| damaged(format!("the metadata of the event cannot be read: {cause}")))?;
        Ok(Stored {
            position,
            stream: self.stream.parse().map_err(|cause: NotAStream| damaged(cause.to_string()))?,
            revision: Revision(self.revision),
            id: Uuid::from_slice(&self.id)
                .map_err(|cause| damaged(format!("the id of the event is malformed: {cause}")))?,
            kind: self.kind,
            data: self.data.into(),
            encoding,
            metadata: Metadata { stored_at: stored_at.map(Timestamp), ..metadata },
            hash: Hash(
                self.hash.try_into().map_err(|_| damaged("the hash of the event does not have 32 bytes".to_owned()))?,
            ),
        })
    }

    /// Returns true if the stored hash is the one that this event has after `before`, the hash of
    /// the previous event, in the single chain of a journal.
    pub fn follows(&self, before: Hash) -> bool {
        self.content().is_some_and(|content| content.hash(before).0 == *self.hash)
    }

    /// Returns true if the stored hash is the one that this event has after `before`, the hash of
    /// the previous event of its stream, in the chain of the stream.
    pub fn follows_in_stream(&self, before: Hash) -> bool {
        self.content().is_some_and(|content| content.hash_in_stream(before).0 == *self.hash)
    }

    /// Returns the parts that the hash covers. Returns `None` if the version is unknown, if version
    /// 2 comes without a time of storage, or if version 1 comes with a field of version 2.
    pub fn content(&self) -> Option<Content<'_>> {
        let Self { position, stream, revision, id, kind, metadata, data, hash: _, version, added } = self;
        let second = match (version, added.stored_at) {
            (1, None) if *added == Added::default() => None,
            (&VERSION, Some(stored_at)) => Some(Second {
                stored_at: Timestamp(stored_at),
                data_encoding: &added.data_encoding,
                personal: &added.personal,
                personal_encoding: &added.personal_encoding,
            }),
            _ => return None,
        };
        Some(Content { position: *position, stream, revision: *revision, id, kind, metadata, data, second })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: Content<'static> = Content {
        position: Position(7),
        stream: "calendar-0",
        revision: 3,
        id: &[1, 2, 3],
        kind: "calendar-created.v1",
        metadata: b"{}",
        data: b"[]",
        second: None,
    };

    const SECOND: Second<'static> = Second {
        stored_at: Timestamp(1_767_614_400_000_000),
        data_encoding: "json",
        personal: b"{}",
        personal_encoding: "json",
    };

    /// The expected hashes were computed by another program: `sha256sum` over the bytes that
    /// [`Content::hash`] describes.
    #[test]
    fn the_encodings_never_change() {
        let first = CONTENT.hash(Hash::default());
        assert_eq!(first.to_string(), "9503b4b2f3bb8f629dd075a6991a2498ca935f4b0bc05744b9e8c2b022637032");
        assert_eq!(CONTENT.hash(first).to_string(), "403115f63a0401a5c7faece5b723db60c0fd9ee01416d9a2e18ffad205f9dc9c");
    }

    /// The expected hashes were computed with Python's `hashlib` over the bytes that
    /// [`Content::hash`] describes.
    #[test]
    fn the_second_encoding_never_changes() {
        let content = Content { second: Some(SECOND), ..CONTENT };
        assert_eq!(
            content.hash(Hash::default()).to_string(),
            "9936eb07dd4ef4a4297746c51304bc9de3c256e7f30df2e470dc964aed48d3a2"
        );
        assert_eq!(
            content.hash_in_stream(Hash::default()).to_string(),
            "c30c3c82fdd4e9ae0dddc2a4d2b582ae591075132cc756bd7f19dc93afdfb6df"
        );
    }

    #[test]
    fn the_second_form_covers_every_part_that_it_adds() {
        let with = |second| Content { second: Some(second), ..CONTENT };
        let mut hashes = vec![CONTENT.hash(Hash::default())];
        for second in [
            SECOND,
            Second { stored_at: Timestamp(0), ..SECOND },
            Second { data_encoding: "jsom", ..SECOND },
            Second { personal: b"[]", ..SECOND },
            Second { personal_encoding: "jsom", ..SECOND },
            Second { personal_encoding: "json{", personal: b"}", ..SECOND },
        ] {
            let hash = with(second).hash(Hash::default());
            assert!(!hashes.contains(&hash), "{second:?}");
            hashes.push(hash);
        }
        let data = Content { data: b"[]json", ..with(Second { data_encoding: "", ..SECOND }) };
        assert_ne!(data.hash(Hash::default()), with(SECOND).hash(Hash::default()));
    }

    #[test]
    fn every_part_and_its_borders_are_covered() {
        let whole = CONTENT.hash(Hash::default());
        for (title, content) in [
            ("position", Content { position: Position(8), ..CONTENT }),
            ("stream", Content { stream: "calendar-1", ..CONTENT }),
            ("revision", Content { revision: 4, ..CONTENT }),
            ("id", Content { id: &[1, 2], ..CONTENT }),
            ("kind", Content { kind: "calendar-created.v2", ..CONTENT }),
            ("metadata", Content { metadata: b"{ }", ..CONTENT }),
            ("data", Content { data: b"[0]", ..CONTENT }),
            ("a border", Content { metadata: b"{}[", data: b"]", ..CONTENT }),
        ] {
            assert_ne!(content.hash(Hash::default()), whole, "{title}");
        }
    }
}
