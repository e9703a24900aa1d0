//! Entity tags and Schedule-Tags. Each is computed once and stored in the event.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Bytes of the digest in an entity tag: enough to exclude accidental collisions.
const ETAG_DIGEST_BYTES: usize = 12;

/// Returns the strong entity tag of stored text, without quotes: equal bytes have equal tags (RFC
/// 9110 §8.8.3).
pub fn etag(ics: &str) -> String {
    of_bytes(ics.as_bytes())
}

/// Returns the strong entity tag of bytes that need not be text.
pub fn of_bytes(data: &[u8]) -> String {
    hex::encode(&Sha256::digest(data)[..ETAG_DIGEST_BYTES])
}

/// Returns the Schedule-Tag (RFC 6638 §3.2.10) that a command or message gives to a resource. `act`
/// is the id from which it is made: each id gives a different tag.
pub fn schedule_tag(act: Uuid) -> String {
    act.simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_have_equal_entity_tags_of_24_digits() {
        let tags = ["", "a", "b"].map(etag);
        assert_eq!(tags[1], of_bytes(b"a"));
        assert!(tags.iter().all(|tag| tag.len() == 24 && tag.bytes().all(|byte| byte.is_ascii_hexdigit())), "{tags:?}");
        assert!(tags[0] != tags[1] && tags[1] != tags[2], "{tags:?}");
    }

    #[test]
    fn each_act_has_its_schedule_tag() {
        assert_eq!(schedule_tag(Uuid::from_u128(0x2a)), "0000000000000000000000000000002a");
    }
}
