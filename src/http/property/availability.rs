//! `CALDAV:calendar-availability` on an inbox (RFC 7953 §7.2.4): when its owner is there, for whoever asks.

use dav::{name, xml};
use ical::{Document, validate};
use projections::Collection;

/// Whether the value is an iCalendar object of one `VAVAILABILITY`, and time zones at most.
pub(super) fn is_valid(text: &str) -> bool {
    let Ok(document) = Document::parse(text) else { return false };
    validate::stored(&document).is_ok_and(|summary| summary.component == "VAVAILABILITY")
        && document.root().components_named("VAVAILABILITY").count() == 1
}

/// What the owner of an inbox has said there.
pub(crate) fn availability(inbox: &Collection) -> Option<String> {
    let wanted = name::CALENDAR_AVAILABILITY.pair();
    let is_it = |property: &&schemas::collection::Property| {
        (property.name.namespace.as_str(), property.name.local.as_str()) == wanted
    };
    let property = inbox.properties.iter().find(is_it)?;
    let element = xml::parse(property.xml.as_bytes(), &xml::Limits::default()).ok()?;
    Some(element.text().into_owned())
}
