//! The views of VTIMEZONE and its observances (RFC 5545 §3.6.5).

use super::view;
use crate::value::{DateTime, UtcOffset};
use crate::{Property, unescape_text};
use std::borrow::Cow;

view! {
    /// The definition of a time zone in a document.
    Timezone, "VTIMEZONE"
}

view! {
    /// An observance, STANDARD or DAYLIGHT: an offset from UTC and the times from which it holds.
    Observance, "STANDARD", "DAYLIGHT"
}

impl<'a> Timezone<'a> {
    /// Returns the TZID in the form in which TZIDs are compared: decoded, and without the quotation
    /// marks that some clients add; `None` if it is missing.
    pub fn tzid(self) -> Option<Cow<'a, str>> {
        self.component().property("TZID").map(|tzid| bare(tzid.value()))
    }

    /// Returns the observances of the time zone.
    pub fn observances(self) -> impl Iterator<Item = Observance<'a>> {
        self.component().components().filter_map(Observance::of)
    }
}

impl<'a> Observance<'a> {
    /// True if the observance is a DAYLIGHT.
    pub fn is_daylight(self) -> bool {
        self.is("DAYLIGHT")
    }

    /// Returns TZOFFSETFROM, the offset from UTC before the observance begins; `None` if it is
    /// missing or invalid.
    pub fn offset_from(self) -> Option<UtcOffset> {
        self.property("TZOFFSETFROM")?.utc_offset().ok()
    }

    /// Returns TZOFFSETTO, the offset from UTC from the beginning of the observance on; `None` if
    /// it is missing or invalid.
    pub fn offset_to(self) -> Option<UtcOffset> {
        self.property("TZOFFSETTO")?.utc_offset().ok()
    }

    /// Returns the observance's TZNAME, such as `CET`; `None` if it is missing.
    pub fn name(self) -> Option<Cow<'a, str>> {
        self.component().property("TZNAME").map(Property::text)
    }

    /// Returns the dates of the observance's RDATEs. An RDATE with an invalid date is left out.
    pub fn dates(self) -> impl Iterator<Item = DateTime> + use<'a> {
        self.component().properties_named("RDATE").filter_map(|dates| dates.date_times().ok()).flatten()
    }
}

/// Returns a TZID in the form in which TZIDs are compared: without quotation marks and escapes.
///
/// The property TZID is a TEXT with escapes (RFC 5545 §3.8.3.1), but the parameter has no escapes
/// (§3.2.19). Clients escape both or neither, so both are decoded.
pub(crate) fn bare(tzid: &str) -> Cow<'_, str> {
    unescape_text(tzid.trim().trim_matches('"'))
}
