//! The server answers an invitation in the owner's name: rooms and resources.
//!
//! **Invariant:** an answer is what the owner could have stored himself; whoever decided for himself is left alone.

use crate::{Change, Context};
use ical::Document;

/// How the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Not at all.
    Leave,
    /// Accepts if free, declines if busy.
    AcceptOrDecline,
    Accept,
    Decline,
    /// Accepts if free, leaves the rest to people.
    AcceptIfFree,
    /// Declines if busy, leaves the rest to people.
    DeclineIfBusy,
}

/// Is the owner busy with something else between these instants?
pub type IsBusy<'a> = &'a dyn Fn(i64, i64) -> bool;

/// Answers what waits for an answer in the attendee's copy; `None`: nothing does.
pub fn answer(_copy: &Document, _mode: Mode, _is_busy: IsBusy<'_>, _context: &Context<'_>) -> Option<Change> {
    None
}
