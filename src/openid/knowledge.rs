//! What is known of the provider: its endpoints and keys, read when they are needed and kept for a
//! while.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::ArcSwapOption;
use tokio::sync::Mutex;

use crate::{
    failure::Failure,
    fetch::{Fetch, unusable},
    keys::Keys,
    metadata::{self, Metadata},
    settings::Settings,
};

/// Seconds after which the provider is read again.
const MAX_FRESH_SECONDS: i64 = 3_600;
/// Seconds for which what was read is used while the provider cannot be read again.
const MAX_KEPT_SECONDS: i64 = 86_400;
/// Seconds between two attempts to read the provider, whoever asks.
const PAUSE_SECONDS: i64 = 10;

/// What the provider said at one time.
#[derive(Debug)]
pub(crate) struct Known {
    pub metadata: Metadata,
    pub keys: Keys,
    /// When it was read, in seconds since the epoch.
    read: i64,
}

impl Known {
    fn is_younger_than(&self, seconds: i64, now: i64) -> bool {
        now.saturating_sub(self.read) < seconds
    }
}

/// What a question needs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// What is known, unless it is old.
    Usual,
    /// Something newer than this, because a key was missing in it.
    NewerThan(&'a Arc<Known>),
}

/// A time in seconds since the epoch, and why the provider could not be read then.
type Attempt = (i64, Option<Failure>);

/// Reads the provider, one reader at a time.
#[derive(Debug, Default)]
pub(crate) struct Knowledge {
    current: ArcSwapOption<Known>,
    /// The last attempt, and why it failed.
    tried: Mutex<Option<Attempt>>,
    /// Attempts that failed.
    pub failures: AtomicU64,
}

impl Knowledge {
    /// Returns what is known without asking anybody.
    pub(crate) fn current(&self) -> Option<Arc<Known>> {
        self.current.load_full()
    }

    /// Returns what the provider says of itself. `Err`: it cannot be read, and what was read before
    /// is too old. `now`: in seconds since the epoch.
    pub(crate) async fn get(
        &self,
        (fetch, settings): (&Fetch, &Settings),
        wanted: Wanted<'_>,
        now: i64,
    ) -> Result<Arc<Known>, Failure> {
        if let Some(known) = self.sufficient(wanted, now) {
            return Ok(known);
        }
        let mut tried = self.tried.lock().await;
        // Another request may have read it while this one waited.
        if let Some(known) = self.sufficient(wanted, now) {
            return Ok(known);
        }
        let recent = tried.as_ref().filter(|(when, _)| now.saturating_sub(*when) < PAUSE_SECONDS);
        if let Some((_, failure)) = recent {
            return self.kept(failure.clone(), now);
        }
        let read = read(fetch, settings, now).await;
        let failure = read.as_ref().err().cloned();
        *tried = Some((now, failure.clone()));
        if let Ok(known) = read {
            self.current.store(Some(Arc::new(known)));
        }
        if let Some(failure) = &failure {
            self.failures.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(%failure, "the OpenID provider cannot be read");
        }
        self.kept(failure, now)
    }

    fn sufficient(&self, wanted: Wanted<'_>, now: i64) -> Option<Arc<Known>> {
        let known = self.current()?;
        let suffices = match wanted {
            Wanted::Usual => known.is_younger_than(MAX_FRESH_SECONDS, now),
            Wanted::NewerThan(before) => !Arc::ptr_eq(&known, before),
        };
        suffices.then_some(known)
    }

    /// Returns what was read last, if it may still be used.
    fn kept(&self, failure: Option<Failure>, now: i64) -> Result<Arc<Known>, Failure> {
        let known = self.current().filter(|known| known.is_younger_than(MAX_KEPT_SECONDS, now));
        let unknown = || Failure::Broken("what it said before is too old".to_owned());
        known.ok_or_else(|| failure.unwrap_or_else(unknown))
    }
}

async fn read(fetch: &Fetch, settings: &Settings, now: i64) -> Result<Known, Failure> {
    let url = metadata::url(settings)?;
    let metadata = Metadata::read(settings, &url, fetch.document(&url).await?)?;
    let keys = fetch.document(&metadata.keys).await?;
    let keys = Keys::read(&keys).map_err(|why| unusable(&metadata.keys, why))?;
    Ok(Known { metadata, keys, read: now })
}
