//! After answers: the other attendees' copies are brought up to date, silently (RFC 6638 §4.2).
//!
//! **Invariant:** only who shares a component with somebody else whose participation changed, and only with the components he
//! is invited to himself. Who came in by an answer is invited as anybody else.

use super::plan;
use crate::meeting::{Meeting, Slot};
use crate::people::partstat;
use crate::{Context, Draft};
use ical::{Address, Document};
use std::collections::{BTreeMap, BTreeSet};

/// Tells the other attendees silently what answers changed between `before` and `after`, and delegates that they are invited.
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
    let hidden = is.hides_guests();
    let concerns = |address: &Address, slot: Slot| {
        !hidden && changed.get(&slot).is_some_and(|who| who.iter().any(|other| *other != address))
    };
    let is_new = |address: &Address| was.guest(address).is_none();
    plan::refreshes(&is, &concerns, &is_new, context)
}
