//! One sealed part: `key id (16 bytes) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`, by AES-256-GCM (NIST
//! SP 800-38D).
//!
//! A nonce is random, and a key belongs to one person: far fewer than the 2³² parts that random
//! nonces allow for one key.

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce},
    rand::{SecureRandom, SystemRandom},
};
use schemas::{Encoding, Stored, Stream};
use uuid::Uuid;

/// The name of the encoding of a sealed part that is JSON when it is opened.
pub const SEALED: &str = "sealed.v1";
/// The name of the encoding of a sealed part that is compressed JSON when it is opened.
pub const SEALED_COMPRESSED: &str = "sealed.v1+zstd";

/// Bytes before the ciphertext.
const HEAD_BYTES: usize = 16 + NONCE_LEN;

/// A key, ready for use.
pub(crate) struct Secret {
    pub id: Uuid,
    pub key: LessSafeKey,
}

/// Returns the encoding of a part after it is sealed: that of `inner`, as it was before.
pub(crate) fn encoding(inner: &Encoding) -> Encoding {
    Encoding::named(if *inner == Encoding::ZSTD { SEALED_COMPRESSED } else { SEALED })
}

/// Returns the encoding of a sealed part after it is opened; `None` if it is not sealed.
pub(crate) fn inner(encoding: &Encoding) -> Option<Encoding> {
    match encoding.name() {
        SEALED => Some(Encoding::JSON),
        SEALED_COMPRESSED => Some(Encoding::ZSTD),
        _ => None,
    }
}

/// Returns the identity of the key of a sealed part; `None` if it is too short to be one.
pub(crate) fn key_id(part: &[u8]) -> Option<Uuid> {
    (part.len() >= HEAD_BYTES).then(|| Uuid::from_slice(&part[..16]).unwrap_or_default())
}

/// Seals bytes. They are opened only with the same `bound` bytes. `None`: the system has no
/// randomness.
pub(crate) fn seal(secret: &Secret, bound: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).ok()?;
    let mut text = plain.to_vec();
    let nonce_once = Nonce::assume_unique_for_key(nonce);
    secret.key.seal_in_place_append_tag(nonce_once, Aad::from(bound), &mut text).ok()?;
    Some([secret.id.as_bytes(), &nonce[..], &text[..]].concat())
}

/// Opens a sealed part; `None` if it, or what it is bound to, was altered.
pub(crate) fn open(secret: &Secret, bound: &[u8], part: &[u8]) -> Option<Vec<u8>> {
    let nonce = Nonce::try_assume_unique_for_key(part.get(16..HEAD_BYTES)?).ok()?;
    let mut text = part.get(HEAD_BYTES..)?.to_vec();
    let length = secret.key.open_in_place(nonce, Aad::from(bound), &mut text).ok()?.len();
    text.truncate(length);
    Some(text)
}

/// A key from its 32 bytes.
pub(crate) fn secret(id: Uuid, bytes: &[u8; 32]) -> Secret {
    let key = ring::aead::UnboundKey::new(&AES_256_GCM, bytes).expect("a key of AES-256 has 32 bytes");
    Secret { id, key: LessSafeKey::new(key) }
}

/// The context that a sealed payload is bound to: it can be opened only in its own event, stream
/// and type.
pub(crate) fn bound_to_event(id: Uuid, stream: Stream, kind: &str) -> Vec<u8> {
    bound(&[b"daybook-sealed-data", id.as_bytes(), stream.to_string().as_bytes(), kind.as_bytes()])
}

/// The context that the sealed personal part of an append is bound to. All events of the append
/// have that part.
pub(crate) fn bound_to_append(stream: Stream, request: Uuid, actor: Uuid) -> Vec<u8> {
    bound(&[b"daybook-sealed-personal", stream.to_string().as_bytes(), request.as_bytes(), actor.as_bytes()])
}

/// The parts, each after its length.
fn bound(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes()[..], part].concat()).collect()
}

/// The context that the payload of a stored event is bound to.
pub(crate) fn bound_to_stored(stored: &Stored) -> Vec<u8> {
    bound_to_event(stored.id, stored.stream, &stored.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_opens_with_its_key_and_what_it_is_bound_to_and_with_nothing_else() {
        let [ours, theirs] = [1, 2].map(|byte| secret(Uuid::from_u128(byte.into()), &[byte; 32]));
        let part = seal(&ours, b"event 1", b"lunch with Bob").expect("random");
        assert_eq!(key_id(&part), Some(Uuid::from_u128(1)));
        assert_eq!(open(&ours, b"event 1", &part).as_deref(), Some(&b"lunch with Bob"[..]));
        assert_eq!(open(&ours, b"event 2", &part), None);
        assert_eq!(open(&theirs, b"event 1", &part), None);
        for place in 16..part.len() {
            let mut altered = part.clone();
            altered[place] ^= 1;
            assert_eq!(open(&ours, b"event 1", &altered), None, "{place}");
        }
        assert_ne!(seal(&ours, b"event 1", b"lunch with Bob").expect("random"), part, "each has a nonce of its own");
        assert_eq!((key_id(&part[..27]), open(&ours, b"", &part[..27])), (None, None));
    }
}
