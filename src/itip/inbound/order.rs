//! Orders two revisions of a component (RFC 5546 §2.1.5).
//!
//! **Invariant:** `DTSTAMP` decides only if this server wrote both, because a client may set it
//! freely (RFC 6638 §3.2.2.1, 9). One that lies in the future was not written by this server, whose
//! decisions about a meeting never go back in time.

use crate::Context;
use crate::meeting::{Meeting, Part};
use crate::outgoing::PRODID;
use crate::times::utc;

/// Returns whether the message's version of a component is older than the copy's.
pub(super) fn is_stale(message: &Part<'_>, known: &Part<'_>, copy: &Meeting<'_>, context: &Context<'_>) -> bool {
    let (new, old) = (message.sequence(), known.sequence());
    if known.cancelled && new < old {
        // Some clients remove a meeting and store it again with SEQUENCE:0.
        return is_earlier(message, known, context);
    }
    new < old || (new == old && is_ours(copy) && is_earlier(message, known, context))
}

fn is_earlier(message: &Part<'_>, known: &Part<'_>, context: &Context<'_>) -> bool {
    let now = utc(context.now);
    stamp(message) < stamp(known).filter(|stamp| *stamp <= now.as_str())
}

/// Returns whether no client has written the copy since the last message.
fn is_ours(copy: &Meeting<'_>) -> bool {
    copy.document.root().property("PRODID").is_some_and(|prodid| prodid.value() == PRODID)
}

/// Returns DTSTAMP. It is in UTC, so text order is time order.
fn stamp<'a>(part: &Part<'a>) -> Option<&'a str> {
    part.component.property("DTSTAMP").map(ical::Property::value)
}
