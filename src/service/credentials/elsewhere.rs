//! Passwords that are kept elsewhere: how many are checked at a time, and how long a right one is
//! remembered.

use std::{sync::Arc, time::Duration};

use moka::sync::Cache;
use schemas::PrincipalId;
use tokio::sync::Semaphore;

use super::REMEMBERED_COUNT;
use crate::{authority::Authority, error::Error};

/// Passwords that are checked elsewhere at the same time.
const MAX_CHECKS_ELSEWHERE: usize = 16;
/// Logins that wait for one of these places. Beyond: [`Error::Behind`].
const MAX_WAITING_ELSEWHERE: usize = 64;
/// No refusal comes sooner where passwords are kept elsewhere, so that the time reveals as little
/// as the text.
pub(super) const REFUSAL: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Elsewhere {
    authority: Arc<dyn Authority>,
    checks: Semaphore,
    /// A place for each login that is checked or waits.
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

    /// Checks a password. `key`: under which it may have been remembered while this login waited.
    pub(super) async fn check(&self, name: &str, password: &str, key: Option<&[u8; 32]>) -> Result<bool, Error> {
        let Ok(_queued) = self.queue.try_acquire() else { return Err(Error::Behind("too many logins at once".into())) };
        let _permit = self.checks.acquire().await.map_err(Error::failed)?;
        if key.is_some_and(|key| self.right.contains_key(key)) {
            return Ok(true);
        }
        let checked = self.authority.check(name, password).await;
        checked.map_err(|_| Error::Behind("the directory cannot be reached".into()))
    }
}
