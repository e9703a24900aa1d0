//! Events as a story: each under what caused it.
//!
//! **Invariant:** every event appears once; causes stand before their effects; nothing depends on hash order.

use std::collections::{BTreeMap, HashMap};

use schemas::{Event, Fact, ObjectEvent, Position, PrincipalId, Recorded, Stream, Timestamp, object::Place};
use uuid::Uuid;

use crate::{Change, Names, change, sentence::Context};

/// What happened to one meeting, in all homes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    pub uid: String,
    /// The last title it had.
    pub title: String,
    /// Homes that ever held a copy or received a message.
    pub homes: usize,
    /// In order, effects below their causes.
    pub entries: Vec<Entry>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub position: Position,
    /// The event that made this one happen; `None`: a person did it.
    pub caused_by: Option<Position>,
    /// Causes above.
    pub depth: usize,
    pub at: Timestamp,
    /// `calendar-object-put.v1`.
    pub kind: &'static str,
    pub event: Uuid,
    pub stream: Stream,
    pub revision: u64,
    pub request: Uuid,
    /// Whose copy.
    pub owner: String,
    pub actor: String,
    /// `PUT`, `delivery` …
    pub via: String,
    pub agent: String,
    pub sentence: String,
    pub changes: Vec<Change>,
}

impl Timeline {
    /// Tells the events of one UID, given in the journal's order.
    pub fn of(uid: &str, events: &[Recorded], names: &Names) -> Self {
        let homes = homes(events);
        let context = Context { names, homes: &homes };
        let causes = causes(events);
        let told: Vec<Entry> = tell(events, &context);
        let mut owners: Vec<_> = homes.values().collect();
        owners.sort_unstable();
        owners.dedup();
        Self { uid: uid.to_owned(), title: title(events), homes: owners.len(), entries: arrange(&told, &causes) }
    }
}

fn homes(events: &[Recorded]) -> BTreeMap<Stream, PrincipalId> {
    let home = |recorded: &Recorded| match &recorded.event {
        Event::Object(event) => Some((recorded.stream, event.home()?)),
        Event::Principal(_) | Event::Collection(_) | Event::File(_) => None,
    };
    events.iter().filter_map(home).collect()
}

/// For each event the index of the one that caused it.
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

/// What the same append did first: the put before its messages, the arrival before the changed copy.
fn earlier_in_append(events: &[Recorded], index: usize) -> Option<usize> {
    let event = &events[index];
    let same_append = |other: &&usize| {
        let other = &events[**other];
        other.stream == event.stream && other.metadata == event.metadata
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

/// Every event by itself, with what it changed.
fn tell(events: &[Recorded], context: &Context<'_>) -> Vec<Entry> {
    let mut texts: BTreeMap<(Stream, Place), String> = BTreeMap::new();
    events.iter().map(|recorded| entry(recorded, &mut texts, context)).collect()
}

fn entry(recorded: &Recorded, texts: &mut BTreeMap<(Stream, Place), String>, context: &Context<'_>) -> Entry {
    let stored = match &recorded.event {
        Event::Object(ObjectEvent::Put(put)) => Some((put.place.clone(), &put.content)),
        Event::Object(ObjectEvent::Revised(revised)) => Some((revised.place.clone(), &revised.content)),
        _ => None,
    };
    let mut changes = vec![];
    let mut is_new = false;
    if let Some((place, content)) = stored {
        let before = texts.insert((recorded.stream, place), content.ics.clone());
        is_new = before.is_none();
        // A delivered copy is what the message says: told once, where a person wrote it.
        if !is_new || recorded.metadata.actor.is_some() {
            changes = change::between(before.as_deref(), &content.ics, context.names);
        }
    }
    if let Event::Object(ObjectEvent::MessageSuppressed(suppressed)) = &recorded.event {
        changes = change::between(None, &suppressed.ics, context.names); // what it would have said
    }
    moved(recorded, texts);
    let metadata = &recorded.metadata;
    Entry {
        position: recorded.position,
        caused_by: None,
        depth: 0,
        at: metadata.at,
        kind: recorded.event.kind(),
        event: recorded.id,
        stream: recorded.stream,
        revision: recorded.revision.0,
        request: metadata.request,
        owner: context.owner(recorded.stream),
        actor: context.actor(metadata),
        via: metadata.client.via.clone(),
        agent: metadata.client.agent.clone(),
        sentence: context.sentence(recorded, is_new),
        changes,
    }
}

/// Texts go with their places.
fn moved(recorded: &Recorded, texts: &mut BTreeMap<(Stream, Place), String>) {
    match &recorded.event {
        Event::Object(ObjectEvent::Moved(moved)) => {
            if let Some(text) = texts.remove(&(recorded.stream, moved.from.clone())) {
                texts.insert((recorded.stream, moved.to.clone()), text);
            }
        }
        Event::Object(ObjectEvent::Removed(removed)) => drop(texts.remove(&(recorded.stream, removed.place.clone()))),
        _ => {}
    }
}

/// Effects below their causes, otherwise in order. A stack, no recursion: chains may be long.
fn arrange(told: &[Entry], causes: &[Option<usize>]) -> Vec<Entry> {
    let mut effects: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut waiting: Vec<(usize, usize)> = vec![];
    for (index, cause) in causes.iter().enumerate() {
        match cause {
            Some(cause) => effects.entry(*cause).or_default().push(index),
            None => waiting.push((index, 0)),
        }
    }
    waiting.reverse();
    let mut arranged = Vec::with_capacity(told.len());
    while let Some((index, depth)) = waiting.pop() {
        let caused_by = causes[index].map(|cause| told[cause].position);
        arranged.push(Entry { caused_by, depth, ..told[index].clone() });
        let below = effects.remove(&index).unwrap_or_default();
        waiting.extend(below.into_iter().rev().map(|effect| (effect, depth + 1)));
    }
    arranged
}

fn title(events: &[Recorded]) -> String {
    let summary = |recorded: &Recorded| {
        let content = match &recorded.event {
            Event::Object(ObjectEvent::Put(put)) => &put.content,
            Event::Object(ObjectEvent::Revised(revised)) => &revised.content,
            _ => return None,
        };
        let document = ical::Document::parse(content.ics.as_str()).ok()?;
        let summary = document.root().components().find_map(|component| component.property("SUMMARY"))?;
        Some(summary.text().into_owned())
    };
    events.iter().rev().find_map(summary).unwrap_or_default()
}

#[cfg(test)]
mod tests;
