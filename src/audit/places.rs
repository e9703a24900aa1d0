//! The paths of resources, with the names of that time.

use std::collections::BTreeMap;

use projections::SEPARATOR;
use schemas::{
    CollectionEvent, CollectionId, Event, Position, PrincipalId, Recorded, Stream, Timestamp,
    collection::{CollectionKind, DISPLAY_NAME, Property},
    object::Place,
};
use uuid::Uuid;

use crate::{foreign, names::NamesAt};

/// Collections by identity, each with its names from positions on.
#[derive(Debug, Default)]
pub(crate) struct Places {
    known: BTreeMap<CollectionId, Known>,
}

#[derive(Debug)]
struct Known {
    home: PrincipalId,
    kind: CollectionKind,
    /// Path below the home.
    names: BTreeMap<Position, String>,
    /// `DAV:displayname`.
    titles: BTreeMap<Position, String>,
    /// All its removals: a collection of the same name may be created again.
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
                kind: created.kind,
                names: BTreeMap::new(),
                titles: BTreeMap::new(),
                removals: vec![],
            });
            known.names.insert(position, created.name.clone());
            known.titles.extend(title(&created.properties).map(|title| (position, title)));
        }
        if let CollectionEvent::Moved(moved) = event {
            self.rename(id, &moved.name, position);
        }
        let Some(known) = self.known.get_mut(&id) else { return };
        match event {
            CollectionEvent::PropertiesChanged(changed) => {
                known.titles.extend(title(&changed.set).map(|title| (position, title)));
            }
            CollectionEvent::Removed(_) => {
                let (request, at) = (recorded.metadata.request, recorded.metadata.at);
                known.removals.push(Removal { position, request, at });
            }
            CollectionEvent::Created(_) | CollectionEvent::Moved(_) | CollectionEvent::AclChanged(_) => {}
        }
    }

    /// Gives a collection another path, and those below it with it.
    fn rename(&mut self, id: CollectionId, name: &str, position: Position) {
        let moved: Vec<(CollectionId, String)> =
            self.known.keys().filter_map(|other| Some((*other, self.rest(id, *other, position)?))).collect();
        for (other, rest) in moved {
            if let Some(known) = self.known.get_mut(&other) {
                known.names.insert(position, format!("{name}{rest}"));
            }
        }
    }

    /// Returns what the path of `other` has after that of `id`: nothing for the collection itself;
    /// `None` if it is not below.
    fn rest(&self, id: CollectionId, other: CollectionId, at: Position) -> Option<String> {
        let (above, below) = (self.known.get(&id)?, self.known.get(&other)?);
        if above.home != below.home {
            return None;
        }
        let (above, below) = (above.name_at(at)?, below.name_at(at)?);
        let rest = below.strip_prefix(above)?;
        (rest.is_empty() || above.is_empty() || rest.starts_with(SEPARATOR)).then(|| rest.to_owned())
    }

    /// Returns true for the collection itself, and for one that it lay in at a position.
    pub(crate) fn is_within(&self, id: CollectionId, above: CollectionId, at: Position) -> bool {
        self.rest(above, id, at).is_some()
    }

    /// Returns the path below its home that a collection had at a position; `None` for an unknown
    /// one.
    pub(crate) fn name(&self, id: CollectionId, at: Position) -> Option<&str> {
        self.known.get(&id)?.name_at(at).map(String::as_str)
    }

    /// Returns the owner of the home of a collection.
    pub(crate) fn home(&self, id: CollectionId) -> Option<PrincipalId> {
        self.known.get(&id).map(|known| known.home)
    }

    /// Returns `Alice Ames's calendar “Work”`, in the names of the time; without the name of a
    /// calendar that is its owner's.
    pub(crate) fn collection(&self, id: CollectionId, names: &NamesAt<'_>, position: Position) -> String {
        let Some(known) = self.known.get(&id) else { return "a collection".to_owned() };
        let owner = names.person(known.home);
        let kind = match known.kind {
            CollectionKind::Home => return format!("{owner}'s home"),
            CollectionKind::Inbox => return format!("{owner}'s inbox"),
            CollectionKind::Outbox => return format!("{owner}'s outbox"),
            CollectionKind::Calendar => "calendar",
            CollectionKind::Plain => "folder",
        };
        let then = |all: &BTreeMap<Position, String>| all.range(..=position).next_back().map(|(_, name)| name.clone());
        let name = then(&known.titles).or_else(|| then(&known.names)).unwrap_or_default();
        if name == owner { format!("{owner}'s {kind}") } else { format!("{owner}'s {kind} {}", foreign::quoted(&name)) }
    }

    /// Returns the removal of the collection by a request; `None` if that request did not remove
    /// it.
    pub(crate) fn removed_by(&self, id: CollectionId, request: Uuid) -> Option<Removal> {
        self.known.get(&id)?.removals.iter().find(|removal| removal.request == request).copied()
    }

    /// Returns the path of a resource as clients ask for it; `None` if its collection is unknown.
    /// Not percent-encoded.
    pub(crate) fn path(&self, place: &Place, login: impl Fn(PrincipalId) -> Option<String>) -> Option<String> {
        let known = self.known.get(&place.collection)?;
        let name = known.names.values().next_back()?;
        let owner = login(known.home)?;
        Some(format!("/calendars/{owner}/{name}/{}", place.name))
    }
}

impl Known {
    fn name_at(&self, at: Position) -> Option<&String> {
        self.names.range(..=at).next_back().map(|(_, name)| name)
    }
}

/// The name that people see.
fn title(properties: &[Property]) -> Option<String> {
    Property::text(properties, DISPLAY_NAME)
}
