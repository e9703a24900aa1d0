//! VTODO (RFC 5545 §3.6.2).

use super::view;
use crate::value::DateTime;

view! {
    /// A task: any of DTSTART, DUE, DURATION, or none.
    Todo, "VTODO"
}

impl Todo<'_> {
    pub fn due(self) -> Option<DateTime> {
        self.date_time("DUE")
    }

    /// When it was done.
    pub fn completed(self) -> Option<DateTime> {
        self.date_time("COMPLETED")
    }

    /// From 0 to 100.
    pub fn percent_complete(self) -> Option<u8> {
        let percent = self.integer("PERCENT-COMPLETE")?;
        u8::try_from(percent).ok().filter(|percent| *percent <= 100)
    }
}
