//! What was worked out before: the tables of VTIMEZONEs, the rules of zones. Thousands of objects share a handful of them.
//!
//! **Invariant:** a memory, not a state: what is answered is what would be worked out anew, so that nobody can tell which it was.
//! It never holds more than [`MAX_ENTRIES`].

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// More zones are seldom in use at once; one more, and all are forgotten.
const MAX_ENTRIES: usize = 128;

#[derive(Debug)]
pub(super) struct Cache<K, V>(Mutex<BTreeMap<K, V>>);

impl<K: Ord, V: Clone> Cache<K, V> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// What is known of the key, or is made of it now.
    pub(super) fn get_or_compute<Q>(&self, key: &Q, make: impl FnOnce() -> V) -> V
    where
        K: Borrow<Q>,
        Q: Ord + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(known) = self.entries().get(key) {
            return known.clone();
        }
        let new = make(); // while others may ask, too
        let mut entries = self.entries();
        if entries.len() >= MAX_ENTRIES {
            entries.clear();
        }
        entries.insert(key.to_owned(), new.clone());
        new
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<K, V>> {
        // Whoever panicked meanwhile has left whole entries.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_made_again_and_nothing_is_known_for_ever() {
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
