//! The ends of the streams' chains during a walk.
//!
//! **Invariant:** bounded in memory. An end that was dropped is read again from the journal, where this walk has
//! already found it good.

use std::collections::HashMap;

use schemas::{Hash, Revision, Stream};

use super::Alteration;
use crate::{Failure, Journal, chain::Entry};

/// Ends that are kept at a time.
const ENDS: usize = 200_000;

#[derive(Debug, Default)]
pub(super) struct Ends(HashMap<String, (u64, Hash)>);

impl Ends {
    /// Adds the next event of a stream; returns how it does not fit, if it does not.
    pub(super) async fn add(&mut self, journal: &dyn Journal, entry: &Entry) -> Result<Option<Alteration>, Failure> {
        let previous = match (entry.revision.checked_sub(1), self.0.get(&entry.stream)) {
            (None, None) => Some(Hash::default()),
            (None, Some(_)) => None,
            (Some(before), Some((last, hash))) => (before == *last).then_some(*hash),
            (Some(before), None) => reread(journal, &entry.stream, before).await?,
        };
        let Some(previous) = previous else { return Ok(Some(Alteration::GapInStream)) };
        let hash = entry.content().hash_in_stream(previous);
        if entry.hash != hash.0 {
            return Ok(Some(Alteration::Bytes));
        }
        if self.0.len() >= ENDS {
            self.0.clear();
        }
        self.0.insert(entry.stream.clone(), (entry.revision, hash));
        Ok(None)
    }
}

async fn reread(journal: &dyn Journal, stream: &str, revision: u64) -> Result<Option<Hash>, Failure> {
    let Ok(stream) = stream.parse::<Stream>() else { return Ok(None) };
    let stored = journal.read_stream(stream, Revision(revision), 1).await?.pop();
    Ok(stored.filter(|stored| stored.revision.0 == revision).map(|stored| stored.hash))
}
