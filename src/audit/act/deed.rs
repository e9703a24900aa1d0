//! The action of a person, in one phrase.

use schemas::{
    Event, ObjectEvent, ShareEvent,
    object::{ObjectPut, ObjectRemoved, Role},
};

use super::fold::ActEvent;
use crate::{
    Change, calendars,
    change::Class,
    foreign, names,
    reasons::{self, answered},
    sentence::{self, Context},
};

/// What a person did, as a phrase that follows their name.
#[derive(Debug)]
pub(super) struct Deed {
    pub words: String,
    /// True if an attendee answered and changed nothing else but trivial properties (see
    /// [`Class`]).
    pub is_answer: bool,
}

impl Deed {
    fn other(words: String) -> Self {
        Self { words, is_answer: false }
    }
}

/// Summarises the events that one request caused directly.
pub(super) fn of(context: &Context<'_>, direct: &[ActEvent<'_>]) -> Deed {
    if let Some(words) = between_homes(context, direct).or_else(|| taken_over(context, direct)) {
        return Deed::other(words);
    }
    let is_shown = |event: &&ActEvent<'_>| !calendars::is_shown_by_a_share(context, event.recorded, direct);
    let deeds: Vec<Deed> = direct.iter().filter(is_shown).filter_map(|event| one(context, event)).collect();
    match deeds.len() {
        0 => Deed::other("sent messages again".to_owned()),
        1 => deeds.into_iter().next().unwrap_or(Deed::other(String::new())),
        _ => {
            let mut phrases: Vec<String> = vec![];
            for deed in deeds {
                if !phrases.contains(&deed.words) {
                    phrases.push(deed.words);
                }
            }
            Deed::other(phrases.join("; "))
        }
    }
}

/// Returns the phrase for a MOVE to another home: one request stores the object in that home and
/// removes it from the earlier one. `None` for anything else.
fn between_homes(context: &Context<'_>, direct: &[ActEvent<'_>]) -> Option<String> {
    let removed = direct.iter().find(|event| matches!(event.object(), Some(ObjectEvent::Removed(_))))?;
    let stored = direct.iter().find(|event| matches!(event.object(), Some(ObjectEvent::Put(_))))?;
    let is_move = stored.recorded.metadata.client.via == "MOVE" && stored.recorded.stream != removed.recorded.stream;
    let collection = |event: &ActEvent<'_>| {
        let place = event.step.place.as_ref()?;
        Some(context.places.collection(place.collection, &context.names(event.recorded), event.recorded.position))
    };
    is_move.then(|| Some(format!("moved it from {} to {}", collection(removed)?, collection(stored)?)))?
}

/// Returns the phrase for a meeting that a new organizer takes over because the former one left;
/// `None` for anything else.
fn taken_over(context: &Context<'_>, direct: &[ActEvent<'_>]) -> Option<String> {
    let predecessor = direct.iter().find_map(|event| match event.object() {
        Some(ObjectEvent::MessageIssued(issued)) => issued.taken_over_from.as_deref(),
        _ => None,
    })?;
    let (event, place) = direct.iter().find_map(|event| match event.object() {
        Some(ObjectEvent::Put(put)) => Some((event, &put.place)),
        _ => None,
    })?;
    let names = context.names(event.recorded);
    let collection = context.places.collection(place.collection, &names, event.recorded.position);
    Some(format!(
        "handed the meeting over from its organizer {} to the owner of {collection}",
        names.address(predecessor)
    ))
}

fn one(context: &Context<'_>, event: &ActEvent<'_>) -> Option<Deed> {
    if let Event::Share(ShareEvent::PersonalDataChanged(changed)) = &event.recorded.event {
        return Some(Deed::other(context.personal_data(changed, event.recorded)));
    }
    if let Some(words) = calendars::deed(context, event.recorded) {
        return Some(Deed::other(words));
    }
    let owner = context.owner(event.recorded);
    Some(match event.object()? {
        ObjectEvent::Put(put) => stored(context, event, put),
        ObjectEvent::Removed(removed) => Deed::other(deleted(context, event, removed)),
        ObjectEvent::Moved(moved) => Deed::other(context.moved(moved, event.recorded)),
        ObjectEvent::AclChanged(_) => Deed::other(format!("changed the access control list of {owner}'s copy")),
        ObjectEvent::PropertiesChanged(changed) => {
            let set = changed.set.iter().map(|property| property.name.local.as_str());
            let names = set.chain(changed.removed.iter().map(|name| name.local.as_str()));
            let names: Vec<String> = names.map(foreign::identifier).collect();
            Deed::other(format!("changed WebDAV properties of {owner}'s copy: {}", reasons::list(&names)))
        }
        ObjectEvent::InboxItemRemoved(_) => Deed::other(format!("deleted a message from {owner}'s inbox")),
        ObjectEvent::Revised(_) => Deed::other(format!("had {owner}'s copy changed by the server")),
        ObjectEvent::MessageReceived(received) => {
            let sender = context.names(event.recorded).address(&received.sender);
            Deed::other(format!("delivered the {} of {sender} to {owner}", received.method.as_str()))
        }
        ObjectEvent::MessageIssued(_)
        | ObjectEvent::MessageSuppressed(_)
        | ObjectEvent::MessageWithdrawn(_)
        | ObjectEvent::DeliveryReported(_) => {
            return None;
        }
    })
}

fn stored(context: &Context<'_>, event: &ActEvent<'_>, put: &ObjectPut) -> Deed {
    let recorded = event.recorded;
    let collection = context.places.collection(put.place.collection, &context.names(recorded), recorded.position);
    if put.imported.is_some() {
        return Deed::other(sentence::imported(put, &collection));
    }
    if let Some(restored) = context.restored(recorded) {
        let was = sentence::as_it_was(Some(restored));
        return Deed::other(format!("put it back into {collection}{was}"));
    }
    if event.step.before.is_none() {
        let verb = if recorded.metadata.client.via == "COPY" { "copied it into" } else { "stored it in" };
        return Deed::other(format!("{verb} {collection}"));
    }
    if let Some(words) = answer(context, event, put) {
        return words;
    }
    let is_changed = event.entry.changes.iter().any(|change| change.class != Class::Trivial);
    let verb = if is_changed { "changed it in" } else { "stored it again, without a significant change, in" };
    Deed::other(format!("{verb} {collection}"))
}

/// Returns the phrase for the answer of an attendee, whose own PARTSTAT changed; `None` for
/// anything else.
fn answer(context: &Context<'_>, event: &ActEvent<'_>, put: &ObjectPut) -> Option<Deed> {
    if put.content.role != Role::Attendee {
        return None;
    }
    let is_own = |change: &&Change| {
        let whose = change.whose.as_deref().and_then(|whose| context.evidence.names.principal(whose));
        change.property == "PARTSTAT" && whose == Some(put.home)
    };
    let own: Vec<&Change> = event.entry.changes.iter().filter(is_own).collect();
    let first = own.first()?;
    let (before, after) = (first.before.as_ref()?.for_programs(), first.after.as_ref()?.for_programs());
    let verb = answered(&after).map_or_else(|| format!("answered {}", foreign::identifier(&after)), str::to_owned);
    let which = match own.iter().filter_map(|change| change.instance.as_ref()).collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [one] => format!(" for {}", crate::moment::value(one)),
        several => format!(" for {} instances", several.len()),
    };
    let is_only = |change: &Change| change.class == Class::Trivial || is_own(&change);
    let was = answered(&before).map_or("no answer", |word| word);
    let words = format!("{verb}{which} (before: {was})");
    Some(Deed { words, is_answer: event.entry.changes.iter().all(is_only) })
}

fn deleted(context: &Context<'_>, event: &ActEvent<'_>, removed: &ObjectRemoved) -> String {
    let recorded = event.recorded;
    let names = context.names(recorded);
    let collection = context.places.collection(removed.place.collection, &names, recorded.position);
    if context.places.removed_by(removed.place.collection, recorded.metadata.request).is_some() {
        let also = if context.evidence.uid.is_empty() { "" } else { ", this too" };
        return format!("removed {collection} with everything in it{also}");
    }
    let what = match event.step.before.map(|content| content.role) {
        Some(Role::Organizer) => "cancelled the meeting by deleting it from",
        Some(Role::Attendee) => "deleted their copy from",
        Some(Role::None) | None => "deleted it from",
    };
    if names::is_foreign(&recorded.metadata, removed.home) && what.starts_with("deleted their") {
        return format!("deleted the copy from {collection}");
    }
    format!("{what} {collection}{}", sentence::as_it_was(context.restored(recorded)))
}
