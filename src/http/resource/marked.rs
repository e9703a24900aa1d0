//! Marks that distinguish journal positions before and after a restore of the journal from a copy.
//!
//! **Invariant:** position and mark together identify one event for all clients. After the journal
//! was restored from a copy, it assigns positions a second time, and a mark distinguishes the new
//! ones. Positions that were assigned before every restore have no mark. Positions in a copy keep
//! the mark that they had, because their events are the same as before.

use schemas::Position;
use service::Restored;

/// Returns a position followed by its mark ([`mark`]), the form in which entity tags and
/// `CS:getctag` contain it.
pub(crate) fn position(position: Position, restores: &[Restored]) -> String {
    format!("{position}{}", mark(position, restores))
}

/// Returns the mark of a position: a dot and the time of the restore after which the journal
/// assigned it. Empty if the position was assigned before every restore. For several positions,
/// pass the last one.
pub(super) fn mark(position: Position, restores: &[Restored]) -> String {
    let last = restores.iter().rev().find(|copy| copy.position < position);
    last.map(|copy| format!(".{:x}", copy.at.0)).unwrap_or_default()
}
