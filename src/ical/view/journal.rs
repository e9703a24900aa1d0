//! The view of VJOURNAL (RFC 5545 §3.6.3).

use super::view;
use crate::Property;
use std::borrow::Cow;

view! {
    /// A journal entry.
    Journal, "VJOURNAL"
}

impl<'a> Journal<'a> {
    /// Returns the values of all DESCRIPTION properties, decoded. A journal entry may have several.
    pub fn descriptions(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.component().properties_named("DESCRIPTION").map(Property::text)
    }
}
