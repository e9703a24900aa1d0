//! The organizer's object changed by its owner: who must be told what (RFC 6638 §3.2.1).
//!
//! **Invariant:** everyone gets exactly what he is invited to, and a message only where something changed for him.

use crate::{Change, Context, Draft, Refusal};
use ical::Document;

/// What the change from `before` to `after` leads to.
pub fn change(
    _before: Option<&Document>,
    _after: Option<&Document>,
    _context: &Context<'_>,
) -> Result<Change, Refusal> {
    Ok(Change::default())
}

/// Tells the other attendees silently what answers changed between `before` and `after` (RFC 6638 §4.2).
pub fn refresh(_before: &Document, _after: &Document, _context: &Context<'_>) -> Vec<Draft> {
    Vec::new()
}
