//! A cache of the event that was read last from each stream. It is usually the last event of the
//! stream, whose hash the next event continues.
//!
//! **Invariant:** only events that were read from KurrentDB are cached, not appended ones.
//! KurrentDB acknowledges a repeated append, although it may have stored the first one with another
//! hash.

use moka::sync::Cache;
use schemas::{Hash, Revision, Stored, Stream, Timestamp};

/// Maximum number of streams of which an event is cached.
const STREAMS: u64 = 50_000;

#[derive(Debug)]
pub(super) struct Ends(Cache<Stream, (Revision, End)>);

/// Data of an event, from which the hash and the time of the next event in its stream are made.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct End {
    pub hash: Hash,
    /// Time of storage; the epoch if the event does not record it.
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

    /// Returns the data of the event of a stream with the given revision; `None` if no event of the
    /// stream, or an event with another revision, is cached.
    pub(super) fn at(&self, stream: Stream, revision: Revision) -> Option<End> {
        self.0.get(&stream).filter(|(last, _)| *last == revision).map(|(_, end)| end)
    }
}
