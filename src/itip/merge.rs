//! A client saved what it had read before others answered (RFC 6638 §3.2.10.1).
//!
//! **Invariant:** the state of the other attendees is the server's; everything else is what was sent.

use crate::{Context, Standing};
use ical::Document;

/// `sent` with the other attendees' state as it is in `known`; `None`: it has it already.
pub fn keep_known(_sent: &Document, _known: &Document, _standing: &Standing, _context: &Context<'_>) -> Option<String> {
    None
}
