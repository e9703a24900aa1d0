//! One collection of a home: a calendar, a plain collection, the inbox, the outbox, or the home
//! itself. **Invariant:** pure.

use schemas::{
    CollectionEvent, PrincipalId,
    access::AccessControlEntry,
    collection::{
        CollectionAclChanged, CollectionCreated, CollectionKind, CollectionMoved, CollectionPropertiesChanged,
        Property, PropertyName, Settings,
    },
    event::Nothing,
};

use crate::{Refusal, properties};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Collection {
    #[default]
    Absent,
    Existing {
        home: PrincipalId,
        kind: CollectionKind,
        properties: Vec<Property>,
        entries: Vec<AccessControlEntry>,
    },
}

#[derive(Debug, Clone)]
pub enum Command {
    Create(CollectionCreated),
    /// Removes properties, then sets properties, and changes settings (RFC 4918 §9.2).
    ChangeProperties {
        set: Vec<Property>,
        removed: Vec<PropertyName>,
        settings: Settings,
    },
    /// Replaces all entries of the ACL (RFC 3744 §8.1).
    ChangeAcl {
        entries: Vec<AccessControlEntry>,
    },
    Move {
        name: String,
    },
    Remove {
        is_default: IsDefault,
    },
}

/// States whether a calendar is the default calendar of the home, which receives the invitations
/// (RFC 6638 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsDefault {
    Yes,
    No,
}

/// Returns the events that the command causes; empty if nothing changes. A move and settings always
/// count as a change.
///
/// Returns an error if the command is refused.
pub fn decide(collection: &Collection, command: &Command) -> Result<Vec<CollectionEvent>, Refusal> {
    match (collection, command) {
        (Collection::Absent, Command::Create(created)) => {
            properties::within_limits(&created.properties)?;
            Ok(vec![CollectionEvent::Created(created.clone())])
        }
        (
            Collection::Absent,
            Command::ChangeProperties { .. }
            | Command::ChangeAcl { .. }
            | Command::Move { .. }
            | Command::Remove { .. },
        ) => Err(Refusal::NotFound),
        (Collection::Existing { .. }, Command::Create(_)) => Err(Refusal::Exists),
        (Collection::Existing { properties, .. }, Command::ChangeProperties { set, removed, settings }) => {
            change_properties(properties, set, removed, settings)
        }
        (Collection::Existing { entries, .. }, Command::ChangeAcl { entries: new }) => Ok(if entries == new {
            vec![]
        } else {
            vec![CollectionEvent::AclChanged(CollectionAclChanged { entries: new.clone() })]
        }),
        (Collection::Existing { kind, .. }, Command::Move { name }) => {
            not_the_servers(*kind)?;
            Ok(vec![CollectionEvent::Moved(CollectionMoved { name: name.clone() })])
        }
        (Collection::Existing { kind, .. }, Command::Remove { is_default }) => {
            not_the_servers(*kind)?;
            match is_default {
                IsDefault::Yes => Err(Refusal::DefaultCalendarNeeded), // RFC 6638 §4.3
                IsDefault::No => Ok(vec![CollectionEvent::Removed(Nothing {})]),
            }
        }
    }
}

/// Checks that the owner may move and remove the collection. The server provides home, inbox and
/// outbox, so these stay.
fn not_the_servers(kind: CollectionKind) -> Result<(), Refusal> {
    match kind {
        CollectionKind::Calendar | CollectionKind::Plain => Ok(()),
        CollectionKind::Home | CollectionKind::Inbox | CollectionKind::Outbox => Err(Refusal::Protected),
    }
}

fn change_properties(
    known: &[Property],
    set: &[Property],
    removed: &[PropertyName],
    settings: &Settings,
) -> Result<Vec<CollectionEvent>, Refusal> {
    let (set, removed) = properties::news(known, set, removed)?;
    if set.is_empty() && removed.is_empty() && *settings == Settings::default() {
        return Ok(vec![]);
    }
    let settings = settings.clone();
    Ok(vec![CollectionEvent::PropertiesChanged(CollectionPropertiesChanged { set, removed, settings })])
}

/// Applies an event. Never fails.
pub fn evolve(collection: Collection, event: &CollectionEvent) -> Collection {
    match (collection, event) {
        (_, CollectionEvent::Created(created)) => Collection::Existing {
            home: created.home,
            kind: created.kind,
            properties: created.properties.clone(),
            entries: vec![],
        },
        (_, CollectionEvent::Removed(_))
        | (Collection::Absent, CollectionEvent::AclChanged(_) | CollectionEvent::PropertiesChanged(_)) => {
            Collection::Absent
        }
        (Collection::Existing { home, kind, properties, .. }, CollectionEvent::AclChanged(changed)) => {
            Collection::Existing { home, kind, properties, entries: changed.entries.clone() }
        }
        (
            Collection::Existing { home, kind, mut properties, entries },
            CollectionEvent::PropertiesChanged(CollectionPropertiesChanged { set, removed, .. }),
        ) => {
            Property::change(&mut properties, set, removed);
            Collection::Existing { home, kind, properties, entries }
        }
        // The name, the path below the home, is not part of the state: a move of a collection above
        // changes it too.
        (collection, CollectionEvent::Moved(_)) => collection,
    }
}

#[cfg(test)]
mod tests {
    use schemas::{
        access::{Effect, Grantee},
        collection::Transparency,
    };
    use uuid::Uuid;

    use super::*;

    #[test]
    fn entries_are_replaced_whole_and_setting_the_same_again_does_nothing() {
        let grant = |to, privilege: &str| AccessControlEntry {
            to,
            inverted: false,
            effect: Effect::Grant,
            privileges: vec![privilege.to_owned()],
        };
        let created = CollectionCreated {
            home: PrincipalId(Uuid::nil()),
            name: "work".into(),
            kind: CollectionKind::Calendar,
            components: vec![],
            properties: vec![],
            settings: Settings::default(),
        };
        let mut collection = evolve(Collection::default(), &CollectionEvent::Created(created));
        let rows = [
            ("none before, none after", vec![], 0),
            ("the first", vec![grant(Grantee::All, "read")], 1),
            ("the same", vec![grant(Grantee::All, "read")], 0),
            ("others in their place", vec![grant(Grantee::Authenticated, "write")], 1),
            ("none any more", vec![], 1),
        ];
        for (title, entries, expected) in rows {
            let events = decide(&collection, &Command::ChangeAcl { entries }).expect(title);
            assert_eq!(events.len(), expected, "{title}");
            collection = events.iter().fold(collection, evolve);
        }
        let absent = decide(&Collection::Absent, &Command::ChangeAcl { entries: vec![] });
        assert_eq!(absent, Err(Refusal::NotFound));
    }

    fn existing(kind: CollectionKind) -> Collection {
        Collection::Existing { home: PrincipalId(Uuid::nil()), kind, properties: vec![], entries: vec![] }
    }

    #[test]
    fn only_collections_that_owners_create_are_moved_and_removed() {
        use CollectionKind::{Calendar, Home, Inbox, Outbox, Plain};
        let commands = [Command::Move { name: "new".to_owned() }, Command::Remove { is_default: IsDefault::No }];
        for (kind, is_owners) in [(Calendar, true), (Plain, true), (Home, false), (Inbox, false), (Outbox, false)] {
            for command in &commands {
                let decided = decide(&existing(kind), command);
                assert_eq!(decided == Err(Refusal::Protected), !is_owners, "{kind:?} {command:?}: {decided:?}");
            }
        }
        let default = decide(&existing(Calendar), &Command::Remove { is_default: IsDefault::Yes });
        assert_eq!(default, Err(Refusal::DefaultCalendarNeeded));
    }

    #[test]
    fn a_change_of_properties_or_settings_alone_is_stored_and_none_is_not() {
        let name = PropertyName { namespace: "urn:x".to_owned(), local: "a".to_owned() };
        let property = Property { name: name.clone(), xml: "<a xmlns=\"urn:x\"/>".to_owned() };
        let transparent = Settings { transparency: Some(Transparency::Transparent), ..Settings::default() };
        let known = Collection::Existing {
            home: PrincipalId(Uuid::nil()),
            kind: CollectionKind::Calendar,
            properties: vec![property.clone()],
            entries: vec![],
        };
        let other = Property { xml: "<a xmlns=\"urn:x\">1</a>".to_owned(), ..property.clone() };
        for (title, set, removed, settings, events) in [
            ("nothing", vec![], vec![], Settings::default(), 0),
            ("the same again", vec![property], vec![], Settings::default(), 0),
            ("another value", vec![other], vec![], Settings::default(), 1),
            ("removed", vec![], vec![name], Settings::default(), 1),
            ("a setting", vec![], vec![], transparent, 1),
        ] {
            let decided = decide(&known, &Command::ChangeProperties { set, removed, settings });
            assert_eq!(decided.expect(title).len(), events, "{title}");
        }
    }
}
