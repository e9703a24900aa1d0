//! The key of a data subject.

use std::fmt;

use schemas::PrincipalId;
use uuid::Uuid;

/// A key under which what concerns one person is encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// Given once. Each encrypted part names it.
    pub id: Uuid,
    /// Whose key it is.
    pub subject: PrincipalId,
    secret: Option<[u8; 32]>,
}

impl Key {
    /// A key of 32 random bytes.
    pub fn new(id: Uuid, subject: PrincipalId, secret: [u8; 32]) -> Self {
        Self { id, subject, secret: Some(secret) }
    }

    /// The remains of a key that was destroyed.
    pub fn destroyed(id: Uuid, subject: PrincipalId) -> Self {
        Self { id, subject, secret: None }
    }

    /// Returns the 32 bytes; `None`: it was destroyed.
    pub fn secret(&self) -> Option<&[u8; 32]> {
        self.secret.as_ref()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("subject", &self.subject).finish_non_exhaustive()
    }
}
