//! Silently updates the copies of the other attendees after a reply (RFC 6638 §4.2).
//!
//! **Invariant:** messages are sent only to attendees who share a component with somebody whose
//! participation changed, and contain only the components that they are invited to. A delegate
//! named in a reply is invited like any attendee.

use super::messages;
use crate::meeting::{ComponentKey, Meeting};
use crate::participation::partstat;
use crate::{Context, Draft};
use ical::{Address, Document};
use std::collections::{BTreeMap, BTreeSet};

/// Returns REQUESTs that write each PARTSTAT that changed between `before` and `after` into the
/// copies of the other attendees without notifying them (`Visibility::Silent`), unless the meeting
/// hides its attendees from each other; also returns invitations for new delegates.
pub fn refresh(before: &Document, after: &Document, context: &Context<'_>) -> Vec<Draft> {
    let (was, is) = (Meeting::of(before, context), Meeting::of(after, context));
    let mut changed: BTreeMap<ComponentKey, BTreeSet<&Address>> = BTreeMap::new();
    for (component_key, part) in is.parts() {
        let known = was.at(component_key);
        for attendee in &part.attendees {
            let before =
                known.and_then(|known| known.attendee(&attendee.address)).map(|attendee| partstat(attendee.property));
            if before != Some(partstat(attendee.property)) {
                changed.entry(component_key).or_default().insert(&attendee.address);
            }
        }
    }
    let hidden = is.hides_attendees();
    let concerns = |address: &Address, component_key: ComponentKey| {
        !hidden && changed.get(&component_key).is_some_and(|who| who.iter().any(|other| *other != address))
    };
    let is_new = |address: &Address| was.attendee(address).is_none();
    messages::refreshes(&is, &concerns, &is_new, context)
}
