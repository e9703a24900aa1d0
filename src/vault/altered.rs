//! A row that is not what was kept.

use std::fmt;

use schemas::PrincipalId;
use uuid::Uuid;

/// What a row of the vault holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// The hash of a password.
    Password,
    /// A key.
    Key,
}

/// A row that does not fit its check value: the row, or the value, was altered after it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Altered {
    /// What it holds.
    pub secret: Secret,
    /// The identity that it states.
    pub id: Uuid,
    /// The person that it states.
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
