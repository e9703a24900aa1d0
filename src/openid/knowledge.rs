//! A cache of the provider's metadata and keys: its endpoints and public keys, read when they are
//! first needed, and again when they are old or a key is missing.

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

/// The age, in seconds, at which the cached metadata and keys are read again.
const MAX_FRESH_SECONDS: i64 = 3_600;
/// The age, in seconds, up to which the cached metadata and keys are used while the provider cannot
/// be read.
const MAX_KEPT_SECONDS: i64 = 86_400;
/// The minimum time, in seconds, between two attempts to read the provider, for all callers
/// together.
const PAUSE_SECONDS: i64 = 10;

/// The metadata and the keys of the provider, as they were read at one time.
#[derive(Debug)]
pub(crate) struct Known {
    pub metadata: Metadata,
    pub keys: Keys,
    /// The time at which the metadata and the keys were read, in seconds since the epoch.
    read: i64,
}

impl Known {
    fn is_younger_than(&self, seconds: i64, now: i64) -> bool {
        now.saturating_sub(self.read) < seconds
    }
}

/// The age that the cached metadata and keys may have for a caller.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// Cached data that is younger than `MAX_FRESH_SECONDS`.
    Usual,
    /// Data that was read after the given data, because the given data lacks a key.
    NewerThan(&'a Arc<Known>),
}

/// An attempt to read the provider: its time in seconds since the epoch, and its result.
type Attempt = (i64, Result<Arc<Known>, Failure>);

/// The cache of the provider's metadata and keys. At most one task reads the provider at a time.
#[derive(Debug, Default)]
pub(crate) struct Knowledge {
    current: ArcSwapOption<Known>,
    /// The last attempt to read the provider; `None` before the first one.
    tried: Mutex<Option<Attempt>>,
    /// The number of failed attempts to read the provider.
    pub failures: AtomicU64,
}

impl Knowledge {
    /// Returns the cached data, however old it is, without a request to the provider; `None` if
    /// nothing was read yet.
    pub(crate) fn current(&self) -> Option<Arc<Known>> {
        self.current.load_full()
    }

    /// Returns the metadata and the keys of the provider, and reads them if the cached ones do not
    /// satisfy `wanted`. Within `PAUSE_SECONDS` of an attempt to read the provider, there is no new
    /// attempt, and the cached data is returned. An error comes back if the provider cannot be read
    /// and there is no cached data younger than `MAX_KEPT_SECONDS`. `now`: in seconds since the
    /// epoch.
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
        // Another task may have read the provider while this one waited for the lock.
        if let Some(known) = self.sufficient(wanted, now) {
            return Ok(known);
        }
        let recent = tried.as_ref().filter(|(when, _)| now.saturating_sub(*when) < PAUSE_SECONDS);
        if let Some((_, read)) = recent {
            return read.clone().or_else(|failure| self.kept(failure, now));
        }
        let read = read(fetch, settings, now).await.map(Arc::new);
        *tried = Some((now, read.clone()));
        match read {
            Ok(known) => {
                self.current.store(Some(Arc::clone(&known)));
                Ok(known)
            }
            Err(failure) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                tracing::warn!(%failure, "the configuration or the keys of the OpenID provider cannot be read; those \
                    that were read before are used until they are 24 hours old");
                self.kept(failure, now)
            }
        }
    }

    fn sufficient(&self, wanted: Wanted<'_>, now: i64) -> Option<Arc<Known>> {
        let known = self.current()?;
        let suffices = match wanted {
            Wanted::Usual => known.is_younger_than(MAX_FRESH_SECONDS, now),
            Wanted::NewerThan(before) => !Arc::ptr_eq(&known, before),
        };
        suffices.then_some(known)
    }

    /// Returns the cached data if it is younger than `MAX_KEPT_SECONDS`, else the error `failure`.
    fn kept(&self, failure: Failure, now: i64) -> Result<Arc<Known>, Failure> {
        self.current().filter(|known| known.is_younger_than(MAX_KEPT_SECONDS, now)).ok_or(failure)
    }
}

async fn read(fetch: &Fetch, settings: &Settings, now: i64) -> Result<Known, Failure> {
    let url = metadata::url(settings)?;
    let metadata = Metadata::read(settings, &url, fetch.document(&url).await?)?;
    let keys = fetch.document(&metadata.keys).await?;
    let keys = Keys::read(&keys).map_err(|why| unusable(&metadata.keys, why))?;
    Ok(Known { metadata, keys, read: now })
}
