//! What came of deliveries becomes `SCHEDULE-STATUS` in the sender's copy (RFC 6638 §3.2.9, §7.3).
//!
//! **Invariant:** only calendar users who were sent a message have one, and nothing else changes.

use crate::Context;
use ical::{Address, Document};

/// The copy with the outcomes written to it; `None`: it says so already.
pub fn report(_copy: &Document, _deliveries: &[(Address, String)], _context: &Context<'_>) -> Option<String> {
    None
}
