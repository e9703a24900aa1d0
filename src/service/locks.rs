//! Locks by key. A lock is created when it is requested, and removed when it is free.

use std::{collections::HashMap, fmt, hash::Hash, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Set of locks, one for each key. Waiters get a lock in the order of their requests.
pub(crate) struct Keyed<K> {
    queues: Arc<Mutex<HashMap<K, Arc<AsyncMutex<()>>>>>,
}

/// Guard of the lock of one key. `guard`: `None` while it waits for the lock.
pub(crate) struct Held<K: Eq + Hash + Copy> {
    guard: Option<OwnedMutexGuard<()>>,
    key: K,
    queues: Arc<Mutex<HashMap<K, Arc<AsyncMutex<()>>>>>,
}

impl<K: Eq + Hash + Copy> Keyed<K> {
    pub(crate) async fn lock(&self, key: K) -> Held<K> {
        // The guard is made before the wait: a waiter who gives up drops it, which removes a lock
        // that is free by then.
        let mut held = Held { guard: None, key, queues: Arc::clone(&self.queues) };
        let queue = Arc::clone(self.queues.lock().entry(key).or_default());
        held.guard = Some(queue.lock_owned().await);
        held
    }
}

impl<K: Eq + Hash + Copy> Drop for Held<K> {
    fn drop(&mut self) {
        drop(self.guard.take());
        let mut queues = self.queues.lock();
        // If only the map refers to the queue, there is no holder and no waiter, and none can
        // arrive while the map is locked.
        if queues.get(&self.key).is_some_and(|queue| Arc::strong_count(queue) == 1) {
            queues.remove(&self.key);
        }
    }
}

impl<K> Default for Keyed<K> {
    fn default() -> Self {
        Self { queues: Arc::default() }
    }
}

impl<K> fmt::Debug for Keyed<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyed({} held)", self.queues.lock().len())
    }
}

impl<K: Eq + Hash + Copy> fmt::Debug for Held<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_second_holder_waits_and_a_free_key_is_forgotten() {
        let keyed = Keyed::default();
        let first = keyed.lock(1).await;
        let _other = keyed.lock(2).await;
        let second = tokio::time::timeout(std::time::Duration::ZERO, keyed.lock(1)).await;
        assert!(second.is_err(), "the key is held");
        drop(second);
        drop(first);
        assert!(tokio::time::timeout(std::time::Duration::from_secs(5), keyed.lock(1)).await.is_ok());
        assert_eq!(keyed.queues.lock().len(), 1, "only the other key is left");
    }

    #[tokio::test]
    async fn a_waiter_who_gives_up_when_it_is_its_turn_leaves_no_lock_behind() {
        let keyed = Keyed::default();
        let first = keyed.lock(1).await;
        let mut second = Box::pin(keyed.lock(1));
        assert!(second.as_mut().now_or_never().is_none(), "the key is held");
        drop(first);
        drop(second);
        assert_eq!(keyed.queues.lock().len(), 0);
    }
}
