//! Which of two revisions is the later one (RFC 5546 §2.1.5).
//!
//! **Invariant:** `DTSTAMP` decides only where this server wrote both: a client may set it as it likes (RFC 6638 §3.2.2.1, 9).

use crate::meeting::{Meeting, Part};
use crate::outgoing::PRODID;

/// Is what the message says of a component older than what the copy says?
pub(super) fn is_stale(message: &Part<'_>, known: &Part<'_>, copy: &Meeting<'_>) -> bool {
    let (new, old) = (message.sequence(), known.sequence());
    if known.cancelled && new < old {
        // Clients remove a meeting and store it again: it starts over.
        return stamp(message) < stamp(known);
    }
    new < old || (new == old && is_ours(copy) && stamp(message) < stamp(known))
}

/// Whether no client has written the copy since the last message.
fn is_ours(copy: &Meeting<'_>) -> bool {
    copy.document.root().property("PRODID").is_some_and(|prodid| prodid.value() == PRODID)
}

/// DTSTAMP is in UTC: as text it sorts by time.
fn stamp<'a>(part: &Part<'a>) -> Option<&'a str> {
    part.component.property("DTSTAMP").map(ical::Property::value)
}
