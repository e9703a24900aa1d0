//! Stored passwords: their hashes and data about them.

use std::fmt;

use schemas::{PasswordId, PrincipalId, Timestamp};

/// The hash of a password, and data about the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    /// Id of the password. The event about the password names it.
    pub id: PasswordId,
    /// Principal who has the password.
    pub principal: PrincipalId,
    /// The name of an app password, such as "Phone". `None`: the password of the account.
    pub name: Option<String>,
    /// The hash as a PHC string (argon2id), or an imported hash in the form of another system.
    pub phc: String,
    /// Time at which the password was set.
    pub created_at: Timestamp,
    /// Time of the last recorded login with the password; `None` if none was recorded.
    pub last_used_at: Option<Timestamp>,
    /// Time at which the password was revoked; nobody can log in with it after that. `None`: the
    /// password is not revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Password {
    /// Returns a password that is not revoked and was never used.
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
