//! Counts different wrong passwords in three ways: for one name from one address, from one address
//! for all names, and for one name from all addresses. Login codes of the OpenID Connect provider,
//! and bearer tokens that may be guesses, count like passwords.
//!
//! **Invariant:** a password is counted before it is checked, and removed from the count if it was
//! right. Therefore many guesses at the same time cannot exceed a limit. Each wrong password counts
//! for the same time from when it was found wrong. A request without credentials is not counted,
//! because clients send their first request without them. A client that repeats the same outdated
//! password counts once.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use moka::sync::Cache;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::settings::Limits;

/// Maximum number of addresses for which failed logins are counted at the same time; also of names,
/// and of pairs of a name and an address.
const MAX_ORIGINS: u64 = 100_000;
/// Number of leading bits of an IPv6 address that identify one household or machine.
const SHARED_BITS: u32 = 64;

/// Wrong passwords, as digests.
type Guesses = Arc<Mutex<HashMap<u64, Guess>>>;

/// A password that counts.
#[derive(Debug, Clone, Copy)]
enum Guess {
    /// Is being checked, since this time.
    Pending(Instant),
    /// Was found wrong at this time.
    Wrong(Instant),
}

impl Guess {
    fn since(self) -> Instant {
        match self {
            Self::Pending(since) | Self::Wrong(since) => since,
        }
    }
}

/// Counts the wrong passwords for addresses, for names, or for pairs of a name and an address.
/// Names are stored as digests, because a user may type a password in place of the name.
#[derive(Debug)]
struct Counter {
    seen: Cache<u64, Guesses>,
    most: usize,
}

#[derive(Debug)]
pub(crate) struct FailedLogins {
    digest: RandomState,
    /// Time for which each wrong password counts.
    kept: Duration,
    by_pair: Counter,
    by_address: Counter,
    by_name: Counter,
}

/// The decision whether the credentials of a request are checked.
#[derive(Debug)]
pub(crate) enum Admission {
    /// The credentials may be checked now.
    Check(Attempt),
    /// The credentials were checked earlier and are wrong.
    KnownWrong,
    /// The credentials are not checked, because a limit has been reached.
    Blocked,
}

/// Credentials that are being checked. They remain counted as wrong unless [`Attempt::forget`] is
/// called.
#[derive(Debug)]
pub(crate) struct Attempt {
    guess: u64,
    counted: [Guesses; 3],
}

impl Counter {
    fn new(most: usize, kept: Duration) -> Self {
        // A guess is found wrong some time after its origin was looked up.
        let seen = Cache::builder().max_capacity(MAX_ORIGINS).time_to_idle(kept.saturating_mul(2)).build();
        Self { seen, most: most.max(1) }
    }

    fn guesses(&self, origin: u64) -> Guesses {
        self.seen.get_with(origin, Arc::default)
    }

    fn is_full(&self, guesses: &HashMap<u64, Guess>, guess: u64) -> bool {
        guesses.len() >= self.most && !guesses.contains_key(&guess)
    }
}

impl FailedLogins {
    pub(crate) fn new(limits: &Limits) -> Self {
        let counter = |most| Counter::new(most, limits.failed_logins_kept);
        Self {
            digest: RandomState::new(),
            kept: limits.failed_logins_kept,
            by_pair: counter(limits.max_failed_logins),
            by_address: counter(limits.max_failed_logins_per_address),
            by_name: counter(limits.max_failed_logins_per_name),
        }
    }

    /// Counts the credentials of a request, and decides whether they may be checked.
    ///
    /// `name` identifies the account, whichever of its addresses the client used; it is empty for a
    /// login code. `secret` tells guesses apart: the same value counts once. For the time
    /// `wrong_for`, wrong credentials are not checked again; `None`: for as long as they are
    /// counted.
    pub(crate) fn admit(
        &self,
        from: Option<IpAddr>,
        name: &str,
        secret: impl Hash,
        wrong_for: Option<Duration>,
    ) -> Admission {
        let from = from.map(network_prefix);
        let guess = self.digest.hash_one((name, secret));
        let counters = [&self.by_pair, &self.by_address, &self.by_name];
        let origins = [self.digest.hash_one((from, name)), self.digest.hash_one(from), self.digest.hash_one(name)];
        let counted: [Guesses; 3] = std::array::from_fn(|kind| counters[kind].guesses(origins[kind]));
        // All requests lock the counters in the same order, so that two requests cannot block each
        // other.
        let mut held = counted.each_ref().map(|guesses| guesses.lock());
        for guesses in &mut held {
            guesses.retain(|_, guess| guess.since().elapsed() < self.kept);
        }
        let found = match held[0].get(&guess) {
            Some(Guess::Wrong(found)) => Some(*found),
            Some(Guess::Pending(_)) | None => None,
        };
        if found.is_some_and(|found| wrong_for.is_none_or(|wrong_for| found.elapsed() < wrong_for)) {
            return Admission::KnownWrong;
        }
        if counters.iter().zip(&held).any(|(counter, guesses)| counter.is_full(guesses, guess)) {
            return Admission::Blocked;
        }
        for guesses in &mut held {
            guesses.entry(guess).or_insert_with(|| Guess::Pending(Instant::now()));
        }
        drop(held);
        Admission::Check(Attempt { guess, counted })
    }
}

impl Attempt {
    /// Records that the credentials are wrong.
    pub(crate) fn failed(self) {
        for guesses in &self.counted {
            guesses.lock().insert(self.guess, Guess::Wrong(Instant::now()));
        }
    }

    /// Removes the credentials from the count, because they are right, were not checked or are no
    /// guess.
    pub(crate) fn forget(self) {
        for guesses in &self.counted {
            guesses.lock().remove(&self.guess);
        }
    }
}

/// Returns the part of an IP address that identifies one household or machine.
fn network_prefix(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> SHARED_BITS << SHARED_BITS)),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(pair: usize, address: usize, name: usize) -> FailedLogins {
        FailedLogins::new(&Limits {
            max_failed_logins: pair,
            max_failed_logins_per_address: address,
            max_failed_logins_per_name: name,
            ..Limits::default()
        })
    }

    fn address(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    /// Tries a wrong password. Returns true if the password was checked.
    fn guess(failed: &FailedLogins, from: &str, name: &str, password: &str) -> bool {
        match failed.admit(address(from), name, password, None) {
            Admission::Check(attempt) => {
                attempt.failed();
                true
            }
            Admission::KnownWrong | Admission::Blocked => false,
        }
    }

    #[test]
    fn different_wrong_passwords_are_counted_by_network_and_name() {
        let failed = limited(3, 100, 100);
        for password in ["spring", "spring", "summer", "spring"] {
            guess(&failed, "2001:db8::1", "anna", password);
        }
        assert!(guess(&failed, "2001:db8::2", "anna", "autumn"), "the third password, from the same network");
        assert!(!guess(&failed, "2001:db8::1", "anna", "winter"), "the fourth");
        assert!(guess(&failed, "2001:db8::1", "bert", "winter"), "another name");
        assert!(guess(&failed, "192.0.2.7", "anna", "winter"), "another address");
    }

    #[test]
    fn a_repeated_wrong_password_is_not_checked_again() {
        let failed = limited(3, 100, 100);
        assert!(guess(&failed, "192.0.2.7", "anna", "outdated"));
        for _ in 0..10 {
            assert!(matches!(failed.admit(address("192.0.2.7"), "anna", "outdated", None), Admission::KnownWrong));
        }
    }

    #[test]
    fn a_password_that_is_kept_elsewhere_is_checked_again_and_counts_once() {
        let failed = limited(2, 100, 100);
        let admit = |password, wrong_for| failed.admit(address("192.0.2.7"), "anna", password, Some(wrong_for));
        let (now, later) = (Duration::from_secs(3600), Duration::ZERO);
        for _ in 0..5 {
            let Admission::Check(attempt) = admit("not known everywhere yet", later) else { panic!("checked again") };
            attempt.failed();
            assert!(matches!(admit("not known everywhere yet", now), Admission::KnownWrong), "within its time");
        }
        assert!(matches!(admit("another", now), Admission::Check(_)), "the second password");
        assert!(matches!(admit("a third", now), Admission::Blocked));
    }

    #[test]
    fn a_wrong_password_counts_for_the_whole_time_whatever_came_before_it() {
        let kept = Duration::from_millis(600);
        let limits = Limits { max_failed_logins: 2, failed_logins_kept: kept, ..Limits::default() };
        let failed = FailedLogins::new(&limits);
        let Admission::Check(right) = failed.admit(address("192.0.2.7"), "anna", "right", None) else {
            panic!("nothing was wrong before")
        };
        right.forget();
        std::thread::sleep(kept * 3 / 5);
        let wrong = Instant::now();
        assert!(guess(&failed, "192.0.2.7", "anna", "spring"));
        assert!(guess(&failed, "192.0.2.7", "anna", "summer"));
        std::thread::sleep(kept * 3 / 5);
        let is_checked = guess(&failed, "192.0.2.7", "anna", "autumn");
        assert!(!is_checked || wrong.elapsed() >= kept, "the time of the right one is over");
        std::thread::sleep(kept * 3 / 5);
        assert!(guess(&failed, "192.0.2.7", "anna", "winter"), "the time of the wrong ones is over");
    }

    #[test]
    fn passwords_count_while_they_are_checked_and_no_longer_once_they_are_right() {
        let failed = limited(3, 100, 100);
        let admit = |number: u32| failed.admit(address("192.0.2.7"), "anna", number, None);
        let pending: Vec<_> = (0..500).map(admit).collect();
        let checked = pending.into_iter().filter_map(|admission| match admission {
            Admission::Check(attempt) => Some(attempt),
            Admission::KnownWrong | Admission::Blocked => None,
        });
        let checked: Vec<_> = checked.collect();
        assert_eq!(checked.len(), 3, "of 500 at the same time");
        checked.into_iter().for_each(Attempt::forget);
        assert!(matches!(admit(500), Admission::Check(_)));
    }

    #[test]
    fn one_address_that_tries_many_names_is_blocked() {
        let failed = limited(3, 5, 100);
        let names = (0..20).filter(|number| guess(&failed, "192.0.2.7", &format!("name {number}"), "summer"));
        assert_eq!(names.count(), 5);
        assert!(guess(&failed, "192.0.2.8", "name 19", "summer"), "another address");
    }

    #[test]
    fn one_name_that_is_tried_from_many_addresses_is_blocked() {
        let failed = limited(3, 100, 5);
        let addresses =
            (0..20).filter(|number| guess(&failed, &format!("192.0.2.{number}"), "anna", &number.to_string()));
        assert_eq!(addresses.count(), 5);
        assert!(guess(&failed, "192.0.2.19", "bert", "summer"), "another name");
    }
}
