//! The hash chain: each hash covers its event and the hash before it. There is one chain through the journal where one
//! process writes, and one per stream where several do.
//!
//! **Invariant:** the encodings below never change. They cover every stored byte of an event, each part after its
//! length, so that two different events are never hashed over the same bytes.

use schemas::{Hash, Position, Revision, Stored, ids::NotAStream};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Failure;

/// Names the encoding of one chain through the journal. Another encoding would have another name.
const FORM: &[u8] = b"daybook-chain-1";
/// Names the encoding of a chain per stream, without the position: an event has none before it is stored.
const FORM_OF_STREAMS: &[u8] = b"daybook-stream-chain-1";

/// An event as it is stored: nothing parsed, nothing trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its position in the journal.
    pub position: Position,
    /// Name of its stream.
    pub stream: String,
    /// Its number in the stream.
    pub revision: u64,
    /// Its identity: 16 bytes.
    pub id: Vec<u8>,
    /// Type and version.
    pub kind: String,
    /// By whom, when and why it was caused: JSON.
    pub metadata: Vec<u8>,
    /// The payload: JSON.
    pub data: Vec<u8>,
    /// Its link of the chain: 32 bytes.
    pub hash: Vec<u8>,
}

/// The end of the chain. Kept outside the server, it proves that no event was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// Number of events in the chain.
    pub events: u64,
    /// Position of the last one.
    pub position: Position,
    /// Its hash.
    pub hash: Hash,
}

/// The parts of an event that its hash covers, as in [`Entry`].
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// Not part of a hash in a chain per stream.
    pub position: Position,
    /// Name of its stream.
    pub stream: &'a str,
    /// Its number in the stream.
    pub revision: u64,
    /// Its identity.
    pub id: &'a [u8],
    /// Type and version.
    pub kind: &'a str,
    /// The metadata as stored.
    pub metadata: &'a [u8],
    /// The payload as stored.
    pub data: &'a [u8],
}

impl Content<'_> {
    /// Returns SHA-256(previous hash ‖ header ‖ stored bytes).
    pub fn hash(&self, previous: Hash) -> Hash {
        let mut sha = Sha256::new();
        sha.update(previous.0);
        sha.update(FORM);
        sha.update(self.position.0.to_be_bytes());
        self.finish(sha)
    }

    /// Returns the same without the position, after the previous hash of the stream.
    pub fn hash_in_stream(&self, previous: Hash) -> Hash {
        let mut sha = Sha256::new();
        sha.update(previous.0);
        sha.update(FORM_OF_STREAMS);
        self.finish(sha)
    }

    fn finish(&self, mut sha: Sha256) -> Hash {
        sha.update(self.revision.to_be_bytes());
        for part in [self.stream.as_bytes(), self.id, self.kind.as_bytes(), self.metadata, self.data] {
            sha.update((part.len() as u64).to_be_bytes());
            sha.update(part);
        }
        Hash(sha.finalize().into())
    }
}

impl Entry {
    /// Parses the event; an error if this program did not write it so.
    pub fn stored(self) -> Result<Stored, Failure> {
        let position = self.position;
        let damaged = |why: String| Failure::Damaged { position, why };
        Ok(Stored {
            position,
            stream: self.stream.parse().map_err(|cause: NotAStream| damaged(cause.to_string()))?,
            revision: Revision(self.revision),
            id: Uuid::from_slice(&self.id).map_err(|cause| damaged(format!("its id: {cause}")))?,
            kind: self.kind,
            data: self.data.into(),
            metadata: serde_json::from_slice(&self.metadata)
                .map_err(|cause| damaged(format!("its metadata: {cause}")))?,
            hash: Hash(self.hash.try_into().map_err(|_| damaged("its hash has another length".to_owned()))?),
        })
    }

    /// Returns the parts that the hash covers.
    pub fn content(&self) -> Content<'_> {
        let Self { position, stream, revision, id, kind, metadata, data, hash: _ } = self;
        Content { position: *position, stream, revision: *revision, id, kind, metadata, data }
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
    };

    /// Worked out with another program: `sha256sum` over the bytes that the module describes.
    #[test]
    fn the_encoding_never_changes() {
        let first = CONTENT.hash(Hash::default());
        assert_eq!(first.to_string(), "9503b4b2f3bb8f629dd075a6991a2498ca935f4b0bc05744b9e8c2b022637032");
        assert_eq!(CONTENT.hash(first).to_string(), "403115f63a0401a5c7faece5b723db60c0fd9ee01416d9a2e18ffad205f9dc9c");
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
