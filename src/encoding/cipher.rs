//! The bytes of a sealed part of an event: `key id (16 bytes) ‖ nonce (12) ‖ ciphertext ‖ tag
//! (16)`, encrypted by AES-256-GCM (NIST SP 800-38D).
//!
//! Nonces are random, which is safe for up to 2³² parts under one key. A key belongs to one
//! principal, or to the server, so it seals far fewer parts.

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce},
    rand::{SecureRandom, SystemRandom},
};
use schemas::{Encoding, Stored, Stream};
use uuid::Uuid;

/// The name of the encoding of a sealed part of an event (payload or personal part) that contains
/// JSON.
pub const SEALED: &str = "sealed.v1";
/// The name of the encoding of a sealed part of an event that contains compressed JSON.
pub const SEALED_COMPRESSED: &str = "sealed.v1+zstd";

/// Number of bytes before the ciphertext of a sealed part: the identity of its key, and the nonce.
const HEAD_BYTES: usize = 16 + NONCE_LEN;

/// A key with its identity, ready for use.
pub(crate) struct Secret {
    pub id: Uuid,
    pub key: LessSafeKey,
}

/// Returns the encoding that a part of an event gets when it is sealed; `inner` is its encoding
/// before that.
pub(crate) fn encoding(inner: &Encoding) -> Encoding {
    Encoding::named(if *inner == Encoding::ZSTD { SEALED_COMPRESSED } else { SEALED })
}

/// Returns the encoding that a part of an event has once it is opened. `None` if `encoding` is not
/// that of a sealed part.
pub(crate) fn inner(encoding: &Encoding) -> Option<Encoding> {
    match encoding.name() {
        SEALED => Some(Encoding::JSON),
        SEALED_COMPRESSED => Some(Encoding::ZSTD),
        _ => None,
    }
}

/// Returns the identity of the key under which a part of an event is sealed; `None` if the part is
/// shorter than [`HEAD_BYTES`].
pub(crate) fn key_id(part: &[u8]) -> Option<Uuid> {
    (part.len() >= HEAD_BYTES).then(|| Uuid::from_slice(&part[..16]).unwrap_or_default())
}

/// Seals bytes and binds them to the context `bound`: they can only be opened with the same
/// context. Returns `None` if the system provides no random bytes.
pub(crate) fn seal(secret: &Secret, bound: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let mut nonce = [0; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).ok()?;
    let mut text = plain.to_vec();
    let nonce_once = Nonce::assume_unique_for_key(nonce);
    secret.key.seal_in_place_append_tag(nonce_once, Aad::from(bound), &mut text).ok()?;
    Some([secret.id.as_bytes(), &nonce[..], &text[..]].concat())
}

/// Opens a sealed part of an event. Returns `None` if the part is too short, if the nonce, the
/// ciphertext or the tag was altered, or if the part was sealed under another key or for another
/// context than `bound`.
pub(crate) fn open(secret: &Secret, bound: &[u8], part: &[u8]) -> Option<Vec<u8>> {
    let nonce = Nonce::try_assume_unique_for_key(part.get(16..HEAD_BYTES)?).ok()?;
    let mut text = part.get(HEAD_BYTES..)?.to_vec();
    let length = secret.key.open_in_place(nonce, Aad::from(bound), &mut text).ok()?.len();
    text.truncate(length);
    Some(text)
}

/// Returns the key with this identity and these 32 bytes.
pub(crate) fn secret(id: Uuid, bytes: &[u8; 32]) -> Secret {
    let key = ring::aead::UnboundKey::new(&AES_256_GCM, bytes).expect("a key of AES-256 has 32 bytes");
    Secret { id, key: LessSafeKey::new(key) }
}

/// Returns the context to which a sealed payload is bound: its event, stream and type. The payload
/// cannot be opened in any other event.
pub(crate) fn bound_to_event(id: Uuid, stream: Stream, kind: &str) -> Vec<u8> {
    bound(&[b"daybook-sealed-data", id.as_bytes(), stream.to_string().as_bytes(), kind.as_bytes()])
}

/// Returns the context to which the sealed personal part of an append is bound. All events of the
/// append have the same personal part.
pub(crate) fn bound_to_append(stream: Stream, request: Uuid, actor: Uuid) -> Vec<u8> {
    bound(&[b"daybook-sealed-personal", stream.to_string().as_bytes(), request.as_bytes(), actor.as_bytes()])
}

/// Returns a context: the concatenated parts, each preceded by its length (8 bytes, big-endian).
fn bound(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes()[..], part].concat()).collect()
}

/// Returns the context to which the payload of a stored event is bound.
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
