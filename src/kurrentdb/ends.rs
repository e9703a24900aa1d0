//! A cache of the last event of each stream, whose hash the next event continues.
//!
//! **Invariant:** only events read from the server are cached. The server answers a repeated append
//! like the first, which it may have stored with another hash.

use moka::sync::Cache;
use schemas::{Hash, Revision, Stored, Stream, Timestamp};

/// Streams whose last event is kept.
const STREAMS: u64 = 50_000;

#[derive(Debug)]
pub(super) struct Ends(Cache<Stream, (Revision, End)>);

/// The last event of a stream, which the next one follows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct End {
    pub hash: Hash,
    /// When it was stored; the epoch if the event does not record it.
    pub stored_at: Timestamp,
}

impl End {
    pub(super) fn of(stored: &Stored) -> Self {
        Self { hash: stored.hash, stored_at: stored.metadata.stored_at.unwrap_or_default() }
    }
}

impl Default for Ends {
    fn default() -> Self {
        Self(Cache::new(STREAMS))
    }
}

impl Ends {
    pub(super) fn saw(&self, stored: &Stored) {
        self.0.insert(stored.stream, (stored.revision, End::of(stored)));
    }

    /// The event at a revision; `None` if it is not kept.
    pub(super) fn at(&self, stream: Stream, revision: Revision) -> Option<End> {
        self.0.get(&stream).filter(|(last, _)| *last == revision).map(|(_, end)| end)
    }
}
