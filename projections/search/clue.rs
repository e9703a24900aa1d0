//! Identifiers for which people search, such as an ETag from a log, or the id of a request or
//! message.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// An identifier by which events are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clue {
    /// An ETag, without quotes.
    Etag(String),
    /// A Schedule-Tag, without quotes.
    ScheduleTag(String),
    /// The id of a request.
    Request(Uuid),
    /// The id of a scheduling message.
    Message(Uuid),
    /// The UID of a meeting for which a sharee has personal data.
    PersonalData(String),
}

impl Clue {
    /// Returns the 32-bit hash under which the clue is stored. Different clues can have the same
    /// hash, so each event found by it must be compared with the clue.
    pub(super) fn mark(&self) -> u32 {
        let [first, second, third, fourth, ..] = match self {
            Self::Etag(etag) => digested(b"etag", etag.as_bytes()),
            Self::ScheduleTag(tag) => digested(b"tag", tag.as_bytes()),
            Self::Request(id) => digested(b"request", id.as_bytes()),
            Self::Message(id) => digested(b"message", id.as_bytes()),
            Self::PersonalData(uid) => digested(b"personal", uid.as_bytes()),
        };
        u32::from_be_bytes([first, second, third, fourth])
    }
}

/// Returns the first six bytes of the SHA-256 of `kind` and `value` as a number.
pub(super) fn digest(kind: &[u8], value: &[u8]) -> i64 {
    let [first, second, third, fourth, fifth, sixth, ..] = digested(kind, value);
    i64::from_be_bytes([0, 0, first, second, third, fourth, fifth, sixth])
}

fn digested(kind: &[u8], value: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(kind).chain_update([0]).chain_update(value).finalize().into()
}
