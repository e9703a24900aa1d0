//! The hashes that the next events of streams build on.
//!
//! **Invariant:** only what was read from the server gets in. What we wrote ourselves may have been there before, with
//! another hash: a repeated append is answered like the first.

use moka::sync::Cache;
use schemas::{Hash, Revision, Stored, Stream};

/// Streams whose end is remembered.
const STREAMS: u64 = 50_000;

#[derive(Debug)]
pub(super) struct Ends(Cache<Stream, (Revision, Hash)>);

impl Default for Ends {
    fn default() -> Self {
        Self(Cache::new(STREAMS))
    }
}

impl Ends {
    pub(super) fn saw(&self, stored: &Stored) {
        self.0.insert(stored.stream, (stored.revision, stored.hash));
    }

    /// The hash of the event at a revision, if it is remembered.
    pub(super) fn at(&self, stream: Stream, revision: Revision) -> Option<Hash> {
        self.0.get(&stream).filter(|(last, _)| *last == revision).map(|(_, hash)| hash)
    }
}
