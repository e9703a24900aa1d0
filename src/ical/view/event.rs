//! The view of VEVENT (RFC 5545 §3.6.1).

use super::view;
use crate::value::DateTime;

view! {
    /// An event.
    Event, "VEVENT"
}

impl Event<'_> {
    /// Returns the event's DTEND, which is exclusive; `None` if it is missing or invalid.
    pub fn end(self) -> Option<DateTime> {
        self.date_time("DTEND")
    }

    /// True if TRANSP is TRANSPARENT: the event does not make its owner busy (RFC 5545 §3.8.2.7).
    pub fn is_transparent(self) -> bool {
        self.has_value("TRANSP", "TRANSPARENT")
    }
}
