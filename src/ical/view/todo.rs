//! VTODO (RFC 5545 §3.6.2).

use super::view;
use crate::value::DateTime;

view! {
    /// A task with any of DTSTART, DUE and DURATION, or none.
    Todo, "VTODO"
}

impl Todo<'_> {
    /// Returns DUE.
    pub fn due(self) -> Option<DateTime> {
        self.date_time("DUE")
    }

    /// Returns COMPLETED.
    pub fn completed(self) -> Option<DateTime> {
        self.date_time("COMPLETED")
    }

    /// Returns PERCENT-COMPLETE from 0 to 100.
    pub fn percent_complete(self) -> Option<u8> {
        let percent = self.integer("PERCENT-COMPLETE")?;
        u8::try_from(percent).ok().filter(|percent| *percent <= 100)
    }
}
