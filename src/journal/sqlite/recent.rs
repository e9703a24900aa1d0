//! The quick check on opening: the newest events lead to the recorded end of the chain.

use rusqlite::Connection;
use schemas::Hash;

use super::{OpenError, rows};
use crate::chain::{Entry, Head};

/// Events whose chain is checked: those that a crash or a torn log can have touched. `verify`
/// checks all events.
const CHECKED_EVENTS: usize = 100;

/// Returns the recorded end of the chain if the newest events lead to it.
pub(super) fn unaltered(connection: &Connection) -> Result<Head, OpenError> {
    let recorded = rows::chain_head(connection)?;
    let mut newer: Option<Entry> = None;
    let mut looked_at = 0;
    let leads_there = rows::newest_first(connection, CHECKED_EVENTS + 1, |entry| {
        let fits = match &newer {
            None => (entry.position, hash(&entry)) == (recorded.position, recorded.hash),
            Some(newer) => newer.follows(hash(&entry)),
        };
        newer = Some(entry);
        looked_at += 1;
        fits
    })?;
    let begins = match &newer {
        None => recorded == Head::default(),
        // These are all events: the oldest of them is the first.
        Some(oldest) if looked_at <= CHECKED_EVENTS => oldest.follows(Hash::default()),
        Some(_) => true,
    };
    if leads_there && begins { Ok(recorded) } else { Err(OpenError::Altered) }
}

fn hash(entry: &Entry) -> Hash {
    Hash(entry.hash.as_slice().try_into().unwrap_or_default())
}
