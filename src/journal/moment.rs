//! The position that a moment means.

use schemas::{Position, Timestamp};

use crate::{Failure, Journal};

/// Returns the position of the last event that was stored at or before a moment;
/// [`Position::START`] if there is none.
///
/// The times of storage do not decrease along positions. Where an earlier version stored none, the
/// time of the decision is taken, which is nearly in this order. The search is by halves, so that
/// few events are read.
pub async fn position_at(journal: &dyn Journal, moment: Timestamp) -> Result<Position, Failure> {
    let (mut low, mut high) = (Position::START, journal.head().await?);
    while low < high {
        let middle = Position(low.0 + (high.0 - low.0).div_ceil(2));
        // Positions may have gaps: the event at or after the middle.
        let after = middle.previous();
        match journal.read_all(after, 1).await?.pop() {
            Some(stored) if stored.metadata.stored_at.unwrap_or(stored.metadata.at) <= moment => {
                low = stored.position.max(middle);
            }
            Some(_) | None => high = after,
        }
    }
    Ok(low)
}
