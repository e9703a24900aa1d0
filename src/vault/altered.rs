//! Rows of the vault that were altered after they were stored.

use std::fmt;

use schemas::PrincipalId;
use uuid::Uuid;

/// Kinds of secrets in the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// The hash of a password.
    Password,
    /// A key of encryption.
    Key,
}

/// A row of the vault that does not match its check value, because the row or the check value was
/// altered after it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Altered {
    /// Kind of the secret in the row.
    pub secret: Secret,
    /// Id of the secret, as the altered row has it. The id itself may be what was altered.
    pub id: Uuid,
    /// Principal of the secret, as the altered row has it. The principal itself may be what was
    /// altered.
    pub principal: PrincipalId,
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password => "password",
            Self::Key => "key",
        })
    }
}

impl fmt::Display for Altered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} of the principal {}", self.secret, self.id, self.principal)
    }
}
