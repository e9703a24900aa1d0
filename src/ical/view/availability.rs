//! The views of VAVAILABILITY and AVAILABLE (RFC 7953 §3.1).

use super::view;
use crate::free_busy::FreeBusyType;
use crate::value::DateTime;

view! {
    /// The availability of a calendar user, from DTSTART to DTEND or for DURATION. A missing
    /// property leaves that side without a bound.
    Availability, "VAVAILABILITY"
}

view! {
    /// A time within a VAVAILABILITY at which the calendar user is available, once or repeatedly.
    Available, "AVAILABLE"
}

impl<'a> Availability<'a> {
    /// Returns the DTEND of the availability; `None` if it is missing or invalid.
    pub fn end(self) -> Option<DateTime> {
        self.date_time("DTEND")
    }

    /// Returns the free-busy type of the time that no AVAILABLE covers. A missing or unknown
    /// BUSYTYPE means BUSY-UNAVAILABLE (RFC 7953 §3.2).
    pub fn busy_type(self) -> FreeBusyType {
        let known = [FreeBusyType::Busy, FreeBusyType::Tentative].into_iter();
        known.into_iter().find(|kind| self.has_value("BUSYTYPE", kind.as_str())).unwrap_or(FreeBusyType::Unavailable)
    }

    /// Returns the nested AVAILABLE components. Those with the same UID form a series.
    pub fn available(self) -> impl Iterator<Item = Available<'a>> {
        self.component().components().filter_map(Available::of)
    }
}

impl Available<'_> {
    /// Returns the DTEND of the available time; `None` if it is missing or invalid.
    pub fn end(self) -> Option<DateTime> {
        self.date_time("DTEND")
    }
}
