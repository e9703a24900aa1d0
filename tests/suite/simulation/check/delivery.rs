//! Checks deliveries: each recipient receives a message once, or never if it was withdrawn; its
//! delivery is reported once; and its inbox item exists once until the recipient deletes it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use projections::ReadModels;
use schemas::{
    CollectionId, Event, ObjectEvent, PrincipalId, Recorded,
    object::{Place, Visibility},
};
use uuid::Uuid;

use crate::simulation::people::{EVERYBODY, id, name};

pub(super) fn check(journal: &[Recorded], models: &ReadModels) -> Result<(), String> {
    let mut ids = HashSet::new();
    if let Some(double) = journal.iter().find(|recorded| !ids.insert(recorded.id)) {
        return Err(format!("the event at position {} has the id of another one", double.position));
    }
    let (received, reported) = (count(journal, received), count(journal, reported));
    let withdrawn: HashSet<Uuid> = journal.iter().filter_map(withdrawn).collect();
    for recorded in journal {
        let Event::Object(ObjectEvent::MessageIssued(issued)) = &recorded.event else { continue };
        // A group has no calendar. Its members are recipients of the same message.
        let homes = issued.recipients.iter().filter_map(|recipient| recipient.principal);
        for home in homes.filter(|home| *home != id("team")) {
            let times = received.get(&(issued.message, home)).copied().unwrap_or_default();
            if times != usize::from(!withdrawn.contains(&issued.message)) {
                return Err(format!("{} received {times} times: {issued:?}", name(home)));
            }
        }
        let times = reported.get(&issued.message).copied().unwrap_or_default();
        let is_reported = issued.visibility == Visibility::Inbox && !withdrawn.contains(&issued.message);
        if times != usize::from(is_reported) {
            return Err(format!("what came of it was reported {times} times: {issued:?}"));
        }
    }
    inboxes(journal, models)
}

fn count<K: Ord, I: IntoIterator<Item = K>>(journal: &[Recorded], keys: impl Fn(&Event) -> I) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    for key in journal.iter().flat_map(|recorded| keys(&recorded.event)) {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

/// Returns the message of the event, and the refreshes that the same event delivered, each with the
/// recipient.
fn received(event: &Event) -> Vec<(Uuid, PrincipalId)> {
    let Event::Object(ObjectEvent::MessageReceived(received)) = event else { return vec![] };
    received.also.iter().chain([&received.message]).map(|message| (*message, received.home)).collect()
}

fn withdrawn(recorded: &Recorded) -> Option<Uuid> {
    let Event::Object(ObjectEvent::MessageWithdrawn(withdrawn)) = &recorded.event else { return None };
    Some(withdrawn.message)
}

fn reported(event: &Event) -> Option<Uuid> {
    let Event::Object(ObjectEvent::DeliveryReported(reported)) = event else { return None };
    Some(reported.message)
}

fn inboxes(journal: &[Recorded], models: &ReadModels) -> Result<(), String> {
    let mut expected: BTreeSet<Place> = BTreeSet::new();
    for recorded in journal {
        match &recorded.event {
            Event::Object(ObjectEvent::MessageReceived(received)) => {
                expected.extend(received.item.iter().map(|item| item.place.clone()));
            }
            Event::Object(ObjectEvent::InboxItemRemoved(removed)) => drop(expected.remove(&removed.place)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for who in EVERYBODY {
        let collection = CollectionId::derive(id(who), "inbox", 0);
        let members = models.members(collection, None, usize::from(u16::MAX)).map_err(|failure| failure.to_string())?;
        found.extend(members.into_iter().map(|member| Place { collection, name: member.name }));
    }
    if found == expected { Ok(()) } else { Err(format!("the inboxes hold {found:?} and not {expected:?}")) }
}
