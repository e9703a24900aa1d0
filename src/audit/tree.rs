//! Arranges events as a timeline, each below its cause.
//!
//! **Invariant:** every event appears exactly once, causes come before their effects, and the order
//! does not depend on hash order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemas::{Event, ObjectEvent, Recorded};
use uuid::Uuid;

use crate::{
    Act, Entry, Fault, act,
    entry::{Detail, entries},
    evidence::Evidence,
    sentence::Context,
};

/// The history of a meeting in all homes.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// The iCalendar UID of the meeting.
    pub uid: String,
    /// The latest title of the meeting.
    pub title: String,
    /// Number of homes that ever contained a copy or received a message.
    pub homes: usize,
    /// All events, each below its cause.
    pub entries: Vec<Entry>,
    /// The acts in the order of their first events, each with all its consequences.
    pub acts: Vec<Act>,
    /// The events that were altered or cannot be read.
    pub faults: Vec<Fault>,
    /// Owners of copies that the read model does not know.
    pub unlisted: Vec<String>,
    /// The paths that the copies can have had, not percent-encoded: in the homes of their owners,
    /// with each name of their collections, and for shared calendars in the homes of sharees.
    pub paths: BTreeSet<String>,
    /// The acts that were left out by a selection.
    pub left_out: LeftOut,
}

/// A summary of the acts that a selection left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Number of acts that were left out.
    pub acts: usize,
    /// The properties and components that these acts changed; empty unless the selection asked for
    /// certain properties.
    pub changed: BTreeSet<String>,
}

impl Timeline {
    /// Creates the timeline of the events in `evidence`.
    pub fn of(evidence: &Evidence, detail: Detail) -> Self {
        let context = Context::of(evidence);
        let causes = causes(&evidence.events);
        let described = entries(&context, detail);
        let acts = act::fold(&context, &described);
        let mut owners: Vec<_> = context.homes.values().collect();
        owners.sort_unstable();
        owners.dedup();
        let places: BTreeSet<_> = described.iter().filter_map(|(_, step)| step.place).collect();
        let logins = |id| evidence.names.logins(id);
        let own = places.iter().flat_map(|place| context.places.paths(place, logins));
        let shared = places.iter().flat_map(|place| context.offers.paths(place, logins));
        let paths = own.chain(shared).collect();
        Self {
            uid: evidence.uid.clone(),
            title: title(&evidence.events),
            homes: owners.len(),
            entries: arrange(described.into_iter().map(|(entry, _)| entry).collect(), &causes),
            acts,
            faults: evidence.faults.clone(),
            unlisted: evidence.unlisted.iter().map(|stream| context.owner_of(*stream)).collect(),
            paths,
            left_out: LeftOut::default(),
        }
    }
}

/// Returns the index of each event's cause; `None` for an event whose cause is not among the
/// events, or which has none.
fn causes(events: &[Recorded]) -> Vec<Option<usize>> {
    let mut by_id: HashMap<Uuid, usize> = HashMap::new();
    let mut issued: HashMap<Uuid, usize> = HashMap::new();
    let mut causes = Vec::with_capacity(events.len());
    for (index, recorded) in events.iter().enumerate() {
        let within = earlier_in_append(events, index);
        let before = recorded.metadata.causation.and_then(|id| by_id.get(&id)).copied();
        causes.push(match &recorded.event {
            Event::Object(ObjectEvent::MessageReceived(received)) => issued.get(&received.message).copied().or(before),
            Event::Object(ObjectEvent::DeliveryReported(reported)) => issued.get(&reported.message).copied().or(before),
            _ => within.or(before),
        });
        by_id.insert(recorded.id, index);
        if let Event::Object(ObjectEvent::MessageIssued(message)) = &recorded.event {
            issued.insert(message.message, index);
        }
    }
    causes
}

/// Returns the index of the event in the same append that caused this one, such as the PUT before
/// its messages, or the arrival of a message before the changed copy; `None` if there is none.
fn earlier_in_append(events: &[Recorded], index: usize) -> Option<usize> {
    let event = &events[index];
    let same_append = |other: &&usize| {
        let other = &events[**other];
        let (one, this) = (&other.metadata, &event.metadata);
        other.stream == event.stream
            && one.request == this.request
            && one.causation == this.causation
            && one.at == this.at
    };
    let earlier: Vec<usize> = (0..index).rev().take_while(|other| same_append(&other)).collect();
    let is_cause = |other: &usize| match (&events[*other].event, &event.event) {
        (Event::Object(ObjectEvent::MessageReceived(_) | ObjectEvent::DeliveryReported(_)), _) => true,
        (Event::Object(ObjectEvent::Put(_) | ObjectEvent::Revised(_) | ObjectEvent::Removed(_)), later) => {
            is_message(later)
        }
        _ => false,
    };
    earlier.into_iter().find(is_cause)
}

fn is_message(event: &Event) -> bool {
    matches!(event, Event::Object(ObjectEvent::MessageIssued(_) | ObjectEvent::MessageSuppressed(_)))
}

/// Returns the entries with effects below their causes, otherwise in order. A stack is used instead
/// of recursion, because chains of causes may be long.
fn arrange(described: Vec<Entry>, causes: &[Option<usize>]) -> Vec<Entry> {
    let positions: Vec<_> = described.iter().map(|entry| entry.position).collect();
    let mut described: Vec<_> = described.into_iter().map(Some).collect();
    let mut effects: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut waiting: Vec<(usize, usize)> = vec![];
    for (index, cause) in causes.iter().enumerate() {
        match cause {
            Some(cause) => effects.entry(*cause).or_default().push(index),
            None => waiting.push((index, 0)),
        }
    }
    waiting.reverse();
    let mut arranged = Vec::with_capacity(described.len());
    while let Some((index, depth)) = waiting.pop() {
        let caused_by = causes[index].map(|cause| positions[cause]);
        arranged.extend(described[index].take().map(|entry| Entry { caused_by, depth, ..entry }));
        let below = effects.remove(&index).unwrap_or_default();
        waiting.extend(below.into_iter().rev().map(|effect| (effect, depth + 1)));
    }
    arranged
}

/// Returns the latest title; empty if there was none.
pub(crate) fn title(events: &[Recorded]) -> String {
    let summary = |document: ical::Document| {
        let summary = document.root().components().find_map(|component| component.property("SUMMARY"))?;
        Some(summary.text().into_owned())
    };
    documents(events).find_map(summary).unwrap_or_default()
}

/// Returns true if all components of the newest version have STATUS:CANCELLED. Its time zones do
/// not count.
pub(crate) fn is_latest_cancelled(events: &[Recorded]) -> bool {
    documents(events).next().is_some_and(|newest| newest.is_cancelled())
}

/// Returns the versions of the meeting that the events stored, newest first.
fn documents(events: &[Recorded]) -> impl Iterator<Item = ical::Document> {
    events.iter().rev().filter_map(|recorded| match &recorded.event {
        Event::Object(ObjectEvent::Put(put)) => ical::Document::parse(put.content.ics.as_str()).ok(),
        Event::Object(ObjectEvent::Revised(revised)) => ical::Document::parse(revised.content.ics.as_str()).ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
