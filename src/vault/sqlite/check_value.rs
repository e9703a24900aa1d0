//! A check value for each row, which tells a row that was altered from a wrong password and from a
//! damaged journal.
//!
//! **Invariant:** covers what never changes in a row: whose secret it is, its identity, and the
//! secret. It finds damage; whoever can write the file can write it too.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::Secret;

/// Bytes of a check value.
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
