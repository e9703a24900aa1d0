//! A message arrived: what it makes of the recipient's copy (RFC 6638 §4, RFC 5546 §3).
//!
//! **Invariant:** a message that came before changes nothing; what is the owner's own stays his.

use crate::Context;
use ical::Document;

/// What becomes of the recipient's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// There was none; this is it.
    Created(String),
    Changed { ics: String, tag: TagEffect },
    /// Nothing: `stale`, `unknown-object`, `not-an-attendee` …
    Unchanged { reason: &'static str },
}

/// What the change means for the Schedule-Tag (RFC 6638 §3.2.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagEffect {
    Changes,
    /// Only the participation of others, or an answer on the organizer's copy.
    Stays,
}

/// What a message leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub effect: Effect,
    /// Whether the recipient must see it, if the message is a visible one.
    pub notify: bool,
}

/// Why a message is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageInvalid {
    /// No METHOD, or one iTIP does not know.
    Method,
    /// No event or task in it.
    Component,
}

/// Takes a message in.
pub fn receive(
    _message: &Document,
    _copy: Option<&Document>,
    _context: &Context<'_>,
) -> Result<Received, MessageInvalid> {
    Err(MessageInvalid::Method)
}
