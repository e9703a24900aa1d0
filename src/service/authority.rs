//! Port to an authority: an external system that checks the passwords of accounts in place of the
//! vault, such as the directory of an organisation.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use journal::Figure;

/// External system that keeps and checks the passwords of some accounts.
pub trait Authority: fmt::Debug + Send + Sync {
    /// Returns true if the authority, not the vault, keeps the password of this account. The result
    /// does not depend on whether an account has this name.
    fn keeps(&self, name: &str) -> bool;

    /// Checks a password, which is not empty. Returns false for a wrong password and for an account
    /// that the authority does not know; both take about equally long. `Err` if the authority
    /// cannot say.
    fn check<'a>(&'a self, name: &'a str, password: &'a str) -> BoxFuture<'a, Result<bool, Unavailable>>;

    /// Returns the time for which the result of a check is cached.
    fn remembered(&self) -> Duration;
}

/// Error: the authority could not check a password, for example because it could not be reached. It
/// has logged the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unavailable;

/// Figures about the authority, for operators. They are reported even if no authority is
/// configured.
#[derive(Debug, Default)]
pub struct AuthorityFigures {
    /// Number of logins that could not be checked, because a request to the authority failed.
    pub unchecked_logins: AtomicU64,
    /// Number of completed syncs with the directory since this process began.
    pub syncs: AtomicU64,
    /// Number of syncs with the directory that failed or were held back.
    pub failed_syncs: AtomicU64,
    /// 1 if the last sync changed nothing because too many people are missing in the directory;
    /// otherwise 0.
    pub held_back: AtomicU64,
    /// Time of the last completed sync, in seconds since the epoch. 0: none since this process
    /// began.
    pub last_sync_seconds: AtomicU64,
}

impl AuthorityFigures {
    pub(crate) fn figures(&self) -> Vec<Figure> {
        let read = |value: &AtomicU64| value.load(Ordering::Relaxed);
        let unchecked = "Logins that could not be checked because a request to the directory failed";
        let held_back = "1 if the last sync changed nothing because too many people are missing in the directory";
        let last = "Time of the last completed sync with the directory, in seconds since 1970-01-01 UTC; 0: none";
        vec![
            Figure::counter("unchecked_logins", unchecked, read(&self.unchecked_logins)),
            Figure::counter("syncs", "Completed syncs with the directory", read(&self.syncs)),
            Figure::counter(
                "failed_syncs",
                "Syncs that failed, or changed nothing because too many people are missing in the directory",
                read(&self.failed_syncs),
            ),
            Figure::gauge("held_back", held_back, read(&self.held_back)),
            Figure::gauge("last_sync_seconds", last, read(&self.last_sync_seconds)),
        ]
    }
}

/// The configured authority and its figures.
#[derive(Debug, Clone, Default)]
pub struct Authorities {
    /// Authority that checks passwords. `None`: all passwords are in the vault.
    pub passwords: Option<Arc<dyn Authority>>,
    pub figures: Arc<AuthorityFigures>,
}
