//! The paths and names of collections, as they were at the time of an event.

use std::collections::{BTreeMap, BTreeSet};

use projections::SEPARATOR;
use schemas::{
    CollectionEvent, CollectionId, Event, Position, PrincipalId, Recorded, Stream, Timestamp,
    collection::{CollectionKind, DISPLAY_NAME, Property},
    object::Place,
};
use uuid::Uuid;

use crate::{calendars, foreign, names::NamesAt};

/// Collections by id, each with its names by the position from which they apply.
#[derive(Debug, Default)]
pub(crate) struct Places {
    known: BTreeMap<CollectionId, Known>,
}

#[derive(Debug)]
struct Known {
    home: PrincipalId,
    /// The kind, by the position of each creation.
    kinds: BTreeMap<Position, CollectionKind>,
    /// The path below the home, by the position from which it applies.
    names: BTreeMap<Position, String>,
    /// `DAV:displayname`, by the position of the event that set it; `None` from where on there is
    /// none.
    titles: BTreeMap<Position, Option<String>>,
    /// All removals of the collection. A collection of the same name can be created again, with the
    /// same id.
    removals: Vec<Removal>,
}

/// The removal of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Removal {
    pub position: Position,
    pub request: Uuid,
    pub at: Timestamp,
}

impl Places {
    pub(crate) fn of(events: &[Recorded]) -> Self {
        let mut places = Self::default();
        let mut in_order: Vec<&Recorded> = events.iter().collect();
        in_order.sort_by_key(|recorded| recorded.position);
        for recorded in in_order {
            let (Stream::Collection(id), Event::Collection(event)) = (recorded.stream, &recorded.event) else {
                continue;
            };
            places.learn(id, event, recorded);
        }
        places
    }

    fn learn(&mut self, id: CollectionId, event: &CollectionEvent, recorded: &Recorded) {
        let position = recorded.position;
        if let CollectionEvent::Created(created) = event {
            let known = self.known.entry(id).or_insert_with(|| Known {
                home: created.home,
                kinds: BTreeMap::new(),
                names: BTreeMap::new(),
                titles: BTreeMap::new(),
                removals: vec![],
            });
            known.names.insert(position, created.name.clone());
            known.kinds.insert(position, created.kind);
            known.titles.insert(position, title(&created.properties));
        }
        if let CollectionEvent::Moved(moved) = event {
            self.rename(id, &moved.name, position);
        }
        let Some(known) = self.known.get_mut(&id) else { return };
        match event {
            CollectionEvent::PropertiesChanged(changed) if calendars::is_titled(changed) => {
                known.titles.insert(position, title(&changed.set));
            }
            CollectionEvent::Removed(_) => {
                let (request, at) = (recorded.metadata.request, recorded.metadata.at);
                known.removals.push(Removal { position, request, at });
            }
            CollectionEvent::Created(_)
            | CollectionEvent::PropertiesChanged(_)
            | CollectionEvent::Moved(_)
            | CollectionEvent::AclChanged(_) => {}
        }
    }

    /// Gives a collection a new path, and also changes the paths of the collections below it.
    fn rename(&mut self, id: CollectionId, name: &str, position: Position) {
        let moved: Vec<(CollectionId, String)> =
            self.known.keys().filter_map(|other| Some((*other, self.rest(id, *other, position)?))).collect();
        for (other, rest) in moved {
            if let Some(known) = self.known.get_mut(&other) {
                known.names.insert(position, format!("{name}{rest}"));
            }
        }
    }

    /// Returns the rest of the path of `other` after the path of `id`; empty if both are the same
    /// collection. Returns `None` if `other` is not below `id`.
    fn rest(&self, id: CollectionId, other: CollectionId, at: Position) -> Option<String> {
        let (above, below) = (self.known.get(&id)?, self.known.get(&other)?);
        if above.home != below.home {
            return None;
        }
        let (above, below) = (above.name_at(at)?, below.name_at(at)?);
        let rest = below.strip_prefix(above)?;
        (rest.is_empty() || above.is_empty() || rest.starts_with(SEPARATOR)).then(|| rest.to_owned())
    }

    /// Returns true if `above` is the collection `id` itself, or contained it at a position.
    pub(crate) fn is_within(&self, id: CollectionId, above: CollectionId, at: Position) -> bool {
        self.rest(above, id, at).is_some()
    }

    /// Returns the path below its home that a collection had at a position; `None` if it is
    /// unknown.
    pub(crate) fn name(&self, id: CollectionId, at: Position) -> Option<&str> {
        self.known.get(&id)?.name_at(at).map(String::as_str)
    }

    /// Returns the owner of the home that contains a collection; `None` if the collection is
    /// unknown.
    pub(crate) fn home(&self, id: CollectionId) -> Option<PrincipalId> {
        self.known.get(&id).map(|known| known.home)
    }

    /// Describes a collection as it was called at a position, such as `Alice Ames's calendar
    /// “Work”`. A name that equals the owner's name is left out.
    pub(crate) fn collection(&self, id: CollectionId, names: &NamesAt<'_>, position: Position) -> String {
        let Some(known) = self.known.get(&id) else { return "a collection".to_owned() };
        let owner = names.person(known.home);
        let kind = match known.kind_at(position) {
            CollectionKind::Home => return format!("{owner}'s home"),
            CollectionKind::Inbox => return format!("{owner}'s inbox"),
            CollectionKind::Outbox => return format!("{owner}'s outbox"),
            CollectionKind::Calendar => "calendar",
            CollectionKind::Plain => "folder",
        };
        let title = known.titles.range(..=position).next_back().and_then(|(_, title)| title.as_ref());
        let name = title.or_else(|| known.name_at(position)).cloned().unwrap_or_default();
        if name == owner { format!("{owner}'s {kind}") } else { format!("{owner}'s {kind} {}", foreign::quoted(&name)) }
    }

    /// Returns the removal of a collection by a given request; `None` if that request did not
    /// remove it.
    pub(crate) fn removed_by(&self, id: CollectionId, request: Uuid) -> Option<Removal> {
        self.known.get(&id)?.removals.iter().find(|removal| removal.request == request).copied()
    }

    /// Returns all paths that a resource can have had, not percent-encoded: with each name of its
    /// collection, and with each login of the owner that `logins` returns.
    pub(crate) fn paths(&self, place: &Place, logins: impl Fn(PrincipalId) -> Vec<String>) -> Vec<String> {
        let Some(known) = self.known.get(&place.collection) else { return vec![] };
        let owners = logins(known.home);
        let path = |owner: &String, name: &String| format!("/calendars/{owner}/{name}/{}", place.name);
        let names: BTreeSet<&String> = known.names.values().collect();
        names.iter().flat_map(|name| owners.iter().map(|owner| path(owner, name))).collect()
    }

    /// Returns the path of a resource, not percent-encoded, with the latest names of its collection
    /// and its owner. Returns `None` if the collection or the owner's login is unknown.
    pub(crate) fn path(&self, place: &Place, login: impl Fn(PrincipalId) -> Option<String>) -> Option<String> {
        let known = self.known.get(&place.collection)?;
        let name = known.names.values().next_back()?;
        let owner = login(known.home)?;
        Some(format!("/calendars/{owner}/{name}/{}", place.name))
    }
}

impl Known {
    /// Returns the kind at a position; before the first creation that is known, the kind of that.
    fn kind_at(&self, at: Position) -> CollectionKind {
        let then = self.kinds.range(..=at).next_back().or_else(|| self.kinds.first_key_value());
        then.map_or(CollectionKind::Plain, |(_, kind)| *kind)
    }

    fn name_at(&self, at: Position) -> Option<&String> {
        self.names.range(..=at).next_back().map(|(_, name)| name)
    }
}

/// Returns the display name of a collection; `None` if it has none.
fn title(properties: &[Property]) -> Option<String> {
    Property::text(properties, DISPLAY_NAME)
}
