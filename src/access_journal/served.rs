//! Cache of the versions that a person's program has already received, of limited size.

use std::{
    collections::HashSet,
    hash::{BuildHasher as _, RandomState},
    mem,
};

use parking_lot::Mutex;
use schemas::{ObjectId, PrincipalId};

/// Maximum number of versions in the cache. A version that has left the cache is recorded once more
/// when it is served again.
pub const MAX_REMEMBERED: usize = 500_000;

/// Cache of the versions recorded so far, by a 64-bit hash of person, program, object and entity
/// tag. Clients cannot provoke a collision, because each process has a random hash key.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    hash: RandomState,
    recorded: Mutex<Generations>,
}

impl Memory {
    /// Adds the version `etag` of an object. Returns true if, as far as the cache knows, this
    /// person's program `agent` had not received it before.
    pub(crate) fn is_new(&self, person: PrincipalId, agent: &str, object: ObjectId, etag: &str) -> bool {
        let version = self.hash.hash_one((person, agent, object, etag));
        self.recorded.lock().add(version, MAX_REMEMBERED / 2)
    }
}

/// Two sets of hashes. When the younger set is full, it replaces the older one. So recently used
/// hashes stay, without an exact order of use.
#[derive(Debug, Default)]
struct Generations {
    younger: HashSet<u64>,
    older: HashSet<u64>,
}

impl Generations {
    /// Adds a hash to the younger set, which holds `capacity` hashes at most. Returns true if the
    /// hash was in neither set.
    fn add(&mut self, hash: u64, capacity: usize) -> bool {
        if self.younger.contains(&hash) {
            return false;
        }
        let is_new = !self.older.contains(&hash);
        if self.younger.len() >= capacity {
            self.older = mem::take(&mut self.younger);
        }
        self.younger.insert(hash);
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_lately_stays_and_the_memory_is_bounded() {
        const CAPACITY: usize = 100;
        let mut generations = Generations::default();
        assert!(generations.add(0, CAPACITY));
        for hash in 1..1_000 {
            assert!(generations.add(hash, CAPACITY), "{hash}");
            if hash % 60 == 0 {
                assert!(!generations.add(0, CAPACITY), "asked for at {hash}");
            }
            assert!(generations.younger.len() <= CAPACITY && generations.older.len() <= CAPACITY);
        }
        assert!(!generations.add(950, CAPACITY), "among the last hundred");
        assert!(generations.add(700, CAPACITY), "forgotten");
    }
}
