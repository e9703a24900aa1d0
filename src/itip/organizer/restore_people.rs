//! Restores organizer and attendees of a task that a client without support for them stored.
//!
//! **Invariant:** this applies to tasks only, and only if no ORGANIZER or ATTENDEE is left. An
//! organizer who removes both from an event makes it private (RFC 6638 §3.2.3.1).

use crate::line::Line;
use crate::meeting::Meeting;
use crate::{Context, task_progress};
use ical::Document;

const PEOPLE: [&str; 2] = ["ORGANIZER", "ATTENDEE"];

/// Returns the task with its organizer and attendees restored; `None` if the text is no task, if an
/// ORGANIZER or ATTENDEE is left, or if the client added an instance.
pub(super) fn restore(was: &Meeting<'_>, after: &Document, context: &Context<'_>) -> Option<String> {
    let sent = Meeting::of(after, context);
    let is_bare = |component: ical::Component<'_>| PEOPLE.iter().all(|name| component.property(name).is_none());
    if !sent.parts().all(|(_, part)| part.component.is("VTODO") && is_bare(part.component)) {
        return None;
    }
    let mut edit = after.edit();
    for (component_key, part) in sent.parts() {
        let known = was.body_at(component_key)?;
        for line in known.lines.iter().filter(|line| PEOPLE.iter().any(|name| line.is(name))) {
            let mut line = line.clone();
            let implied = task_progress::implied(&line, &known, part.component);
            if let Some(partstat) = implied.filter(|_| line.is("ATTENDEE") && is_owners(&line, context)) {
                line.set_param("PARTSTAT", partstat);
            }
            edit.append_property(part.component.id(), line.as_str());
        }
    }
    (!edit.is_empty()).then(|| edit.finish())
}

fn is_owners(line: &Line<'_>, context: &Context<'_>) -> bool {
    line.address().is_some_and(|address| (context.owns)(&address))
}
