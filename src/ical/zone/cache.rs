//! A cache for the transitions of VTIMEZONEs and the rules of IANA zones, because thousands of
//! objects use the same few zones.
//!
//! **Invariant:** results are the same with or without the cache. It has at most [`MAX_ENTRIES`]
//! entries.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Maximum number of entries of a cache. A full cache is emptied, which is rare because few zones
/// are in use at once.
const MAX_ENTRIES: usize = 128;

#[derive(Debug)]
pub(super) struct Cache<K, V>(Mutex<BTreeMap<K, V>>);

impl<K: Ord, V: Clone> Cache<K, V> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Returns the cached value, or computes and caches it.
    pub(super) fn get_or_compute<Q>(&self, key: &Q, make: impl FnOnce() -> V) -> V
    where
        K: Borrow<Q>,
        Q: Ord + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(known) = self.entries().get(key) {
            return known.clone();
        }
        let new = make(); // computed without the lock, so that other threads can read meanwhile
        let mut entries = self.entries();
        if entries.len() >= MAX_ENTRIES {
            entries.clear();
        }
        entries.insert(key.to_owned(), new.clone());
        new
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<K, V>> {
        // A poisoned lock is safe to use: a thread that panics while it has the lock leaves no
        // incomplete entry.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_values_are_not_computed_again_and_the_cache_is_bounded() {
        let cache: Cache<String, usize> = Cache::new();
        let mut made = 0;
        for number in [1, 1, 2, 1] {
            let answer = cache.get_or_compute(number.to_string().as_str(), || {
                made += 1;
                number
            });
            assert_eq!(answer, number);
        }
        assert_eq!(made, 2);
        for number in 0..10 * MAX_ENTRIES {
            cache.get_or_compute(number.to_string().as_str(), || number);
        }
        assert!(cache.entries().len() <= MAX_ENTRIES);
    }
}
