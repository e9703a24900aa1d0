//! The hash chain: every event vouches for all before it, in the journal where one process writes, in its stream where
//! several do.
//!
//! **Invariant:** the encodings below never change. They cover every stored byte of an event, each part with its
//! length before it, so that no two different events are ever hashed over the same bytes.

use schemas::{Hash, Position, Revision, Stored, ids::NotAStream};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Failure;

/// Names the encoding of one chain through the journal; another one would be another name.
const FORM: &[u8] = b"daybook-chain-1";
/// Names the encoding of a chain per stream. An event does not know its position before it is stored there.
const FORM_OF_STREAMS: &[u8] = b"daybook-stream-chain-1";

/// An event as it lies in the store: nothing parsed, nothing trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub position: Position,
    pub stream: String,
    pub revision: u64,
    pub id: Vec<u8>,
    pub kind: String,
    pub metadata: Vec<u8>,
    pub data: Vec<u8>,
    pub hash: Vec<u8>,
}

/// The end of the chain. Kept outside the server, it proves that nothing was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// How many events the chain holds.
    pub events: u64,
    pub position: Position,
    pub hash: Hash,
}

/// What the hash covers.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    pub position: Position,
    pub stream: &'a str,
    pub revision: u64,
    pub id: &'a [u8],
    pub kind: &'a str,
    pub metadata: &'a [u8],
    pub data: &'a [u8],
}

impl Content<'_> {
    /// SHA-256(previous hash ‖ header ‖ stored bytes).
    pub fn hash(&self, previous: Hash) -> Hash {
        let mut sha = Sha256::new();
        sha.update(previous.0);
        sha.update(FORM);
        sha.update(self.position.0.to_be_bytes());
        self.finish(sha)
    }

    /// The same without the position, after the previous hash of the stream.
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
    /// The event, if it is one of this program's.
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
