//! Clients complete a task and leave the participation status as it was.
//!
//! **Invariant:** speaks of tasks only, and only where `COMPLETED` comes or goes.

use crate::body::Body;
use crate::line::Line;
use crate::people::NEEDS_ACTION;
use ical::Component;

/// What the owner's entry has to say after a change of the component, where the client said nothing new.
pub(crate) fn implied(entry: &Line<'_>, known: &Body<'_>, component: Component<'_>) -> Option<&'static str> {
    let stands = entry.param("PARTSTAT").unwrap_or(NEEDS_ACTION).to_ascii_uppercase();
    let is_completed = component.property("COMPLETED").is_some();
    let changes = component.is("VTODO") && is_completed != known.line("COMPLETED").is_some();
    let implied = if is_completed { "COMPLETED" } else { "IN-PROCESS" };
    (changes && is_completed != (stands == "COMPLETED")).then_some(implied)
}
