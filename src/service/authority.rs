//! A system that keeps the passwords of accounts instead of the vault: the directory of an
//! organisation.

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

/// Checks passwords that are kept elsewhere.
pub trait Authority: fmt::Debug + Send + Sync {
    /// Returns true if the authority keeps the password of this account. An unknown name counts as
    /// kept there.
    fn keeps(&self, name: &str) -> bool;

    /// Checks a password that is not empty. It is wrong too if the account is unknown there, which
    /// takes as long.
    fn check<'a>(&'a self, name: &'a str, password: &'a str) -> BoxFuture<'a, Result<bool, Unavailable>>;

    /// Returns how long a password that was right is remembered, and how soon a wrong one is
    /// checked again.
    fn remembered(&self) -> Duration;
}

/// The authority could not be asked. It has logged why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unavailable;

/// Figures about the authority for operators. All of them exist from the start, even without an
/// authority.
#[derive(Debug, Default)]
pub struct AuthorityFigures {
    /// Logins that could not be checked.
    pub unchecked_logins: AtomicU64,
    /// Syncs that were carried out.
    pub syncs: AtomicU64,
    /// Syncs that failed, or were held back.
    pub failed_syncs: AtomicU64,
    /// 1 while syncs are held back because the directory lacks most of its people.
    pub held_back: AtomicU64,
    /// When a sync was carried out for the last time, in seconds since the epoch. 0: never.
    pub last_sync_seconds: AtomicU64,
}

impl AuthorityFigures {
    pub(crate) fn figures(&self) -> Vec<Figure> {
        let read = |value: &AtomicU64| value.load(Ordering::Relaxed);
        let unchecked = "Logins that could not be checked, because the directory did not answer";
        let held_back = "1 while syncs change nothing, because the directory lacks most of its people";
        let last = "When a sync was carried out for the last time, in seconds since the epoch; 0: never";
        vec![
            Figure::counter("unchecked_logins", unchecked, read(&self.unchecked_logins)),
            Figure::counter("syncs", "Syncs that were carried out", read(&self.syncs)),
            Figure::counter("failed_syncs", "Syncs that failed or were held back", read(&self.failed_syncs)),
            Figure::gauge("held_back", held_back, read(&self.held_back)),
            Figure::gauge("last_sync_seconds", last, read(&self.last_sync_seconds)),
        ]
    }
}

/// An authority with what is counted of it.
#[derive(Debug, Clone, Default)]
pub struct Authorities {
    /// `None`: all passwords are in the vault.
    pub passwords: Option<Arc<dyn Authority>>,
    pub figures: Arc<AuthorityFigures>,
}
