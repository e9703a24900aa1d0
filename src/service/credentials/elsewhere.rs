//! Checks of passwords that an external authority keeps: limits the number of concurrent checks,
//! and caches right passwords.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use schemas::PrincipalId;
use tokio::sync::Semaphore;

use super::REMEMBERED_COUNT;
use crate::{authority::Authority, error::Error};

/// Maximum number of passwords that the authority checks at the same time.
const MAX_CHECKS_ELSEWHERE: usize = 16;
/// Maximum number of logins that wait for a check by the authority. Further logins get
/// [`Error::Behind`].
const MAX_WAITING_ELSEWHERE: usize = 64;
/// Minimum time until a password that was checked is refused, if an authority is configured, so
/// that the time does not reveal whether the account exists.
pub(super) const REFUSAL: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Elsewhere {
    authority: Arc<dyn Authority>,
    checks: Semaphore,
    /// One permit for each login that is being checked or waits for its check.
    queue: Semaphore,
    right: Cache<[u8; 32], PrincipalId>,
}

impl Elsewhere {
    pub(super) fn new(authority: Arc<dyn Authority>) -> Self {
        let right = Cache::builder().max_capacity(REMEMBERED_COUNT).time_to_live(authority.remembered()).build();
        let (checks, queue) =
            (Semaphore::new(MAX_CHECKS_ELSEWHERE), Semaphore::new(MAX_CHECKS_ELSEWHERE + MAX_WAITING_ELSEWHERE));
        Self { authority, checks, queue, right }
    }

    pub(super) fn authority(&self) -> &dyn Authority {
        &*self.authority
    }

    pub(super) fn remembered(&self, key: &[u8; 32]) -> Option<PrincipalId> {
        self.right.get(key)
    }

    pub(super) fn remember(&self, key: [u8; 32], principal: PrincipalId) {
        self.right.insert(key, principal);
    }

    /// Checks a password with the authority. `key`: the key of the password in the cache; `None` if
    /// the login names no active principal. The cache is queried once more, because another login
    /// may have verified the password while this one waited. Returns [`Error::Behind`] if too many
    /// logins wait, or if the authority cannot check the password.
    pub(super) async fn check(&self, name: &str, password: &str, key: Option<&[u8; 32]>) -> Result<bool, Error> {
        let Ok(_queued) = self.queue.try_acquire() else {
            return Err(Error::Behind("too many logins are being checked at once; try again later".into()));
        };
        let _permit = self.checks.acquire().await.map_err(Error::failed)?;
        if key.is_some_and(|key| self.right.contains_key(key)) {
            return Ok(true);
        }
        let checked = self.authority.check(name, password).await;
        checked.map_err(|_| {
            Error::Behind("the directory (LDAP) cannot check passwords at the moment; try again later".into())
        })
    }
}
