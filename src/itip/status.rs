//! Writes delivery outcomes as `SCHEDULE-STATUS` to the sender's copy (RFC 6638 §3.2.9, §7.3).
//!
//! **Invariant:** only the recipients of a message get a status, and nothing else changes.

use crate::calendar_user_role::is_scheduled;
use crate::{CalendarUserRole, Context, calendar_user_role};
use ical::{Address, Document};
use std::collections::BTreeMap;

/// Returns the copy with the outcomes of deliveries written to it as SCHEDULE-STATUS; `None` if it
/// already states them, if it names none of the recipients, or if it is not a scheduling object of
/// the owner.
///
/// `deliveries`: recipient and status code, such as `1.2`.
pub fn set_schedule_status(copy: &Document, deliveries: &[(Address, String)], context: &Context<'_>) -> Option<String> {
    // The recipients of an organizer's messages are attendees. The recipient of an attendee's
    // message is the organizer.
    let name = match calendar_user_role(copy, context.owns).ok()? {
        CalendarUserRole::NotScheduled => return None,
        CalendarUserRole::Organizer { .. } => "ATTENDEE",
        CalendarUserRole::Attendee { .. } => "ORGANIZER",
    };
    let outcomes: BTreeMap<Address, &str> =
        deliveries.iter().map(|(address, status)| ((context.canonical)(address), status.as_str())).collect();
    let mut edit = copy.edit();
    for component in copy.root().components().filter(|component| is_scheduled(*component)) {
        // Every recipient of a message gets a status, even one whose SCHEDULE-AGENT the organizer
        // has just changed: the server sent them a CANCEL (RFC 6638 §3.2.1.2, §3.2.9).
        for property in component.properties_named(name) {
            let address = property.address().map(|address| (context.canonical)(&address));
            if let Some(status) = address.and_then(|address| outcomes.get(&address)) {
                edit.set_param(property.id(), "SCHEDULE-STATUS", status);
            }
        }
    }
    (!edit.is_empty()).then(|| edit.finish())
}
