//! Counts different wrong passwords per client address and name.
//!
//! **Invariant:** a request without credentials is not counted, because clients send their first
//! request that way. A program that repeats one outdated password counts once. A user is blocked
//! only at the addresses where the guesses came from.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use moka::sync::Cache;
use parking_lot::Mutex;

use crate::settings::Limits;

/// Most pairs of address and name in the cache.
const MAX_ORIGINS: u64 = 100_000;
/// Leading bits of an IPv6 address that one household or machine shares.
const SHARED_BITS: u32 = 64;

/// Digest of the address and the name of a login. The name itself is not stored, because it may be
/// a mistyped password.
type Origin = u64;

#[derive(Debug)]
pub(crate) struct FailedLogins {
    digest: RandomState,
    /// Digests of the wrong passwords per origin.
    seen: Cache<Origin, Arc<Mutex<HashSet<u64>>>>,
    most: usize,
}

impl FailedLogins {
    pub(crate) fn new(limits: &Limits) -> Self {
        let seen = Cache::builder().max_capacity(MAX_ORIGINS).time_to_live(limits.failed_logins_kept).build();
        Self { digest: RandomState::new(), seen, most: limits.max_failed_logins.max(1) }
    }

    fn origin(&self, from: Option<IpAddr>, name: &str) -> Origin {
        self.digest.hash_one((from.map(network_prefix), name))
    }

    /// Returns true if credentials for this name from this address are no longer checked.
    pub(crate) fn is_blocked(&self, from: Option<IpAddr>, name: &str) -> bool {
        self.seen.get(&self.origin(from, name)).is_some_and(|wrong| wrong.lock().len() >= self.most)
    }

    pub(crate) fn count(&self, from: Option<IpAddr>, name: &str, password: &str) {
        let wrong = self.seen.get_with(self.origin(from, name), Arc::default);
        let mut wrong = wrong.lock();
        if wrong.len() < self.most {
            wrong.insert(self.digest.hash_one(password));
        }
    }
}

fn network_prefix(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> SHARED_BITS << SHARED_BITS)),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_wrong_passwords_are_counted_where_they_come_from() {
        let failed = FailedLogins::new(&Limits { max_failed_logins: 3, ..Limits::default() });
        let here: Option<IpAddr> = "2001:db8::1".parse().ok();
        for password in ["spring", "spring", "summer", "spring", "summer"] {
            failed.count(here, "anna", password);
            assert!(!failed.is_blocked(here, "anna"), "two passwords, however often");
        }
        failed.count("2001:db8::2".parse().ok(), "anna", "autumn");
        assert!(failed.is_blocked(here, "anna"), "three, from one household");
        assert!(!failed.is_blocked(here, "bert"), "another name");
        assert!(!failed.is_blocked("192.0.2.7".parse().ok(), "anna"), "another address");
    }
}
