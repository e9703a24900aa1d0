//! What a decision reads of the directory stays true until the decision is stored.
//!
//! **Invariant:** no change of the directory is appended between the moment when another decision
//! reads addresses or the members of a group, and its append. Otherwise a meeting would be stored
//! with the former members of a group, after all meetings were adapted to the new ones.

use std::{sync::Arc, time::Duration};

use journal::Journal;
use projections::ReadModels;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use crate::{
    error::Error,
    freshness::{self, Freshness, Subject},
};

/// Held while the directory stays as it is.
#[derive(Debug)]
pub(crate) struct Unchanged {
    _guard: OwnedRwLockReadGuard<()>,
}

/// Held while the directory changes.
#[derive(Debug)]
pub(crate) struct Change {
    _guard: OwnedRwLockWriteGuard<()>,
}

/// Changes of the directory, and decisions that rest on it, exclude each other. Changes exclude
/// everything else.
#[derive(Debug, Default)]
pub(crate) struct DirectoryLock(Arc<RwLock<()>>);

impl DirectoryLock {
    /// Waits for the changes that were begun, and keeps others from beginning. A task must not ask
    /// for a second guard while it holds the first: with a change waiting in between, all would
    /// wait forever.
    pub(crate) async fn unchanged(&self) -> Unchanged {
        Unchanged { _guard: Arc::clone(&self.0).read_owned().await }
    }

    /// Waits for the decisions that rest on the directory to be stored.
    pub(crate) async fn change(&self) -> Change {
        Change { _guard: Arc::clone(&self.0).write_owned().await }
    }
}

/// Read models, and how long a decision waits for them.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    pub models: ReadModels,
    pub wait: Duration,
}

impl Basis {
    /// Waits until the read models show every change of the directory.
    ///
    /// Fails with [`Error::Behind`] if they do not in time.
    pub(crate) async fn show_directory(&self, freshness: &Freshness, journal: &dyn Journal) -> Result<(), Error> {
        freshness::wait_for(freshness, journal, &self.models, &[Subject::Directory], self.wait).await
    }
}
