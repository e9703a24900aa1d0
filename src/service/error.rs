//! Errors of commands: the domain refuses a command, or something that the server depends on (disk,
//! network, stored data) fails or is busy.

use std::{borrow::Cow, sync::Arc};

use calendar::Refusal;
use journal::{AppendError, Failure};
use schemas::Unreadable;

#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The domain refused the command, for the reason that the refusal names.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The server cannot do this now, for example because the read models lag, the journal cannot
    /// be reached, or too many requests wait: 503 with `Retry-After`.
    #[error("busy: {0}")]
    Behind(Cow<'static, str>),
    /// The disk is full, and nothing was stored: 507 (RFC 4331 §6).
    #[error("the disk is full, and nothing was stored; free some space, then try again")]
    Full,
    /// Something that the server depends on failed, for example the disk. The cause is logged; the
    /// response does not contain it.
    #[error(transparent)]
    Failed(Arc<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps a failure of something that the server depends on, for example of the disk.
    pub fn failed(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Failed(Arc::new(cause))
    }

    /// Returns the error for a command that found the stream changed by another writer at every
    /// attempt.
    pub(crate) fn contended() -> Self {
        Self::Behind("too many other writes to the same resource at the same time; try again".into())
    }

    /// Returns true if a retry would probably fail in the same way at any later time.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Refused(_) => true,
            Self::Behind(_) | Self::Full => false,
            Self::Failed(cause) => {
                let is_damaged = |failure: &Failure| matches!(failure, Failure::Damaged { .. });
                matches!(cause.downcast_ref(), Some(AppendError::TooLarge { .. }))
                    || cause.downcast_ref().is_some_and(is_damaged)
                    || cause.downcast_ref::<Unreadable>().is_some()
            }
        }
    }
}

impl From<itip::Refusal> for Error {
    fn from(refusal: itip::Refusal) -> Self {
        Self::Refused(Refusal::Scheduling(refusal))
    }
}

impl From<journal::Failure> for Error {
    fn from(failure: journal::Failure) -> Self {
        match failure {
            // The journal is on another machine, which may be available again in a moment.
            journal::Failure::Unreachable(_) => {
                Self::Behind("the server cannot reach its journal; try again later".into())
            }
            journal::Failure::Full(cause) => {
                tracing::error!(%cause, "the disk of the journal is full, and nothing is stored until space is freed");
                Self::Full
            }
            failure @ journal::Failure::Vanished(_) => {
                tracing::error!(%failure, "the server stores nothing more; stop it, put the journal's file back, and \
                    start it again");
                Self::Behind("the journal's file was removed or replaced; the operator must restart the server".into())
            }
            failure => Self::failed(failure),
        }
    }
}

impl From<projections::Failure> for Error {
    fn from(failure: projections::Failure) -> Self {
        match failure {
            failure @ projections::Failure::Unavailable { .. } => Self::Behind(failure.to_string().into()),
            failure => Self::failed(failure),
        }
    }
}

impl From<projections::Behind> for Error {
    fn from(behind: projections::Behind) -> Self {
        Self::Behind(behind.to_string().into())
    }
}

impl From<AppendError> for Error {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::WrongExpectedRevision { .. } => Self::contended(),
            AppendError::Unavailable(failure) => failure.into(),
            error @ AppendError::TooLarge { .. } => Self::failed(error),
        }
    }
}
