//! Finds the position in the journal for a moment in time.

use schemas::{Position, Timestamp};

use crate::{Failure, Journal};

/// Returns the position of the last event that was stored at or before `moment`;
/// [`Position::START`] if there is none.
///
/// If one process writes, times of storage never decrease along positions. If several processes
/// write, or if events are of an early version, which has only the time at which their act was
/// decided, the times are nearly in this order, and the result is near the wanted position. A
/// binary search keeps the number of read events small.
pub async fn position_at(journal: &dyn Journal, moment: Timestamp) -> Result<Position, Failure> {
    let (mut low, mut high) = (Position::START, journal.head().await?);
    while low < high {
        let middle = Position(low.0 + (high.0 - low.0).div_ceil(2));
        // There may be no event at `middle`, because positions may have gaps: this reads the first
        // event at or after it.
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
