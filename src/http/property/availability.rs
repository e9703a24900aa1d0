//! `CALDAV:calendar-availability` (RFC 7953 §7.2.4): the times when the owner of an inbox is
//! available.

use dav::{QName, name, xml};
use ical::{Document, validate};
use projections::Collection;

/// Returns true if the text is a valid calendar object (RFC 4791 §4.1, so without METHOD) with
/// exactly one `VAVAILABILITY`. Beside it, only time zones and components of unknown types are
/// allowed.
pub(super) fn is_valid(text: &str) -> bool {
    let Ok(document) = Document::parse(text) else { return false };
    validate::calendar_object(&document).is_ok_and(|summary| summary.component == "VAVAILABILITY")
        && document.root().components_named("VAVAILABILITY").count() == 1
}

/// Returns the availability of the inbox's owner, as an iCalendar object; `None` if the owner has
/// set none.
pub fn availability(inbox: &Collection) -> Option<String> {
    let named = |wanted: &QName| {
        inbox.properties.iter().find(|property| wanted.is(&property.name.namespace, &property.name.local))
    };
    let property = named(&name::CALENDAR_AVAILABILITY).or_else(|| named(&name::DRAFT_CALENDAR_AVAILABILITY))?;
    let element = xml::parse(property.xml.as_bytes(), &xml::Limits::default()).ok()?;
    Some(element.text().into_owned())
}
