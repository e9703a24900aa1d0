//! The errors of reading or writing a read model.

use std::sync::Arc;

use schemas::Position;

use crate::file;

#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    #[error("the storage of the read models failed: {0}")]
    Storage(Arc<rusqlite::Error>),
    #[error("cannot access the folder of the read models: {0}")]
    Folder(Arc<std::io::Error>),
    /// A row has a value that this program cannot have written, a check of the file or of its
    /// digest failed, or the read model was rebuilt too often.
    #[error("the stored rows are damaged: {0}")]
    Damaged(String),
    /// The read model does not answer queries: it is damaged, is being built, has no file, or was
    /// not opened by this command.
    #[error("the read model `{model}` cannot be read: {why}")]
    Unavailable { model: &'static str, why: String },
    /// An event could not be applied. The read model stays before it, because it must not skip an
    /// event.
    #[error("the read model `{model}` could not apply the event at position {position}: {why}")]
    Apply { model: &'static str, position: Position, why: Arc<rusqlite::Error> },
}

impl Failure {
    /// Returns true if a retry may succeed: the cause is the disk, the permissions, the memory or
    /// another process, or the read model is unavailable.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Storage(error) | Self::Apply { why: error, .. } => file::may_pass(error),
            Self::Folder(_) | Self::Unavailable { .. } => true,
            Self::Damaged(_) => false,
        }
    }

    /// Returns true if the disk is full.
    pub fn is_without_room(&self) -> bool {
        match self {
            Self::Storage(error) | Self::Apply { why: error, .. } => file::is_without_room(error),
            Self::Folder(error) => {
                matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
            }
            Self::Damaged(_) | Self::Unavailable { .. } => false,
        }
    }

    /// Returns true for damage that this program found, such as a wrong value in a row; false for
    /// damage that SQLite reported as an error.
    pub(crate) fn is_of_row(&self) -> bool {
        let is_of_file = |error: &rusqlite::Error| error.sqlite_error().is_some();
        match self {
            Self::Storage(error) | Self::Apply { why: error, .. } => file::is_damage(error) && !is_of_file(error),
            Self::Damaged(_) => true,
            Self::Folder(_) | Self::Unavailable { .. } => false,
        }
    }

    /// Returns true if the failure shows that the read model is damaged.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Storage(error) | Self::Apply { why: error, .. } => file::is_damage(error),
            Self::Damaged(_) => true,
            Self::Folder(_) | Self::Unavailable { .. } => false,
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(Arc::new(error))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Folder(Arc::new(error))
    }
}
