//! The port of the vault: the operations that every engine implements.

use std::{fmt::Debug, io, path::PathBuf, sync::Arc};

use schemas::{PasswordId, PrincipalId, Timestamp};
use uuid::Uuid;

use crate::{Altered, Key, Password};

/// Reasons why the vault cannot be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The file is a database of another program.
    #[error("{} is not a vault of Daybook; move it away, or restore a copy of the vault", .0.display())]
    NotAVault(PathBuf),
    /// A newer version of Daybook wrote the file.
    #[error("{} has format {version}, which this version of Daybook does not know; use a newer version", file.display())]
    OtherVersion {
        /// The file of the vault.
        file: PathBuf,
        /// The version number of the file's format.
        version: i32,
    },
    /// The target of a copy exists, and a copy never overwrites a file.
    #[error("{} exists already, and a copy never overwrites a file; name another file", .0.display())]
    Exists(PathBuf),
    /// There is no vault at a path from which it is to be copied.
    #[error("there is no vault at {}; name the file of a vault", .0.display())]
    Missing(PathBuf),
    /// A file cannot be created, read or written.
    #[error("the vault {} cannot be read or written: {cause}", file.display())]
    Files {
        /// The file that cannot be created, read or written.
        file: PathBuf,
        /// The error of the operating system.
        cause: Arc<io::Error>,
    },
    /// A row of the vault does not match its check value: it was altered after it was stored.
    #[error("the vault {}: the {row} was altered; restore the latest copy of the vault", file.display())]
    Altered {
        /// The file of the vault.
        file: PathBuf,
        /// The altered row.
        row: Altered,
    },
    /// SQLite reported an error, and nothing was changed.
    #[error("the vault cannot be read or written, and nothing was changed: {0}; check its file and its disk")]
    Storage(Arc<rusqlite::Error>),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(Arc::new(error))
    }
}

/// An engine that stores secrets. Each call blocks until it is done. A call that reads an altered
/// row returns [`Failure::Altered`], except [`Vault::passwords_of`] and [`Vault::altered`].
pub trait Vault: Send + Sync + Debug {
    /// Stores passwords, all of them or none. A password whose id is stored already stays
    /// unchanged.
    fn keep(&self, passwords: &[Password]) -> Result<(), Failure>;

    /// Returns the password with an id, revoked or not. `None`: it was never stored, or it was
    /// removed.
    fn password(&self, id: PasswordId) -> Result<Option<Password>, Failure>;

    /// Returns the passwords of a principal in the order of their ids, including revoked ones. The
    /// rows are not compared with their check values, so that a password whose row was altered can
    /// be listed and removed.
    fn passwords_of(&self, principal: PrincipalId) -> Result<Vec<Password>, Failure>;

    /// Removes passwords for good, all of them or none. Unknown ids are ignored.
    fn remove(&self, ids: &[PasswordId]) -> Result<(), Failure>;

    /// Records `at` as the time of the last login with a password. An unknown id is ignored.
    fn used(&self, id: PasswordId, at: Timestamp) -> Result<(), Failure>;

    /// Revokes a password. A password that is already revoked keeps its first time of revocation.
    /// An unknown id is ignored.
    fn revoke(&self, id: PasswordId, at: Timestamp) -> Result<(), Failure>;

    /// Returns the key of a subject that is in force: a stored key that is not destroyed. If there
    /// is none, stores and returns `new`.
    fn key_in_force(&self, subject: PrincipalId, new: Key) -> Result<Key, Failure>;

    /// Returns the key with an id; a destroyed key has no secret. `None`: it was never stored.
    fn key(&self, id: Uuid) -> Result<Option<Key>, Failure>;

    /// Destroys the keys of a subject, so that the data encrypted under them becomes unreadable.
    /// Copies of the vault, and processes that have read the keys, still have them. Returns the
    /// number of keys that this call destroyed.
    fn destroy_keys(&self, subject: PrincipalId, at: Timestamp) -> Result<usize, Failure>;

    /// Returns the number of keys that were ever stored, and the number of destroyed keys among
    /// them.
    fn count_keys(&self) -> Result<(usize, usize), Failure>;

    /// Returns the rows that do not match their check values, passwords first. A check value covers
    /// the kind of the secret, its id, its principal and the secret; alterations of other columns
    /// are not detected.
    fn altered(&self) -> Result<Vec<Altered>, Failure>;
}
