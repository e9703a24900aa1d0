//! Checks passwords with argon2 in a bounded pool, and caches verified credentials. Hashes that
//! other systems made are checked as they are, until the first login replaces them.
//!
//! **Invariant:** neither a password nor a plain digest of one is stored; the keys of the cache
//! depend on a secret of this process. The stored hash is part of a key, so a new password
//! invalidates the old one immediately.

pub(crate) mod app_password;
mod elsewhere;
mod foreign;

use std::{
    collections::HashSet,
    fmt,
    num::NonZero,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{
        SaltString,
        rand_core::{OsRng, RngCore as _},
    },
};
use moka::sync::Cache;
use parking_lot::Mutex;
use schemas::{PasswordId, PrincipalId, metadata::Authentication};
use sha2::{Digest, Sha256};
use tokio::{sync::Semaphore, time::Instant};
use uuid::Uuid;

use self::{elsewhere::Elsewhere, foreign::ForeignHash};
use crate::{authority::Authority, error::Error};

/// Passwords that are hashed at the same time if the number of processors is unknown.
const HASHES_AT_ONCE: NonZero<usize> = NonZero::new(2).expect("two");
/// Logins that wait for a place in the pool. Beyond: [`Error::Behind`]. A hash takes about 25 ms.
const MAX_WAITING_LOGINS: usize = 64;
/// Time after which unused credentials leave the cache. Clients synchronise every few minutes.
const IDLE: Duration = Duration::from_secs(60 * 60);
/// Time after which right credentials are checked again in any case.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);
/// Most credentials in the cache.
const REMEMBERED_COUNT: u64 = 10_000;
/// The longest time that a refusal waits.
const SLOWEST: Duration = Duration::from_secs(5);
/// Longer passwords are wrong without being checked.
const MAX_PASSWORD_BYTES: usize = 1024;

pub(crate) struct Credentials {
    pool: Semaphore,
    /// A place for each login that is checked or waits.
    queue: Semaphore,
    verified: Cache<[u8; 32], PrincipalId>,
    /// Checks the passwords that are kept elsewhere.
    elsewhere: Option<Elsewhere>,
    /// The duration of the slowest check of another system's hash, in microseconds. A wrong
    /// password is answered no sooner than that, so that the time does not reveal whether an
    /// account exists.
    slowest: AtomicU64,
    /// The classes of hashes whose time is known.
    timed: Mutex<HashSet<String>>,
    secret: [u8; 16],
}

/// The credentials of a request with the account they name.
#[derive(Clone)]
pub struct Login {
    account: String,
    known: Option<Known>,
    /// The password of the account is kept elsewhere.
    elsewhere: Option<Holder>,
    /// The vault does not tell the hash: whether the password is right cannot be said.
    is_unreadable: bool,
    password: String,
}

/// The principal of an account whose password is kept elsewhere.
#[derive(Debug, Clone, Copy)]
struct Holder {
    /// `None`: nobody here has the name.
    principal: Option<PrincipalId>,
    /// How soon a wrong password is checked again.
    again: Duration,
}

/// The account that a login names, with the hash that its password is compared with.
#[derive(Clone)]
pub(crate) struct Known {
    pub principal: PrincipalId,
    /// The identity of the password.
    pub password: PasswordId,
    pub phc: String,
    /// Whether the password is one for a single program.
    pub is_app: bool,
}

/// The hash that an unknown name is checked against, so that it takes as long as a known one. One
/// for each process.
static DECOY: OnceLock<String> = OnceLock::new();

impl Login {
    pub(crate) fn new(account: String, known: Option<Known>, password: &str) -> Self {
        Self { account, known, elsewhere: None, is_unreadable: false, password: password.to_owned() }
    }

    /// A login whose hash cannot be read.
    pub(crate) fn unreadable(account: String, password: &str) -> Self {
        Self { is_unreadable: true, ..Self::new(account, None, password) }
    }

    pub(crate) fn is_unreadable(&self) -> bool {
        self.is_unreadable
    }

    /// A login whose password another system keeps. `principal`: `None` if no principal has the
    /// name.
    pub(crate) fn elsewhere(account: String, principal: Option<PrincipalId>, password: &str, again: Duration) -> Self {
        let elsewhere = Some(Holder { principal, again });
        Self { elsewhere, ..Self::new(account, None, password) }
    }

    /// Returns the name of the account, which is the same for all its logins. An unknown login is
    /// returned unchanged.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Returns the stored hash and the password, on which the result depends.
    pub fn secret(&self) -> (Option<&str>, &str) {
        (self.known.as_ref().map(|known| known.phc.as_str()), &self.password)
    }

    /// Returns how long a wrong password stays wrong: `None` while the stored hash is the same.
    pub fn is_wrong_for(&self) -> Option<Duration> {
        self.elsewhere.map(|holder| holder.again)
    }

    /// Returns how the caller proves who they are, if the password is right.
    pub fn authentication(&self) -> Authentication {
        let is_app = self.known.as_ref().is_some_and(|known| known.is_app);
        if is_app { Authentication::AppPassword } else { Authentication::Password }
    }

    /// Returns the identity of the password, if the account has one.
    pub(crate) fn password_id(&self) -> Option<PasswordId> {
        self.known.as_ref().map(|known| known.password)
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Returns the account if another system made the hash of its password.
    pub(crate) fn foreign(&self) -> Option<&Known> {
        self.known.as_ref().filter(|known| is_foreign(&known.phc))
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("account", &self.account).finish_non_exhaustive()
    }
}

impl Credentials {
    /// `authority`: checks the passwords that are kept elsewhere.
    pub(crate) fn new(secret: Uuid, authority: Option<Arc<dyn Authority>>) -> Result<Self, Error> {
        let cache = Cache::builder().max_capacity(REMEMBERED_COUNT).time_to_idle(IDLE).time_to_live(REMEMBERED);
        // Hashed now: the first unknown name would otherwise take twice as long.
        if DECOY.get().is_none() {
            let decoy = hash(secret.simple().to_string().as_bytes())?;
            DECOY.get_or_init(|| decoy);
        }
        // Each hash takes a processor and about 20 MB.
        let places = available_parallelism().unwrap_or(HASHES_AT_ONCE).get();
        let (pool, queue) = (Semaphore::new(places), Semaphore::new(places + MAX_WAITING_LOGINS));
        let (slowest, timed) = (AtomicU64::default(), Mutex::default());
        let (verified, elsewhere) = (cache.build(), authority.map(Elsewhere::new));
        Ok(Self { pool, queue, verified, elsewhere, slowest, timed, secret: *secret.as_bytes() })
    }

    /// Returns the authority if it keeps the password of this account.
    pub(crate) fn authority_of(&self, name: &str) -> Option<&dyn Authority> {
        self.elsewhere.as_ref().map(Elsewhere::authority).filter(|authority| authority.keeps(name))
    }

    /// Returns the principal if these credentials were right before; `None` if they have to be
    /// checked.
    pub(crate) fn remembered(&self, login: &Login) -> Option<PrincipalId> {
        if let Some(holder) = login.elsewhere {
            return self.elsewhere.as_ref()?.remembered(&self.elsewhere_key(holder.principal?, &login.password));
        }
        let known = login.known.as_ref()?;
        self.verified.get(&self.key(&known.phc, &login.password))
    }

    /// Checks the password. `None`: it is wrong, or the account is unknown; both take equally long.
    pub(crate) async fn verify(&self, login: &Login) -> Result<Option<PrincipalId>, Error> {
        if login.password.len() > MAX_PASSWORD_BYTES {
            return Ok(None);
        }
        let begun = Instant::now();
        let checked = match login.elsewhere {
            Some(holder) => self.check_elsewhere(login, holder).await,
            None => self.check_login(login).await,
        };
        if matches!(checked, Ok(None)) {
            // The place was released before this wait, so the wait delays no other login.
            let slowest = Duration::from_micros(self.slowest.load(Ordering::Relaxed));
            let least = self.elsewhere.as_ref().map_or(Duration::ZERO, |_| elsewhere::REFUSAL);
            tokio::time::sleep_until(begun + slowest.max(least)).await;
        }
        checked
    }

    async fn check_elsewhere(&self, login: &Login, holder: Holder) -> Result<Option<PrincipalId>, Error> {
        let Some(elsewhere) = self.elsewhere.as_ref().filter(|_| !login.password.is_empty()) else { return Ok(None) };
        let key = holder.principal.map(|principal| self.elsewhere_key(principal, &login.password));
        let is_right = elsewhere.check(&login.account, &login.password, key.as_ref()).await?;
        let principal = holder.principal.filter(|_| is_right);
        if let (Some(principal), Some(key)) = (principal, key) {
            elsewhere.remember(key, principal);
        }
        Ok(principal)
    }

    /// The key of a password that is kept elsewhere.
    fn elsewhere_key(&self, principal: PrincipalId, password: &str) -> [u8; 32] {
        self.key(&format!("elsewhere {principal}"), password)
    }

    async fn check_login(&self, login: &Login) -> Result<Option<PrincipalId>, Error> {
        let Ok(_place) = self.queue.try_acquire() else { return Err(Error::Behind("too many logins at once".into())) };
        let (principal, phc) = match &login.known {
            Some(known) => (Some(known.principal), known.phc.clone()),
            None => (None, DECOY.get().cloned().unwrap_or_default()),
        };
        let key = self.key(&phc, &login.password);
        let _turn = self.pool.acquire().await.map_err(Error::failed)?;
        // The same credentials may have been checked while these waited.
        if let Some(principal) = self.verified.get(&key) {
            return Ok(Some(principal));
        }
        let is_right = self.timed_check(phc, login.password.clone()).await?;
        let principal = principal.filter(|_| is_right);
        if let Some(principal) = principal {
            self.verified.insert(key, principal);
        }
        Ok(principal)
    }

    /// Compares a password with a hash, and notes how long that takes for a hash of another system.
    async fn timed_check(&self, phc: String, password: String) -> Result<bool, Error> {
        let (is_foreign, begun) = (is_foreign(&phc), Instant::now());
        let is_right = spawn_check(phc, password).await?;
        if is_foreign {
            let took = begun.elapsed().min(SLOWEST);
            self.slowest.fetch_max(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        Ok(is_right)
    }

    /// Measures how long the check of another system's hash takes, once for each class of hashes.
    pub(crate) async fn measure(&self, hash: &str) -> Result<(), Error> {
        let Some(foreign) = ForeignHash::read(hash) else { return Ok(()) };
        if !self.timed.lock().insert(foreign.class()) {
            return Ok(());
        }
        let _turn = self.pool.acquire().await.map_err(Error::failed)?;
        self.timed_check(hash.to_owned(), String::new()).await.map(drop)
    }

    fn key(&self, phc: &str, password: &str) -> [u8; 32] {
        let mut digest = Sha256::new();
        for part in [&self.secret[..], phc.as_bytes(), password.as_bytes()] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }

    /// Returns true if `phc` was made from this password.
    pub(crate) async fn check(&self, phc: String, password: String) -> Result<bool, Error> {
        let _turn = self.pool.acquire().await.map_err(Error::failed)?;
        spawn_check(phc, password).await
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Error> {
        let _place = self.pool.acquire().await.map_err(Error::failed)?;
        // RFC 7617 §2.1: clients send it in this form.
        let password = ical::nfc(&password).into_owned();
        tokio::task::spawn_blocking(move || hash(password.as_bytes())).await.map_err(Error::failed)?
    }
}

/// Compares a password with a stored hash on a thread for blocking work.
async fn spawn_check(phc: String, password: String) -> Result<bool, Error> {
    tokio::task::spawn_blocking(move || matches(&phc, &password)).await.map_err(Error::failed)
}

/// Compares a password as it was given, and then in the form in which passwords are hashed. Other
/// systems, and earlier versions, may have hashed another one.
fn matches(phc: &str, password: &str) -> bool {
    let composed = ical::nfc(password);
    is_hash_of(phc, password) || (composed != password && is_hash_of(phc, &composed))
}

fn is_hash_of(phc: &str, password: &str) -> bool {
    if let Some(foreign) = ForeignHash::read(phc) {
        return foreign.matches(password);
    }
    PasswordHash::new(phc).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Whether another system made this hash, so that the first login replaces it.
pub(crate) fn is_foreign(phc: &str) -> bool {
    ForeignHash::read(phc).is_some()
}

/// Returns the form in which a hash of another system is kept; `None` if it is not understood, or a
/// check would take too long.
pub(crate) fn importable(hash: &str) -> Option<String> {
    foreign::argon2(hash).or_else(|| ForeignHash::read(hash).map(|_| hash.trim().to_owned()))
}

/// Returns random bytes for a secret.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// Returns a PHC string with a random salt.
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

#[cfg(test)]
mod tests {
    use futures::future::BoxFuture;

    use super::*;
    use crate::authority::Unavailable;

    #[tokio::test]
    async fn a_refusal_takes_as_long_as_the_slowest_check() {
        let credentials = Credentials::new(Uuid::from_u128(1), None).expect("credentials");
        credentials.slowest.store(300_000, Ordering::Relaxed);
        let begun = Instant::now();
        let login = Login::new("nobody".to_owned(), None, "secret");
        assert_eq!(credentials.verify(&login).await.expect("a place"), None);
        assert!(begun.elapsed() >= Duration::from_millis(300));
    }

    /// Keeps the password of everybody but `root`: `right`. Counts how often it is asked.
    #[derive(Debug, Default)]
    struct Counting(AtomicU64);

    impl Authority for Counting {
        fn keeps(&self, name: &str) -> bool {
            name != "root"
        }

        fn check<'a>(&'a self, _: &'a str, password: &'a str) -> BoxFuture<'a, Result<bool, Unavailable>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let answer = if password == "broken" { Err(Unavailable) } else { Ok(password == "right") };
            Box::pin(std::future::ready(answer))
        }

        fn remembered(&self) -> Duration {
            Duration::from_secs(60)
        }
    }

    #[tokio::test]
    async fn a_password_that_is_kept_elsewhere_is_checked_there() {
        const ALICE: PrincipalId = PrincipalId(Uuid::from_u128(0xa));
        let authority = Arc::new(Counting::default());
        let credentials = Credentials::new(Uuid::from_u128(1), Some(Arc::clone(&authority) as _)).expect("credentials");
        assert!(credentials.authority_of("alice").is_some() && credentials.authority_of("root").is_none());
        let rows = [
            ("right", Some(ALICE), Some(Some(ALICE)), 1),
            ("right, remembered", Some(ALICE), Some(Some(ALICE)), 1),
            ("wrong", Some(ALICE), Some(None), 2),
            ("right", None, Some(None), 3),
            ("", Some(ALICE), Some(None), 3),
            ("broken", Some(ALICE), None, 4),
        ];
        for (password, principal, expected, asked) in rows {
            let password = password.split(',').next().expect("a password");
            let login = Login::elsewhere("alice".to_owned(), principal, password, Duration::from_secs(60));
            let begun = Instant::now();
            let checked = credentials.verify(&login).await;
            assert_eq!(checked.as_ref().ok(), expected.as_ref(), "{password}");
            assert!(expected != Some(None) || begun.elapsed() >= elsewhere::REFUSAL, "{password}");
            assert_eq!(authority.0.load(Ordering::Relaxed), asked, "{password}");
            assert_eq!(credentials.remembered(&login), expected.flatten(), "{password}");
        }
    }

    #[tokio::test]
    async fn a_password_is_the_same_in_composed_and_decomposed_characters() {
        let (composed, decomposed) = ("gr\u{fc}n", "gru\u{308}n");
        let credentials = Credentials::new(Uuid::from_u128(1), None).expect("credentials");
        for set in [composed, decomposed] {
            let phc = credentials.hash(set.to_owned()).await.expect("a hash");
            for (given, expected) in [(composed, true), (decomposed, true), ("grun", false)] {
                assert_eq!(
                    credentials.check(phc.clone(), given.to_owned()).await.expect("an answer"),
                    expected,
                    "{given}"
                );
            }
        }
        let as_given = hash(decomposed.as_bytes()).expect("a hash");
        assert!(matches(&as_given, decomposed), "as an earlier version hashed it");
    }

    #[tokio::test]
    async fn a_class_of_hashes_is_measured_once() {
        let credentials = Credentials::new(Uuid::from_u128(1), None).expect("credentials");
        let hash = |salt: &str| format!("pbkdf2_sha256$1000${salt}$Ef3RYVahgD/fiuZm7bxL8BcLo5iWEoR4WjUZyeOSdgg=");
        credentials.measure(&hash("a")).await.expect("measured");
        let slowest = credentials.slowest.swap(0, Ordering::Relaxed);
        assert!(slowest > 0);
        credentials.measure(&hash("b")).await.expect("known already");
        assert_eq!(credentials.slowest.load(Ordering::Relaxed), 0);
    }
}
