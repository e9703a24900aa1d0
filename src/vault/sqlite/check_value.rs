//! Check values of rows. With them an altered row can be distinguished from a wrong password and
//! from a damaged journal.
//!
//! **Invariant:** a check value covers the kind of the secret, its id, its principal, and the
//! secret, but not the name and the times in the row. It detects damage, but not forgery: a person
//! who can write the file can write the check value too.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::Secret;

/// Number of bytes of a check value.
const BYTES: usize = 16;

pub(super) fn of(kind: Secret, id: Uuid, principal: Uuid, secret: &[u8]) -> [u8; BYTES] {
    let kind: &[u8] = match kind {
        Secret::Password => b"password",
        Secret::Key => b"key",
    };
    let digest =
        Sha256::new().chain_update(id).chain_update(principal).chain_update(kind).chain_update(secret).finalize();
    std::array::from_fn(|index| digest[index])
}
