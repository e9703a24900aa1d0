//! Entity tags and Schedule-Tags: decided once, stored with the event.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Bytes of the digest that make an entity tag: enough that two contents never meet by chance.
const ETAG_DIGEST_BYTES: usize = 12;

/// A strong entity tag of the bytes as stored: equal bytes have equal tags (RFC 9110 §8.8.3).
pub fn etag(ics: &str) -> String {
    of_bytes(ics.as_bytes())
}

/// The same, of what need not be text.
pub fn of_bytes(data: &[u8]) -> String {
    hex::encode(&Sha256::digest(data)[..ETAG_DIGEST_BYTES])
}

/// A Schedule-Tag (RFC 6638 §3.2.10): new for every act that changes it, never the same twice.
pub fn schedule_tag(act: Uuid) -> String {
    act.simple().to_string()
}
