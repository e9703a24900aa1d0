//! The quick check when a journal is opened: the hash chain of the newest events must lead to the
//! recorded end.

use rusqlite::Connection;
use schemas::Hash;

use super::{OpenError, rows};
use crate::chain::{Entry, Head};

/// Number of newest events whose hashes are checked. It is small, so that a journal of any length
/// is opened quickly; `verify` checks all events.
const CHECKED_EVENTS: usize = 100;

/// Returns the recorded end of the chain; [`OpenError::Altered`] if the newest events do not lead
/// to it.
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
        // The journal has no more events than were checked, so the oldest of them is the first
        // event.
        Some(oldest) if looked_at <= CHECKED_EVENTS => oldest.follows(Hash::default()),
        Some(_) => true,
    };
    if leads_there && begins { Ok(recorded) } else { Err(OpenError::Altered) }
}

fn hash(entry: &Entry) -> Hash {
    Hash(entry.hash.as_slice().try_into().unwrap_or_default())
}
