//! Orders two revisions of a component (RFC 5546 §2.1.5).
//!
//! **Invariant:** `DTSTAMP` decides only if this server wrote the copy, or if the copy is
//! cancelled, because clients may set it freely (RFC 6638 §3.2.2.1, 9). A DTSTAMP in the future
//! cannot be this server's: the times of its decisions about a meeting never decrease.

use crate::Context;
use crate::meeting::{Meeting, Part};
use crate::outgoing::PRODID;
use crate::times::utc;

/// Returns whether the message's version of a component is older than the copy's.
pub(super) fn is_stale(message: &Part<'_>, known: &Part<'_>, copy: &Meeting<'_>, context: &Context<'_>) -> bool {
    let (new, old) = (message.sequence(), known.sequence());
    if known.cancelled && new < old {
        // Some clients remove a meeting and store it again with SEQUENCE:0, so DTSTAMP decides
        // here.
        return is_earlier(message, known, context);
    }
    new < old || (new == old && is_ours(copy) && is_earlier(message, known, context))
}

/// Returns whether the message's version was written before the copy's; false if the DTSTAMP of the
/// copy is absent or in the future.
pub(super) fn is_earlier(message: &Part<'_>, known: &Part<'_>, context: &Context<'_>) -> bool {
    let now = utc(context.now);
    stamp(message) < stamp(known).filter(|stamp| *stamp <= now.as_str())
}

/// Returns whether this server was the last to write the copy, as PRODID states.
fn is_ours(copy: &Meeting<'_>) -> bool {
    copy.document.root().property("PRODID").is_some_and(|prodid| prodid.value() == PRODID)
}

/// Returns the DTSTAMP of a component. DTSTAMP is in UTC, so the order of the texts is the order of
/// the times.
fn stamp<'a>(part: &Part<'a>) -> Option<&'a str> {
    part.component.property("DTSTAMP").map(ical::Property::value)
}
