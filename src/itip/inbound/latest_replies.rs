//! The latest reply of each attendee (RFC 5546 §2.1.5).
//!
//! **Invariant:** the order of arrival does not matter. A reply is older than another if its DTSTAMP is earlier and it
//! answers no later revision.

use crate::calendar_user_role::is_scheduled;
use crate::meeting::{ComponentKey, Part};
use crate::times::Times;
use ical::{Address, Component, Document};
use std::collections::BTreeMap;

/// The latest reply of each attendee to each component of a meeting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LatestReplies(BTreeMap<(Address, ComponentKey), ReplyVersion>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct ReplyVersion {
    sequence: i32,
    /// In UTC, so that text order is time order.
    dtstamp: String,
}

impl ReplyVersion {
    fn of(component: Component<'_>) -> Self {
        let dtstamp = component.property("DTSTAMP").map(|stamp| stamp.value().to_owned());
        Self { sequence: component.sequence(), dtstamp: dtstamp.unwrap_or_default() }
    }

    /// A later reply to a lower SEQUENCE is newer: the organizer removed an override, and the series describes the
    /// instance again.
    fn is_older_than(&self, other: &Self) -> bool {
        self.dtstamp < other.dtstamp && self.sequence <= other.sequence
    }
}

impl LatestReplies {
    /// Records a REPLY that was applied.
    pub fn record(&mut self, reply: &Document) {
        let times = Times::of(reply);
        let components = || reply.root().components().filter(|component| is_scheduled(*component));
        let series =
            components().find(|component| component.property("RECURRENCE-ID").is_none()).and_then(Component::start);
        for component in components() {
            let id = component.property("RECURRENCE-ID");
            let component_key = match id.map(ical::Property::date_time) {
                None => ComponentKey::Master,
                Some(Ok(id)) => ComponentKey::Instance(times.instance_key(&id, series.as_ref())),
                Some(Err(_)) => continue,
            };
            let Some(address) = component.property("ATTENDEE").and_then(ical::Property::address) else { continue };
            let stamp = ReplyVersion::of(component);
            match self.0.get(&(address.clone(), component_key)) {
                Some(known) if stamp.is_older_than(known) => {}
                Some(_) | None => drop(self.0.insert((address, component_key), stamp)),
            }
        }
    }

    /// Returns whether this address sent a later reply about this component.
    pub(super) fn has_later(&self, address: &Address, component_key: ComponentKey, said: &Part<'_>) -> bool {
        self.0
            .get(&(address.clone(), component_key))
            .is_some_and(|known| ReplyVersion::of(said.component).is_older_than(known))
    }
}
