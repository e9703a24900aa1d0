//! Passwords: argon2 in a bounded pool, and a short memory of what was verified.
//!
//! **Invariant:** no password and no plain digest of one is kept; the memory is keyed by a secret of this process.

use std::{fmt, num::NonZero, sync::OnceLock, thread::available_parallelism, time::Duration};

use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{SaltString, rand_core::OsRng},
};
use moka::sync::Cache;
use schemas::PrincipalId;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::error::Error;

/// Passwords hashed at once where the number of processors is not known.
const HASHES_AT_ONCE: NonZero<usize> = NonZero::new(2).expect("two");
/// How long a verified password is remembered.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);
/// Verified passwords remembered.
const REMEMBERED_COUNT: u64 = 10_000;
/// Longer passwords are refused unread.
const MAX_PASSWORD_BYTES: usize = 1024;

pub(crate) struct Credentials {
    pool: Semaphore,
    verified: Cache<[u8; 32], PrincipalId>,
    secret: [u8; 16],
}

/// What an unknown name is verified against, so that it takes as long as a known one. One per process: it costs a hash.
static DECOY: OnceLock<String> = OnceLock::new();

impl Credentials {
    pub(crate) fn new(secret: Uuid) -> Result<Self, Error> {
        let verified = Cache::builder().max_capacity(REMEMBERED_COUNT).time_to_live(REMEMBERED).build();
        // Now and not when the first unknown name comes, which would take twice as long.
        if DECOY.get().is_none() {
            let decoy = hash(secret.simple().to_string().as_bytes())?;
            DECOY.get_or_init(|| decoy);
        }
        // Each hash takes a processor and about 20 MB.
        let pool = Semaphore::new(available_parallelism().unwrap_or(HASHES_AT_ONCE).get());
        Ok(Self { pool, verified, secret: *secret.as_bytes() })
    }

    /// The principal, if `password` is the one behind `known`; takes as long for nobody.
    pub(crate) async fn verify(
        &self,
        known: Option<(PrincipalId, String)>,
        password: &str,
    ) -> Result<Option<PrincipalId>, Error> {
        if password.len() > MAX_PASSWORD_BYTES {
            return Ok(None);
        }
        let key = known.as_ref().map(|(_, phc)| self.key(phc, password));
        if let Some(principal) = key.and_then(|key| self.verified.get(&key)) {
            return Ok(Some(principal));
        }
        let (principal, phc) = match known {
            Some((principal, phc)) => (Some(principal), phc),
            None => (None, DECOY.get().cloned().unwrap_or_default()),
        };
        let is_right = self.check(phc, password.to_owned()).await?;
        let principal = principal.filter(|_| is_right);
        if let (Some(key), Some(principal)) = (key, principal) {
            self.verified.insert(key, principal);
        }
        Ok(principal)
    }

    /// The stored hash is part of the key: a new password forgets the old one at once.
    fn key(&self, phc: &str, password: &str) -> [u8; 32] {
        let mut digest = Sha256::new();
        for part in [&self.secret[..], phc.as_bytes(), password.as_bytes()] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }

    /// True if `phc` was made from this password.
    pub(crate) async fn check(&self, phc: String, password: String) -> Result<bool, Error> {
        let _place = self.pool.acquire().await.map_err(Error::failed)?;
        tokio::task::spawn_blocking(move || matches(&phc, &password)).await.map_err(Error::failed)
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Error> {
        let _place = self.pool.acquire().await.map_err(Error::failed)?;
        tokio::task::spawn_blocking(move || hash(password.as_bytes())).await.map_err(Error::failed)?
    }
}

fn matches(phc: &str, password: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A PHC string with a salt of its own.
fn hash(password: &[u8]) -> Result<String, Error> {
    let salt = SaltString::generate(&mut OsRng);
    match Argon2::default().hash_password(password, &salt) {
        Ok(hash) => Ok(hash.to_string()),
        Err(error) => Err(Error::failed(std::io::Error::other(error.to_string()))),
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials { .. }")
    }
}
