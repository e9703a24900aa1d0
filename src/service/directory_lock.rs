//! Lock of the directory of principals: it stays unchanged until the decision of a command that
//! rests on it is stored.
//!
//! **Invariant:** between the moment when a decision on anything but a principal reads addresses,
//! the members of a group or the way in which a room answers, and its append, this process appends
//! no change of the directory. Otherwise a meeting could be stored with the former members of a
//! group, after all meetings were adapted to the new ones, and a replay, which decides with the
//! directory as it was at the append, would decide otherwise.

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use journal::Journal;
use projections::ReadModels;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

use crate::{
    error::Error,
    freshness::{self, Freshness, Subject},
};

/// Guard of a decision: this process does not change the directory while it is held.
#[derive(Debug)]
pub(crate) struct Unchanged {
    _guard: OwnedRwLockReadGuard<()>,
}

/// Guard of a change of the directory: while it is held, nobody else holds an [`Unchanged`] or a
/// [`Change`].
#[derive(Debug)]
pub(crate) struct Change {
    _guard: OwnedRwLockWriteGuard<()>,
}

/// Read-write lock: holders of [`Unchanged`] run concurrently, and a [`Change`] excludes them and
/// all other changes.
#[derive(Debug, Default)]
pub(crate) struct DirectoryLock(Arc<RwLock<()>>);

impl DirectoryLock {
    /// Waits for changes that have begun, and returns a guard that delays new changes. A task must
    /// not request a second guard while it holds one: if a change waits in between, both wait
    /// forever.
    pub(crate) async fn unchanged(&self) -> Unchanged {
        Unchanged { _guard: Arc::clone(&self.0).read_owned().await }
    }

    /// Waits until every [`Unchanged`] and [`Change`] is dropped, and returns a guard that delays
    /// new ones.
    pub(crate) async fn change(&self) -> Change {
        Change { _guard: Arc::clone(&self.0).write_owned().await }
    }
}

/// Read models, and the maximum time that a decision waits for them.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    pub models: ReadModels,
    pub wait: Duration,
}

impl Basis {
    /// Waits until the read models show every change of the directory that this server wrote.
    ///
    /// Fails with [`Error::Behind`] if the read models do not show them in time, or with
    /// [`Error::Full`] if their disk is full.
    pub(crate) async fn show_directory(&self, freshness: &Freshness, journal: &dyn Journal) -> Result<(), Error> {
        freshness::wait_for(freshness, journal, &self.models, &[Subject::Directory], self.wait).await
    }
}
