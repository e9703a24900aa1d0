//! The attendee's copy changed by its owner: what is allowed, and what the organizer is told (RFC 6638 §3.2.2).
//!
//! **Invariant:** the organizer hears of the owner's own participation and of nothing else.

use crate::{Change, Context, Refusal};
use ical::Document;

/// Whether a removal is answered (RFC 6638 §8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleReply {
    /// `Schedule-Reply: T`, or none.
    Send,
    /// `Schedule-Reply: F`
    Suppress,
}

/// What the change from `before` to `after` leads to. `reply` counts for a removal only.
pub fn change(
    _before: Option<&Document>,
    _after: Option<&Document>,
    _reply: ScheduleReply,
    _context: &Context<'_>,
) -> Result<Change, Refusal> {
    Ok(Change::default())
}
