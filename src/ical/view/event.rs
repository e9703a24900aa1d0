//! VEVENT (RFC 5545 §3.6.1).

use super::view;
use crate::value::DateTime;

view! {
    /// An event: DTSTART, and DTEND or DURATION.
    Event, "VEVENT"
}

impl Event<'_> {
    /// DTEND, before which it ends; nothing where a DURATION says it, or nobody does.
    pub fn end(self) -> Option<DateTime> {
        self.date_time("DTEND")
    }

    /// Whether it takes none of its owner's time (RFC 5545 §3.8.2.7).
    pub fn is_transparent(self) -> bool {
        self.has_value("TRANSP", "TRANSPARENT")
    }
}
