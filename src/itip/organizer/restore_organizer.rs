//! Restores the ORGANIZER of a series if the client kept it only in an override.
//!
//! **Invariant:** a series with attendees has an ORGANIZER if one of its overrides has one. The
//! server derives further overrides from the series, and without ORGANIZER these would not belong
//! to the meeting.

use crate::line::Line;
use crate::meeting::Meeting;

/// Returns the text with ORGANIZER in the series; `None` if there is no series, if it has an
/// ORGANIZER or no attendees, or if no override has an ORGANIZER.
pub(super) fn restore(sent: &Meeting<'_>) -> Option<String> {
    let series = sent.master.as_ref()?.component;
    // RFC 5545 §3.8.4.3: a group-scheduled component must have an ORGANIZER.
    if series.property("ORGANIZER").is_some() || series.property("ATTENDEE").is_none() {
        return None;
    }
    let organizer = sent.overrides.values().find_map(|part| part.component.property("ORGANIZER"))?;
    let mut edit = sent.document.edit();
    edit.append_property(series.id(), Line::of(organizer).as_str());
    Some(edit.finish())
}
