//! The access control lists of a resource and of the collections above it, and their changes.

use std::fmt::Write;

use schemas::{
    CollectionEvent, Event, FileEvent, ObjectEvent, Position, Recorded, Stream, Timestamp,
    access::{AccessControlEntry, Effect, Grantee},
};

use crate::{
    Clock, Evidence, agent, foreign,
    names::NamesAt,
    reasons::{list, short_list},
    sentence::Context,
};

/// A change of an access control list.
#[derive(Debug, Clone, PartialEq)]
pub struct AclChange {
    /// Position of the event that changed the list.
    pub position: Position,
    /// When the change was decided.
    pub at: Timestamp,
    /// The person who changed the list.
    pub actor: String,
    /// The client program, in a few words; without one, the method or origin of the request.
    pub program: String,
    /// The stream of the collection or resource to which the list belongs.
    pub list: Stream,
    /// The collection or resource to which the list belongs, in words.
    pub of: String,
    /// The added entries, in words.
    pub added: Vec<String>,
    /// The removed entries, in words.
    pub removed: Vec<String>,
    /// All entries after the change.
    pub entries: Vec<AccessControlEntry>,
}

/// Returns all changes of access control lists among the events of `evidence`: changes for the
/// resource `name`, for its collection, and for the collections above. Collections are named as
/// they were at the position `at`.
pub fn changes(evidence: &Evidence, name: Option<&str>, at: Position) -> Vec<AclChange> {
    let context = Context::of(evidence);
    let mut changes: Vec<AclChange> = vec![];
    let all = evidence.collections.iter().chain(&evidence.events);
    let mut all: Vec<&Recorded> = all.collect();
    all.sort_by_key(|recorded| recorded.position);
    for recorded in all {
        let Some(entries) = entries(recorded) else { continue };
        let before = changes.iter().rfind(|change| change.list == recorded.stream);
        let before = before.map_or(&[][..], |change| &change.entries);
        let names = context.names(recorded);
        let of = match recorded.stream {
            Stream::Collection(id) => context.places.collection(id, &evidence.names.today(), at),
            _ => format!("the resource {}", foreign::quoted(name.unwrap_or_default())),
        };
        let change = AclChange {
            position: recorded.position,
            at: recorded.metadata.at,
            actor: context.actor(recorded),
            program: agent::program(&recorded.metadata.client.agent)
                .unwrap_or_else(|| foreign::identifier(&recorded.metadata.client.via)),
            added: without(entries, before, &names),
            removed: without(before, entries, &names),
            list: recorded.stream,
            of,
            entries: entries.to_vec(),
        };
        changes.push(change);
    }
    changes
}

/// Returns, in words, the entries of `list` that are not in `other`.
pub(crate) fn without(list: &[AccessControlEntry], other: &[AccessControlEntry], names: &NamesAt<'_>) -> Vec<String> {
    list.iter().filter(|entry| !other.contains(entry)).map(|entry| words(entry, names)).collect()
}

fn entries(recorded: &Recorded) -> Option<&[AccessControlEntry]> {
    match &recorded.event {
        Event::Collection(CollectionEvent::AclChanged(changed)) => Some(&changed.entries),
        Event::Object(ObjectEvent::AclChanged(changed)) => Some(&changed.entries),
        Event::File(FileEvent::AclChanged(changed)) => Some(&changed.entries),
        _ => None,
    }
}

/// Describes an entry, such as `Erin Evans may read and write`.
pub(crate) fn words(entry: &AccessControlEntry, names: &NamesAt<'_>) -> String {
    let who = match entry.to {
        Grantee::Principal(id) => names.person(id),
        Grantee::All => "everybody".to_owned(),
        Grantee::Authenticated => "everybody who has logged in".to_owned(),
        Grantee::Unauthenticated => "everybody who has not logged in".to_owned(),
        Grantee::Owner => "the owner".to_owned(),
    };
    let who = if entry.inverted { format!("everybody except {who}") } else { who };
    let verb = match entry.effect {
        Effect::Grant => "may",
        Effect::Deny => "may not",
    };
    let privileges: Vec<String> = entry.privileges.iter().map(|name| foreign::identifier(name)).collect();
    format!("{who} {verb} {}", list(&privileges))
}

/// Returns changes of access control lists as text.
pub fn text(changes: &[AclChange], clock: &Clock) -> String {
    let mut text = String::new();
    if changes.is_empty() {
        text.push_str(
            "No access control list changed. The rights of the owner and of administrators follow from \
             their accounts.\n",
        );
    }
    for change in changes {
        let AclChange { position, at, actor, program, of, added, removed, .. } = change;
        let _ = writeln!(text, "#{position}  {}  {actor}, with {program}, for {of}:", clock.long(*at));
        for (mark, entries) in [('+', added), ('-', removed)] {
            for entry in entries {
                let _ = writeln!(text, "      {mark} {entry}");
            }
        }
        if added.is_empty() && removed.is_empty() {
            let _ = writeln!(text, "      the same entries in another order");
        }
    }
    text
}

/// Returns the entries of each access control list at a position, as text.
pub fn state(changes: &[AclChange], evidence: &Evidence, at: Position) -> String {
    let mut lists: Vec<&AclChange> = vec![];
    for change in changes.iter().filter(|change| change.position <= at) {
        lists.retain(|earlier| earlier.list != change.list);
        lists.push(change);
    }
    let names = evidence.names.at(at);
    let mut text = String::new();
    for change in lists {
        let entries: Vec<String> = change.entries.iter().map(|entry| words(entry, &names)).collect();
        let entries = if entries.is_empty() { "only the owner".to_owned() } else { short_list(&entries) };
        let _ = writeln!(text, "{}: {entries} (since #{})", change.of, change.position);
    }
    if text.is_empty() {
        text.push_str("No access control list applied: only the owner and administrators had access.\n");
    }
    text
}
