//! What is the attendee's own in a copy, and goes with him from one revision to the next.
//!
//! **Invariant:** nothing of it ever came from the organizer, but where the attendee has none of his own.

use crate::body::Body;
use crate::line::Line;
use ical::Property;

const OWN: [&str; 6] = ["TRANSP", "CATEGORIES", "COLOR", "CLASS", "COMPLETED", "PERCENT-COMPLETE"];

/// Whether this property is the attendee's to keep.
pub(super) fn is_own(line: &Line<'_>) -> bool {
    let sent = crate::outgoing::is_sent(line.name());
    OWN.into_iter().any(|name| line.is(name))
        || (!sent && line.name().get(..2).is_some_and(|x| x.eq_ignore_ascii_case("X-")))
}

/// Gives a new component what is the attendee's own in the one that described it before.
pub(super) fn carry<'a>(body: &mut Body<'a>, known: &Body<'a>) {
    let own: Vec<_> = known.lines.iter().filter(|line| is_own(line)).cloned().collect();
    body.lines.retain(|line| !own.iter().any(|own| own.is(line.name())));
    body.lines.extend(own);
    body.inner.retain(|inner| inner.is_shared());
    body.inner.extend(known.inner.iter().filter(|inner| !inner.is_shared()));
}

/// How the attendee's messages go to the organizer, and what came of the last (RFC 6638 §7.1, §7.3).
pub(super) fn keep_schedule(organizer: Property<'_>, line: &mut Line<'_>) {
    for name in ["SCHEDULE-AGENT", "SCHEDULE-STATUS"] {
        if let Some(value) = organizer.param(name) {
            line.set_param(name, &value);
        }
    }
}
