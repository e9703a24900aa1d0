//! State of the projector, which other threads can query.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use journal::Figure;
use parking_lot::Mutex;

#[derive(Debug, Default)]
pub(super) struct Health {
    stopped: AtomicBool,
    /// Failed operation that is being retried; `None` if there is none.
    trouble: Mutex<Option<&'static str>>,
    retries: AtomicU64,
}

impl Health {
    pub(super) fn stopped(&self) {
        self.stopped.store(true, Ordering::Release);
    }

    pub(super) fn has_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    pub(super) fn troubled(&self, why: &'static str) {
        *self.trouble.lock() = Some(why);
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn well(&self) {
        *self.trouble.lock() = None;
    }

    pub(super) fn trouble(&self) -> Option<&'static str> {
        if self.has_stopped() { Some("the read models have stopped") } else { *self.trouble.lock() }
    }

    pub(super) fn figures(&self) -> [Figure; 2] {
        let (stopped, retries) = (u64::from(self.has_stopped()), self.retries.load(Ordering::Relaxed));
        [
            Figure::gauge("feed_stopped", "1 if the read models have stopped following the journal", stopped),
            Figure::counter("feed_retries", "Failed attempts to read the journal; each is repeated", retries),
        ]
    }
}
