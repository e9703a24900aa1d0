//! VAVAILABILITY and the times in it (RFC 7953 §3.1).

use super::view;
use crate::free_busy::FreeBusyType;
use crate::value::DateTime;

view! {
    /// When somebody can be met: from DTSTART to DTEND or for DURATION; without them, ever since and for ever.
    Availability, "VAVAILABILITY"
}

view! {
    /// A time within an availability at which somebody is there, once or again and again.
    Available, "AVAILABLE"
}

impl<'a> Availability<'a> {
    /// DTEND.
    pub fn end(self) -> Option<DateTime> {
        self.date_time("DTEND")
    }

    /// What the time is that nothing makes available. RFC 7953 §3.2: what is not known is as if nothing were said.
    pub fn busy_type(self) -> FreeBusyType {
        let known = [FreeBusyType::Busy, FreeBusyType::Tentative].into_iter();
        known.into_iter().find(|kind| self.has_value("BUSYTYPE", kind.as_str())).unwrap_or(FreeBusyType::Unavailable)
    }

    /// The times in it; several with one UID are one series.
    pub fn available(self) -> impl Iterator<Item = Available<'a>> {
        self.component().components().filter_map(Available::of)
    }
}

impl Available<'_> {
    /// DTEND.
    pub fn end(self) -> Option<DateTime> {
        self.date_time("DTEND")
    }
}
