//! Derives `PARTSTAT` for clients that complete or reopen a task and leave `PARTSTAT` unchanged.
//!
//! **Invariant:** this applies to tasks only, and only when the client adds or removes `COMPLETED`.

use crate::body::Body;
use crate::line::Line;
use crate::participation::NEEDS_ACTION;
use ical::Component;

/// Returns the `PARTSTAT` that follows from adding or removing `COMPLETED`; `None` if the client
/// did neither, or if `PARTSTAT` agrees already.
pub(crate) fn implied(entry: &Line<'_>, known: &Body<'_>, component: Component<'_>) -> Option<&'static str> {
    let stands = entry.param("PARTSTAT").unwrap_or(NEEDS_ACTION).to_ascii_uppercase();
    let is_completed = component.property("COMPLETED").is_some();
    let changes = component.is("VTODO") && is_completed != known.line("COMPLETED").is_some();
    let implied = if is_completed { "COMPLETED" } else { "IN-PROCESS" };
    (changes && is_completed != (stands == "COMPLETED")).then_some(implied)
}
