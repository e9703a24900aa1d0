//! Marks of the history that a position belongs to.
//!
//! **Invariant:** no two events are known to clients by the same position and mark, also after the
//! journal was restored from a copy, when positions are given again. Positions of a journal that
//! was never restored have no mark, nor have those of the copy itself: their events are the same as
//! before.

use schemas::Position;
use service::Restored;

/// Returns a position as tags show it.
pub(crate) fn position(position: Position, restores: &[Restored]) -> String {
    format!("{position}{}", mark(position, restores))
}

/// Returns what is written after a position, or after several of which this is the last: the time
/// of the restore after which it was given. Empty: it was given before every restore.
pub(super) fn mark(position: Position, restores: &[Restored]) -> String {
    let last = restores.iter().rev().find(|copy| copy.position < position);
    last.map(|copy| format!(".{:x}", copy.at.0)).unwrap_or_default()
}
