//! Orders two revisions of a component (RFC 5546 §2.1.5).
//!
//! **Invariant:** SEQUENCE decides first, except where [`is_stale`] says otherwise. Between equal
//! SEQUENCEs `DTSTAMP` decides, but only if this server was the last to write the copy, because
//! clients may set it freely (RFC 6638 §3.2.2.1, 9). A DTSTAMP in the future cannot be this
//! server's: the times of its decisions about a meeting never decrease.

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
    if new < old && has_revision_of_series(message, known, copy) {
        return !is_later(message, known, context);
    }
    new < old || (new == old && is_ours(copy) && is_earlier(message, known, context))
}

/// Returns whether the copy has an override whose SEQUENCE is higher than that of the series, and
/// the message is about this instance in a revision that is not earlier than the series.
///
/// Then the organizer's object may have lost its override, so that the series describes the
/// instance again, and the copy was not updated: earlier versions of this server removed such an
/// override without a message if it agreed with the series. The message is outdated only if it was
/// also written before the override.
fn has_revision_of_series(message: &Part<'_>, known: &Part<'_>, copy: &Meeting<'_>) -> bool {
    let series = copy.master.as_ref().filter(|_| known.recurrence_id().is_some());
    series.is_some_and(|series| series.sequence() <= message.sequence())
}

/// Returns whether the message's version was written after the copy's.
fn is_later(message: &Part<'_>, known: &Part<'_>, context: &Context<'_>) -> bool {
    stamp(message) > known_stamp(known, context)
}

/// Returns whether the message's version was written before the copy's.
pub(super) fn is_earlier(message: &Part<'_>, known: &Part<'_>, context: &Context<'_>) -> bool {
    stamp(message) < known_stamp(known, context)
}

/// Returns the DTSTAMP of the copy's version; `None` if it is missing, or in the future.
fn known_stamp<'a>(known: &Part<'a>, context: &Context<'_>) -> Option<&'a str> {
    let now = utc(context.now);
    stamp(known).filter(|stamp| *stamp <= now.as_str())
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
