//! A read model that was not in time.

use schemas::Position;

/// The read model did not reach a position in time.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the read model `{model}` has reached position {reached}, not {wanted}")]
pub struct Behind {
    pub model: &'static str,
    pub reached: Position,
    pub wanted: Position,
    /// The disk is full: it will not get there before there is room.
    pub is_without_room: bool,
}
