//! Restores the ORGANIZER of a series whose client kept it in an override only.
//!
//! **Invariant:** the series names the organizer whom its overrides name. The server derives
//! overrides from the series, and without it would cut the meeting off from its attendees.

use crate::line::Line;
use crate::meeting::Meeting;

/// Returns the text with the ORGANIZER in the series; `None` if the series has it, or invites
/// nobody.
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
