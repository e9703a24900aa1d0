//! Checks passwords with argon2 in a bounded pool, and caches verified credentials. An imported
//! hash of another form than argon2 is checked in that form until the first right login replaces
//! it.
//!
//! **Invariant:** the cache contains neither a password nor a plain digest of one: its keys depend
//! on a secret of this process. If the vault keeps the password, the key also depends on the stored
//! hash, so a new password invalidates the old one immediately.

pub(crate) mod app_password;
mod elsewhere;
mod foreign;
mod hashing;
mod login;

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

use moka::sync::Cache;
use parking_lot::Mutex;
use schemas::PrincipalId;
use sha2::{Digest, Sha256};
use tokio::{sync::Semaphore, time::Instant};
use uuid::Uuid;

pub use self::login::Login;
use self::{
    elsewhere::Elsewhere,
    foreign::ForeignHash,
    hashing::{hash, spawn_check},
    login::Holder,
};
pub(crate) use self::{
    hashing::{importable, is_foreign, random},
    login::Known,
};
use crate::{authority::Authority, error::Error};

/// Number of passwords that are hashed or checked at the same time if the number of processors is
/// unknown.
const HASHES_AT_ONCE: NonZero<usize> = NonZero::new(2).expect("two");
/// Maximum number of logins that wait for a place in the pool. Further logins get
/// [`Error::Behind`]. A hash takes about 25 ms.
const MAX_WAITING_LOGINS: usize = 64;
/// Time after which unused credentials leave the cache. Clients synchronise every few minutes.
const IDLE: Duration = Duration::from_secs(60 * 60);
/// Time after which cached credentials are checked again even if they are in use.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);
/// Maximum number of credentials in each cache: of passwords in the vault, and of those that an
/// authority keeps.
const REMEMBERED_COUNT: u64 = 10_000;
/// Maximum time by which [`Credentials::slowest`] delays the answer to a wrong password.
const SLOWEST: Duration = Duration::from_secs(5);
/// Maximum length of a password, in bytes. A longer password counts as wrong and is not checked.
const MAX_PASSWORD_BYTES: usize = 1024;

pub(crate) struct Credentials {
    pool: Semaphore,
    /// One permit for each login that is being checked or waits for its check.
    queue: Semaphore,
    verified: Cache<[u8; 32], PrincipalId>,
    /// Checks the passwords that an external authority keeps. `None`: there is no authority.
    elsewhere: Option<Elsewhere>,
    /// Duration of the slowest check of a [`ForeignHash`] so far, in microseconds, at most
    /// [`SLOWEST`]. A wrong password of at most [`MAX_PASSWORD_BYTES`] is answered no sooner than
    /// that, so that the time does not reveal whether an account exists.
    slowest: AtomicU64,
    /// Classes of imported hashes that [`Credentials::measure`] has begun to measure.
    timed: Mutex<HashSet<String>>,
    secret: [u8; 16],
}

/// Hash of argon2 with which the password is compared if the vault has none for the login, so that
/// the answer takes as long as for a login with such a hash.
static DECOY: OnceLock<String> = OnceLock::new();

impl Credentials {
    /// Returns credentials with an empty cache. `secret`: the keys of the cache are computed with
    /// it. `authority`: checks the passwords that it keeps in place of the vault.
    pub(crate) fn new(secret: Uuid, authority: Option<Arc<dyn Authority>>) -> Result<Self, Error> {
        let cache = Cache::builder().max_capacity(REMEMBERED_COUNT).time_to_idle(IDLE).time_to_live(REMEMBERED);
        // The hash for unknown names is made now: otherwise the first login with such a name would
        // take twice as long.
        if DECOY.get().is_none() {
            let decoy = hash(secret.simple().to_string().as_bytes())?;
            DECOY.get_or_init(|| decoy);
        }
        // Each hash occupies one processor and about 20 MB of memory.
        let places = available_parallelism().unwrap_or(HASHES_AT_ONCE).get();
        let (pool, queue) = (Semaphore::new(places), Semaphore::new(places + MAX_WAITING_LOGINS));
        let (slowest, timed) = (AtomicU64::default(), Mutex::default());
        let (verified, elsewhere) = (cache.build(), authority.map(Elsewhere::new));
        Ok(Self { pool, queue, verified, elsewhere, slowest, timed, secret: *secret.as_bytes() })
    }

    /// Returns the authority if it keeps the password of this account; `None` otherwise.
    pub(crate) fn authority_of(&self, name: &str) -> Option<&dyn Authority> {
        self.elsewhere.as_ref().map(Elsewhere::authority).filter(|authority| authority.keeps(name))
    }

    /// Returns the principal if the cache holds these credentials as right. `None`: they have to be
    /// checked.
    pub(crate) fn remembered(&self, login: &Login) -> Option<PrincipalId> {
        if let Some(holder) = login.elsewhere {
            return self.elsewhere.as_ref()?.remembered(&self.elsewhere_key(holder.principal?, &login.password));
        }
        let known = login.known.as_ref()?;
        self.verified.get(&self.key(&known.phc, &login.password))
    }

    /// Checks the password and returns its principal. `None`: the password is wrong or too long, or
    /// the account is unknown. `Err`: it could not be checked, for example because too many logins
    /// wait.
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
            // The permit of the queue was released before this wait, so the wait delays no other
            // login.
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

    /// Returns the key under which the cache holds a password that the authority keeps.
    fn elsewhere_key(&self, principal: PrincipalId, password: &str) -> [u8; 32] {
        self.key(&format!("elsewhere {principal}"), password)
    }

    async fn check_login(&self, login: &Login) -> Result<Option<PrincipalId>, Error> {
        let Ok(_place) = self.queue.try_acquire() else {
            return Err(Error::Behind("too many logins are being checked at once; try again later".into()));
        };
        let (principal, phc) = match &login.known {
            Some(known) => (Some(known.principal), known.phc.clone()),
            None => (None, DECOY.get().cloned().unwrap_or_default()),
        };
        let key = self.key(&phc, &login.password);
        let _turn = self.pool.acquire().await.map_err(Error::failed)?;
        // Another login may have verified the same credentials while this one waited.
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

    /// Returns true if the hash was made from the password. If it is a [`ForeignHash`] and no such
    /// check took longer before, the duration is recorded in `slowest`.
    async fn timed_check(&self, phc: String, password: String) -> Result<bool, Error> {
        let (is_foreign, begun) = (is_foreign(&phc), Instant::now());
        let is_right = spawn_check(phc, password).await?;
        if is_foreign {
            let took = begun.elapsed().min(SLOWEST);
            self.slowest.fetch_max(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        Ok(is_right)
    }

    /// Measures how long the check of a [`ForeignHash`] takes, once for each class of hashes. Does
    /// nothing for a hash of argon2.
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

    /// Returns the argon2 hash of a new password, as a PHC string.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Error> {
        let _place = self.pool.acquire().await.map_err(Error::failed)?;
        // RFC 7617 §2.1: clients send passwords in Unicode Normalization Form C.
        let password = ical::nfc(&password).into_owned();
        tokio::task::spawn_blocking(move || hash(password.as_bytes())).await.map_err(Error::failed)?
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

    use super::{hashing::matches, *};
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

    /// Authority that keeps the passwords of all accounts but `root`, and counts the checks. The
    /// right password of each account is `right`.
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
