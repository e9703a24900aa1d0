//! The error that a read model did not reach a position in time.

use schemas::Position;

/// The error that a read model did not reach a position within the time that the caller waits.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error(
    "the read model `{model}` has only reached position {reached} of the journal, and the request needs {wanted}; \
     try again later"
)]
pub struct Behind {
    pub model: &'static str,
    pub reached: Position,
    pub wanted: Position,
    /// True if the disk is full. The read model cannot continue until there is room.
    pub is_without_room: bool,
}
