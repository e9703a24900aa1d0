//! The view of VTODO (RFC 5545 §3.6.2).

use super::view;
use crate::value::DateTime;

view! {
    /// A task, which may have DTSTART, DUE and DURATION, or none of them.
    Todo, "VTODO"
}

impl Todo<'_> {
    /// Returns the task's DUE; `None` if it is missing or invalid.
    pub fn due(self) -> Option<DateTime> {
        self.date_time("DUE")
    }

    /// Returns the task's COMPLETED, the time of its completion; `None` if it is missing or
    /// invalid.
    pub fn completed(self) -> Option<DateTime> {
        self.date_time("COMPLETED")
    }

    /// Returns the task's PERCENT-COMPLETE, from 0 to 100; `None` if it is missing, invalid or
    /// outside that range.
    pub fn percent_complete(self) -> Option<u8> {
        let percent = self.integer("PERCENT-COMPLETE")?;
        u8::try_from(percent).ok().filter(|percent| *percent <= 100)
    }
}
