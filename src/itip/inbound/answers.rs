//! Which answer of an attendee is his latest (RFC 5546 §2.1.5).
//!
//! **Invariant:** told by what the replies themselves say, in whatever order they came. An answer is older if it was written
//! before another and answers no later revision.

use crate::meeting::{Part, Slot};
use crate::standing::is_scheduled;
use crate::times::Times;
use ical::{Address, Component, Document};
use std::collections::BTreeMap;

/// The latest reply of each attendee to each component of a meeting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers(BTreeMap<(Address, Slot), Stamp>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    sequence: i32,
    /// In UTC: as text it sorts by time.
    dtstamp: String,
}

impl Stamp {
    fn of(component: Component<'_>) -> Self {
        let dtstamp = component.property("DTSTAMP").map(|stamp| stamp.value().to_owned());
        Self { sequence: component.sequence(), dtstamp: dtstamp.unwrap_or_default() }
    }

    /// A revision that is lower and was answered later is one that took another's place: an override that was taken back.
    fn is_older_than(&self, other: &Self) -> bool {
        self.dtstamp < other.dtstamp && self.sequence <= other.sequence
    }
}

impl Answers {
    /// Remembers a REPLY that was taken in.
    pub fn note(&mut self, reply: &Document) {
        let times = Times::of(reply);
        let components = || reply.root().components().filter(|component| is_scheduled(*component));
        let series =
            components().find(|component| component.property("RECURRENCE-ID").is_none()).and_then(Component::start);
        for component in components() {
            let id = component.property("RECURRENCE-ID");
            let slot = match id.map(ical::Property::date_time) {
                None => Slot::Master,
                Some(Ok(id)) => Slot::Instance(times.instance_key(&id, series.as_ref())),
                Some(Err(_)) => continue,
            };
            let Some(address) = component.property("ATTENDEE").and_then(ical::Property::address) else { continue };
            let stamp = Stamp::of(component);
            match self.0.get(&(address.clone(), slot)) {
                Some(known) if stamp.is_older_than(known) => {}
                Some(_) | None => drop(self.0.insert((address, slot), stamp)),
            }
        }
    }

    /// Is there a later answer of this address to this component?
    pub(super) fn has_later(&self, address: &Address, slot: Slot, said: &Part<'_>) -> bool {
        self.0.get(&(address.clone(), slot)).is_some_and(|known| Stamp::of(said.component).is_older_than(known))
    }
}
