//! After answers: the other attendees' copies are brought up to date, silently (RFC 6638 §4.2).
//!
//! **Invariant:** only who shares a component with somebody else whose participation changed, and only with the components he
//! is invited to himself.

use super::plan;
use crate::meeting::{Meeting, Slot};
use crate::people::partstat;
use crate::{Context, Draft};
use ical::{Address, Document};
use std::collections::{BTreeMap, BTreeSet};

/// Tells the other attendees silently what answers changed between `before` and `after`.
pub fn refresh(before: &Document, after: &Document, context: &Context<'_>) -> Vec<Draft> {
    let (was, is) = (Meeting::of(before, context), Meeting::of(after, context));
    let mut changed: BTreeMap<Slot, BTreeSet<&Address>> = BTreeMap::new();
    for (slot, part) in is.parts() {
        let known = was.at(slot);
        for guest in &part.guests {
            let before = known.and_then(|known| known.guest(&guest.address)).map(|guest| partstat(guest.property));
            if before != Some(partstat(guest.property)) {
                changed.entry(slot).or_default().insert(&guest.address);
            }
        }
    }
    let concerns =
        |address: &Address, slot: Slot| changed.get(&slot).is_some_and(|who| who.iter().any(|other| *other != address));
    plan::refreshes(&is, &concerns, context)
}
