//! What came of deliveries becomes `SCHEDULE-STATUS` in the sender's copy (RFC 6638 §3.2.9, §7.3).
//!
//! **Invariant:** only calendar users who were sent a message have one, and nothing else changes.

use crate::people::Agent;
use crate::standing::is_scheduled;
use crate::{Context, Standing, standing};
use ical::{Address, Document};
use std::collections::BTreeMap;

/// The copy with the outcomes written to it; `None`: it says so already.
pub fn report(copy: &Document, deliveries: &[(Address, String)], context: &Context<'_>) -> Option<String> {
    // What attendees are told stands on ATTENDEE, what the organizer is told on ORGANIZER.
    let name = match standing(copy, context.owns).ok()? {
        Standing::NotScheduled => return None,
        Standing::Organizer { .. } => "ATTENDEE",
        Standing::Attendee { .. } => "ORGANIZER",
    };
    let outcomes: BTreeMap<Address, &str> =
        deliveries.iter().map(|(address, status)| ((context.same)(address), status.as_str())).collect();
    let mut edit = copy.edit();
    for component in copy.root().components().filter(|component| is_scheduled(*component)) {
        for property in component.properties_named(name).filter(|property| Agent::of(*property) == Agent::Server) {
            let address = property.address().map(|address| (context.same)(&address));
            if let Some(status) = address.and_then(|address| outcomes.get(&address)) {
                edit.set_param(property.id(), "SCHEDULE-STATUS", status);
            }
        }
    }
    (!edit.is_empty()).then(|| edit.finish())
}
