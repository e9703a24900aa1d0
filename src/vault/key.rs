//! Keys of encryption, each for the data of one subject: a principal, or the server itself.

use std::fmt;

use schemas::PrincipalId;
use uuid::Uuid;

/// A key under which the data of one subject is encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// Id of the key, never reused. All data that is encrypted under the key contains the id.
    pub id: Uuid,
    /// Principal whose data is encrypted under the key; the nil id for the data of the server.
    pub subject: PrincipalId,
    secret: Option<[u8; 32]>,
}

impl Key {
    /// Returns a key with a given secret: 32 bytes that the caller made at random.
    pub fn new(id: Uuid, subject: PrincipalId, secret: [u8; 32]) -> Self {
        Self { id, subject, secret: Some(secret) }
    }

    /// Returns a destroyed key, which has no secret any more.
    pub fn destroyed(id: Uuid, subject: PrincipalId) -> Self {
        Self { id, subject, secret: None }
    }

    /// Returns the secret; `None` if the key was destroyed.
    pub fn secret(&self) -> Option<&[u8; 32]> {
        self.secret.as_ref()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("subject", &self.subject).finish_non_exhaustive()
    }
}
