//! Identifiers by which people search: a tag from a log, the id of a request or of a message.

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
    /// The UID of a meeting for which a sharee keeps data of their own.
    PersonalData(String),
}

impl Clue {
    /// Returns the mark it is stored under. Others may share it: what it leads to is compared with
    /// the event.
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

/// Returns six bytes of a digest as a number, which SQLite stores in six bytes.
pub(super) fn digest(kind: &[u8], value: &[u8]) -> i64 {
    let [first, second, third, fourth, fifth, sixth, ..] = digested(kind, value);
    i64::from_be_bytes([0, 0, first, second, third, fourth, fifth, sixth])
}

fn digested(kind: &[u8], value: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(kind).chain_update([0]).chain_update(value).finalize().into()
}
