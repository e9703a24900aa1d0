//! What is cancelled goes from a calendar that nobody looks at: a room's.
//!
//! **Invariant:** takes away what shows as cancelled and nothing else.

use crate::Context;
use crate::meeting::Meeting;
use ical::Document;

/// What is left of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tidied {
    /// Nothing.
    Gone,
    /// The copy without its cancelled instances.
    Left(String),
    /// There was nothing to take away.
    AsItWas,
}

/// Takes what is cancelled out of a copy.
pub fn tidy(copy: &Document, context: &Context<'_>) -> Tidied {
    let meeting = Meeting::of(copy, context);
    let is_whole = meeting.master.as_ref().is_some_and(|master| master.cancelled);
    if is_whole || meeting.parts().all(|(_, part)| part.cancelled) {
        return Tidied::Gone;
    }
    let mut edit = copy.edit();
    for (key, part) in meeting.overrides.iter().filter(|(_, part)| part.cancelled) {
        edit.remove_component(part.component.id());
        let line = meeting.exclusion_as_written(*key).filter(|_| meeting.recurs_at(*key));
        if let Some((master, line)) = meeting.master.as_ref().zip(line) {
            edit.append_property(master.component.id(), line.as_str());
        }
    }
    if edit.is_empty() { Tidied::AsItWas } else { Tidied::Left(edit.finish()) }
}
