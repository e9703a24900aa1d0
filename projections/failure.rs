//! The world said no to a read model.

use std::sync::Arc;

use schemas::Position;

use crate::file;

#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    #[error("the read models' storage failed: {0}")]
    Storage(Arc<rusqlite::Error>),
    #[error("the read models' folder: {0}")]
    Folder(Arc<std::io::Error>),
    /// A row that this program did not write like that: delete the file, and it is built anew.
    #[error("a row of the read models is damaged: {0}")]
    Damaged(String),
    /// The feed stops here, loudly: nothing is skipped.
    #[error("the projection `{projection}` could not apply the event at position {position}: {why}")]
    Apply { projection: &'static str, position: Position, why: Arc<rusqlite::Error> },
}

impl Failure {
    /// Whether what failed now may succeed later: the disk is full or busy, nothing is wrong with what it holds.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Storage(error) | Self::Apply { why: error, .. } => file::may_pass(error),
            Self::Folder(_) => true,
            Self::Damaged(_) => false,
        }
    }

    /// Whether the read model's file is to blame.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Storage(error) | Self::Apply { why: error, .. } => file::is_damage(error),
            Self::Damaged(_) => true,
            Self::Folder(_) => false,
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
