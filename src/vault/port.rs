//! The port: all that an engine must be able to do.
//!
//! **Invariant:** small enough for every engine. The journal says which secret is in force; the
//! vault only keeps it.

use std::{fmt::Debug, io, path::PathBuf, sync::Arc};

use schemas::{PasswordId, PrincipalId, Timestamp};
use uuid::Uuid;

use crate::{Altered, Key, Password};

/// Why the vault cannot be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The file belongs to another program.
    #[error("{} is not a vault of Daybook; move it away, or restore a copy of the vault", .0.display())]
    NotAVault(PathBuf),
    /// A newer version of Daybook wrote it.
    #[error("{} has format {version}, which this version of Daybook does not know; use a newer version", file.display())]
    OtherVersion {
        /// The file.
        file: PathBuf,
        /// The number of the format that the file states.
        version: i32,
    },
    /// A copy overwrites nothing.
    #[error("{} exists already, and a copy never overwrites a file; name another file", .0.display())]
    Exists(PathBuf),
    /// There is no vault to read.
    #[error("there is no vault at {}", .0.display())]
    Missing(PathBuf),
    /// A file cannot be made, read or written.
    #[error("the vault {}: {cause}", file.display())]
    Files {
        /// The file.
        file: PathBuf,
        /// What the system says.
        cause: Arc<io::Error>,
    },
    /// A row is not what was kept.
    #[error("the vault {}: the {row} was altered; restore the latest copy of the vault", file.display())]
    Altered {
        /// The file.
        file: PathBuf,
        /// The row.
        row: Altered,
    },
    /// The storage did not do what it was asked; nothing was changed.
    #[error("the vault's storage failed: {0}")]
    Storage(Arc<rusqlite::Error>),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(Arc::new(error))
    }
}

/// An engine that keeps secrets. Each call blocks until it is done, usually for some milliseconds
/// if it writes.
pub trait Vault: Send + Sync + Debug {
    /// Keeps passwords, all of them or none. One whose identity is known stays as it is.
    fn keep(&self, passwords: &[Password]) -> Result<(), Failure>;

    /// Returns the password with an identity, revoked or not; `None`: it was never kept, or
    /// removed.
    fn password(&self, id: PasswordId) -> Result<Option<Password>, Failure>;

    /// Returns the passwords of a principal in the order of their identities, revoked ones too.
    /// Their hashes may have been altered.
    fn passwords_of(&self, principal: PrincipalId) -> Result<Vec<Password>, Failure>;

    /// Removes passwords for good, all of them or none. An unknown identity is passed over.
    fn remove(&self, ids: &[PasswordId]) -> Result<(), Failure>;

    /// Notes that somebody logged in with a password.
    fn used(&self, id: PasswordId, at: Timestamp) -> Result<(), Failure>;

    /// Revokes a password. One that is revoked keeps its first time.
    fn revoke(&self, id: PasswordId, at: Timestamp) -> Result<(), Failure>;

    /// Returns the key in force of a subject. If the subject has none, `new` is kept and returned.
    fn key_in_force(&self, subject: PrincipalId, new: Key) -> Result<Key, Failure>;

    /// Returns the key with an identity, also a destroyed one, without its secret; `None`: it was
    /// never kept.
    fn key(&self, id: Uuid) -> Result<Option<Key>, Failure>;

    /// Destroys the keys of a subject: from then on the data encrypted under them are unreadable.
    /// Copies of the vault have to be destroyed too. Returns how many keys were destroyed.
    fn destroy_keys(&self, subject: PrincipalId, at: Timestamp) -> Result<usize, Failure>;

    /// Returns how many keys were ever kept, and how many of them were destroyed.
    fn count_keys(&self) -> Result<(usize, usize), Failure>;

    /// Returns the rows that were altered after they were kept, passwords first.
    fn altered(&self) -> Result<Vec<Altered>, Failure>;
}
