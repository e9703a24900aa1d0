//! Removes cancelled components from the calendar of a room or resource, because no person does it
//! there.
//!
//! **Invariant:** only cancelled components, and the overrides of a cancelled series, are removed.

use crate::Context;
use crate::meeting::Meeting;
use ical::Document;

/// The remainder of a copy without its cancelled components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pruned {
    /// The series, or every component, is cancelled: the copy is to be removed.
    Empty,
    /// The copy without its cancelled instances.
    Remaining(String),
    /// Nothing was cancelled.
    Unchanged,
}

/// Removes the cancelled components from a copy.
pub fn remove_cancelled(copy: &Document, context: &Context<'_>) -> Pruned {
    let meeting = Meeting::of(copy, context);
    let is_whole = meeting.master.as_ref().is_some_and(|master| master.cancelled);
    if is_whole || meeting.parts().all(|(_, part)| part.cancelled) {
        return Pruned::Empty;
    }
    let mut edit = copy.edit();
    for (key, part) in meeting.overrides.iter().filter(|(_, part)| part.cancelled) {
        edit.remove_component(part.component.id());
        let line = meeting.exclusion_as_written(*key).filter(|_| meeting.recurs_at(*key));
        if let Some((master, line)) = meeting.master.as_ref().zip(line) {
            edit.append_property(master.component.id(), line.as_str());
        }
    }
    if edit.is_empty() { Pruned::Unchanged } else { Pruned::Remaining(edit.finish()) }
}
