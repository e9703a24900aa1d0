//! A password as it is kept: by its hash.

use std::fmt;

use schemas::{PasswordId, PrincipalId, Timestamp};

/// The hash of a password, and what is known of the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    /// The identity of the password, made when the password is set. The event about the password
    /// names it.
    pub id: PasswordId,
    /// Whose password it is.
    pub principal: PrincipalId,
    /// The name of an app password, such as "Phone". `None`: the password of the account.
    pub name: Option<String>,
    /// The hash as a PHC string (argon2id).
    pub phc: String,
    /// When it was set.
    pub created_at: Timestamp,
    /// When somebody logged in with it for the last time, as far as that is noted.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked. It opens nothing from then on.
    pub revoked_at: Option<Timestamp>,
}

impl Password {
    /// A password that is in force and was never used.
    pub fn new(
        id: PasswordId,
        principal: PrincipalId,
        name: Option<String>,
        phc: impl Into<String>,
        created_at: Timestamp,
    ) -> Self {
        Self { id, principal, name, phc: phc.into(), created_at, last_used_at: None, revoked_at: None }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Password").field("id", &self.id).field("principal", &self.principal).finish_non_exhaustive()
    }
}
