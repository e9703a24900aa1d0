//! VJOURNAL (RFC 5545 §3.6.3).

use super::view;
use crate::Property;
use std::borrow::Cow;

view! {
    /// An entry of a journal, of the day or the time of its DTSTART.
    Journal, "VJOURNAL"
}

impl<'a> Journal<'a> {
    /// It may have several DESCRIPTIONs.
    pub fn descriptions(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.component().properties_named("DESCRIPTION").map(Property::text)
    }
}
