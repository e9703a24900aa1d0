//! The last hashes of streams, which the next events continue.
//!
//! **Invariant:** only hashes that were read from the server are kept. An append of this process may repeat an earlier one
//! that is stored with another hash, and is answered like the first.

use moka::sync::Cache;
use schemas::{Hash, Revision, Stored, Stream};

/// Streams whose last hash is kept.
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

    /// The hash of the event at a revision; `None` if it is not kept.
    pub(super) fn at(&self, stream: Stream, revision: Revision) -> Option<Hash> {
        self.0.get(&stream).filter(|(last, _)| *last == revision).map(|(_, hash)| hash)
    }
}
