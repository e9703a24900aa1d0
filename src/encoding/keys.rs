//! The keys of subjects, loaded from the vault. A subject is the principal, or the server, whose
//! data a key protects.

use std::{collections::HashMap, fmt, sync::Arc};

use journal::Failure;
use parking_lot::RwLock;
use ring::rand::{SecureRandom, SystemRandom};
use schemas::PrincipalId;
use uuid::{Builder, Uuid};
use vault::{Key, Vault};

use crate::cipher::{Secret, secret};

/// The subject of data that belongs to no principal: data about the server itself, about operators,
/// and about strangers who fail to log in.
pub const SERVER: PrincipalId = PrincipalId(Uuid::nil());

/// The keys of a vault, with a cache.
pub struct Keys {
    vault: Arc<dyn Vault>,
    /// True if appended events are sealed. Events that are sealed already are always opened.
    seals: bool,
    in_force: RwLock<HashMap<PrincipalId, Arc<Secret>>>,
    known: RwLock<HashMap<Uuid, Found>>,
}

/// The state of a key in the vault.
#[derive(Clone)]
pub(crate) enum Found {
    Key(Arc<Secret>),
    Destroyed,
    /// The vault never had the key.
    Missing,
}

/// An error: the system provides no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system provides no random bytes, which encryption needs")]
pub(crate) struct NoRandomness;

impl Keys {
    /// Returns the keys of a vault. `seals` says whether events are sealed that are appended from
    /// now on.
    pub fn new(vault: Arc<dyn Vault>, seals: bool) -> Self {
        Self { vault, seals, in_force: RwLock::default(), known: RwLock::default() }
    }

    pub(crate) fn seals(&self) -> bool {
        self.seals
    }

    /// Returns the key in force for a subject. If the subject has none, a new one is created, and
    /// is durable before it is used. Returns an error if the vault fails, or if the system provides
    /// no random bytes.
    pub(crate) async fn of(&self, subject: PrincipalId) -> Result<Arc<Secret>, Failure> {
        if let Some(found) = self.in_force.read().get(&subject) {
            return Ok(Arc::clone(found));
        }
        let (id, bytes) = fresh().ok_or(NoRandomness).map_err(Failure::storage)?;
        let vault = Arc::clone(&self.vault);
        let kept = tokio::task::spawn_blocking(move || vault.key_in_force(subject, Key::new(id, subject, bytes)));
        let key = kept.await.map_err(|_| Failure::Closed)?.map_err(failed)?;
        let bytes = key.secret().ok_or(NoRandomness).map_err(Failure::storage)?;
        let found = Arc::new(secret(key.id, bytes));
        self.known.write().insert(key.id, Found::Key(Arc::clone(&found)));
        Ok(Arc::clone(self.in_force.write().entry(subject).or_insert(found)))
    }

    /// Looks up the key with this identity, in the cache or in the vault. Returns an error if the
    /// vault fails.
    pub(crate) fn find(&self, id: Uuid) -> Result<Found, Failure> {
        if let Some(found) = self.known.read().get(&id) {
            return Ok(found.clone());
        }
        let Some(key) = self.vault.key(id).map_err(failed)? else { return Ok(Found::Missing) };
        let found = key.secret().map_or(Found::Destroyed, |bytes| Found::Key(Arc::new(secret(id, bytes))));
        self.known.write().insert(id, found.clone());
        Ok(found)
    }

    /// Returns the subject of the key with this identity; `None` if the vault never had the key.
    pub(crate) fn subject(&self, id: Uuid) -> Result<Option<PrincipalId>, Failure> {
        Ok(self.vault.key(id).map_err(failed)?.map(|key| key.subject))
    }
}

/// Converts a failure of the vault. An altered key gets an error of its own, because the journal is
/// not damaged then.
fn failed(failure: vault::Failure) -> Failure {
    match failure {
        altered @ vault::Failure::Altered { .. } => Failure::Key(Arc::new(altered)),
        failure => Failure::storage(failure),
    }
}

fn fresh() -> Option<(Uuid, [u8; 32])> {
    let (mut id, mut bytes) = ([0; 16], [0; 32]);
    let random = SystemRandom::new();
    random.fill(&mut id).ok()?;
    random.fill(&mut bytes).ok()?;
    Some((Builder::from_random_bytes(id).into_uuid(), bytes))
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("seals", &self.seals).finish_non_exhaustive()
    }
}
