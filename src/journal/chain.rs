//! The hash chain: every event vouches for all before it.
//!
//! **Invariant:** the encoding below never changes. It covers every stored byte of an event, each part with its
//! length before it, so that no two different events are ever hashed over the same bytes.

use schemas::{Hash, Position};
use sha2::{Digest, Sha256};

/// Names this encoding; another one would be another name.
const FORM: &[u8] = b"daybook-chain-1";

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
pub(crate) struct Content<'a> {
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
    pub(crate) fn hash(&self, previous: Hash) -> Hash {
        let mut sha = Sha256::new();
        sha.update(previous.0);
        sha.update(FORM);
        sha.update(self.position.0.to_be_bytes());
        sha.update(self.revision.to_be_bytes());
        for part in [self.stream.as_bytes(), self.id, self.kind.as_bytes(), self.metadata, self.data] {
            sha.update((part.len() as u64).to_be_bytes());
            sha.update(part);
        }
        Hash(sha.finalize().into())
    }
}

impl Entry {
    pub(crate) fn content(&self) -> Content<'_> {
        let Self { position, stream, revision, id, kind, metadata, data, hash: _ } = self;
        Content { position: *position, stream, revision: *revision, id, kind, metadata, data }
    }
}
