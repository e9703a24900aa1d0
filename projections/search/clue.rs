//! What people have in their hands when they ask: a tag from a log, the id of a request, the path of a resource.

use schemas::object::Place;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Something by which events are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clue {
    /// An entity tag, without quotes.
    Etag(String),
    /// A Schedule-Tag, without quotes.
    ScheduleTag(String),
    /// The id of a request.
    Request(Uuid),
    /// The id of a scheduling message.
    Message(Uuid),
    /// The place of a resource.
    Place(Place),
}

impl Clue {
    /// Returns the key it is stored under: two clues may share one.
    pub(super) fn key(&self) -> i64 {
        match self {
            Self::Etag(etag) => key(b"etag", etag.as_bytes()),
            Self::ScheduleTag(tag) => key(b"tag", tag.as_bytes()),
            Self::Request(id) => key(b"request", id.as_bytes()),
            Self::Message(id) => key(b"message", id.as_bytes()),
            Self::Place(Place { collection, name }) => key(collection.0.as_bytes(), name.as_bytes()),
        }
    }
}

fn key(kind: &[u8], value: &[u8]) -> i64 {
    let mut sha = Sha256::new();
    sha.update(kind);
    sha.update([0]);
    sha.update(value);
    let digest: [u8; 32] = sha.finalize().into();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}
