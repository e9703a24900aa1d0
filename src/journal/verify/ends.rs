//! The last event of each stream's chain, while the journal is verified.
//!
//! **Invariant:** memory is bounded. If the last event of a stream was dropped from memory, it is
//! read again from the journal, where the same walk has already verified it.

use std::collections::HashMap;

use schemas::{Hash, Revision, Stream, Timestamp};

use super::{Alteration, disorder};
use crate::{
    Failure, Journal,
    chain::{Content, Entry},
};

/// Maximum number of streams whose last event is kept in memory.
const ENDS: usize = 200_000;

#[derive(Debug, Default)]
pub(super) struct Ends(HashMap<String, (u64, End)>);

/// The last event of a stream.
#[derive(Debug, Clone, Copy, Default)]
struct End {
    hash: Hash,
    /// The time of storage; `None` if the event is in version 1.
    stored_at: Option<Timestamp>,
}

impl Ends {
    /// Verifies the next event of a stream. Returns how it was altered; `None` if it fits the
    /// chain.
    pub(super) async fn add(
        &mut self,
        journal: &dyn Journal,
        entry: &Entry,
        content: &Content<'_>,
    ) -> Result<Option<Alteration>, Failure> {
        let previous = match (entry.revision.checked_sub(1), self.0.get(&entry.stream)) {
            (None, None) => Some(End::default()),
            (None, Some(_)) => None,
            (Some(before), Some((last, end))) => (before == *last).then_some(*end),
            (Some(before), None) => reread(journal, &entry.stream, before).await?,
        };
        let Some(previous) = previous else { return Ok(Some(Alteration::GapInStream)) };
        let hash = content.hash_in_stream(previous.hash);
        if entry.hash != hash.0 {
            return Ok(Some(Alteration::Bytes));
        }
        if self.0.len() >= ENDS {
            self.0.clear();
        }
        let stored_at = content.second.map(|second| second.stored_at);
        self.0.insert(entry.stream.clone(), (entry.revision, End { hash, stored_at }));
        Ok(disorder(previous.stored_at, stored_at))
    }
}

async fn reread(journal: &dyn Journal, stream: &str, revision: u64) -> Result<Option<End>, Failure> {
    let Ok(stream) = stream.parse::<Stream>() else { return Ok(None) };
    let stored = journal.read_stream(stream, Revision(revision), 1).await?.pop();
    let end = |stored: schemas::Stored| End { hash: stored.hash, stored_at: stored.metadata.stored_at };
    Ok(stored.filter(|stored| stored.revision.0 == revision).map(end))
}
