//! VTIMEZONE (RFC 5545 §3.6.5).

use super::view;
use crate::Property;
use crate::value::{DateTime, UtcOffset};
use std::borrow::Cow;

view! {
    /// What somebody says of a zone.
    Timezone, "VTIMEZONE"
}

view! {
    /// An offset and since when it holds: a STANDARD or a DAYLIGHT.
    Observance, "STANDARD", "DAYLIGHT"
}

impl<'a> Timezone<'a> {
    /// The name it is referred to by, without the quotation marks some clients put around it once more.
    pub fn tzid(self) -> Option<&'a str> {
        self.component().property("TZID").map(|tzid| bare(tzid.value()))
    }

    pub fn observances(self) -> impl Iterator<Item = Observance<'a>> {
        self.component().components().filter_map(Observance::of)
    }
}

impl<'a> Observance<'a> {
    pub fn is_daylight(self) -> bool {
        self.is("DAYLIGHT")
    }

    /// What holds until then.
    pub fn offset_from(self) -> Option<UtcOffset> {
        self.property("TZOFFSETFROM")?.utc_offset().ok()
    }

    /// What holds from then on.
    pub fn offset_to(self) -> Option<UtcOffset> {
        self.property("TZOFFSETTO")?.utc_offset().ok()
    }

    /// As in `CET`.
    pub fn name(self) -> Option<Cow<'a, str>> {
        self.component().property("TZNAME").map(Property::text)
    }

    /// The RDATEs that can be read.
    pub fn dates(self) -> impl Iterator<Item = DateTime> + use<'a> {
        self.component().properties_named("RDATE").filter_map(|dates| dates.date_times().ok()).flatten()
    }
}

/// As names of zones are compared.
pub(crate) fn bare(tzid: &str) -> &str {
    tzid.trim().trim_matches('"')
}
