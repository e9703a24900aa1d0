//! The view of VFREEBUSY (RFC 5545 §3.6.4).

use super::view;
use crate::Property;
use crate::free_busy::FreeBusyType;
use crate::value::{DateTime, Period};

view! {
    /// Free-busy data, which is published, requested or replied.
    FreeBusy, "VFREEBUSY"
}

impl<'a> FreeBusy<'a> {
    /// Returns the DTEND of the free-busy data; `None` if it is missing or invalid.
    pub fn end(self) -> Option<DateTime> {
        self.date_time("DTEND")
    }

    /// Returns the periods of all valid FREEBUSY properties, each with its FBTYPE; the default is
    /// BUSY (RFC 5545 §3.2.9).
    pub fn periods(self) -> impl Iterator<Item = (FreeBusyType, Period)> + use<'a> {
        self.component().properties_named("FREEBUSY").flat_map(|property: Property<'a>| {
            let kind = property.param("FBTYPE").map_or(FreeBusyType::Busy, |kind| FreeBusyType::parse(&kind));
            property.periods().unwrap_or_default().into_iter().map(move |period| (kind, period))
        })
    }
}
