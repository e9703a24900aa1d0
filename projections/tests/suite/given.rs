//! Stories for tests: events in the journal's order, and read models to which they were applied.

use std::{ops::Deref, path::Path};

use projections::{Projector, ReadModels};
use schemas::{
    CollectionEvent, CollectionId, Event, Hash, Metadata, ObjectEvent, ObjectId, Position, PrincipalId, Recorded,
    Revision, Stream, Timestamp,
    collection::{CollectionCreated, CollectionKind, CollectionMoved, Settings},
    event::Nothing,
    object::{
        Content, InboxItem, InboxItemRemoved, MessageReceived, Method, ObjectMoved, ObjectPut, ObjectRemoved, Outcome,
        Place, Role,
    },
};
use tempfile::TempDir;
use uuid::Uuid;

/// The difference between two positions. Positions are opaque: they begin anywhere and have gaps.
const STEP: u64 = 10;
/// 2026-01-05T12:00:00Z in seconds since the epoch: the beginning of every story. Each event is one
/// second later than the one before it.
pub(crate) const BEGINNING: i64 = 1_767_614_400;

pub(crate) fn anna() -> PrincipalId {
    PrincipalId(Uuid::from_u128(0xa))
}

pub(crate) fn calendar(name: &str) -> CollectionId {
    CollectionId::derive(anna(), name, 0)
}

pub(crate) fn place(collection: &str, name: &str) -> Place {
    Place { collection: calendar(collection), name: name.to_owned() }
}

pub(crate) fn object(uid: &str) -> ObjectId {
    ObjectId::derive(anna(), uid)
}

pub(crate) fn content(ics: &str) -> Content {
    Content {
        ics: ics.to_owned(),
        etag: format!("etag of {ics}"),
        schedule_tag: Some(format!("tag of {ics}")),
        role: Role::Organizer,
    }
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Story {
    pub events: Vec<Recorded>,
}

impl Story {
    /// Creates a story with Anna's calendars `work` and `private`, at positions 10 and 20.
    pub(crate) fn of_two_calendars() -> Self {
        Self::default().create("work", CollectionKind::Calendar).create("private", CollectionKind::Calendar)
    }

    pub(crate) fn then(mut self, stream: Stream, event: Event) -> Self {
        let number = self.events.len() as u64 + 1;
        let id = Uuid::from_u128(u128::from(number));
        self.events.push(Recorded {
            position: Position(number * STEP),
            stream,
            revision: Revision(0),
            id,
            event,
            metadata: Metadata {
                at: Timestamp::from_seconds(BEGINNING + i64::try_from(number).unwrap()),
                actor: Some(anna()),
                request: id,
                correlation: id,
                ..Metadata::default()
            },
            hash: Hash::default(),
        });
        self
    }

    pub(crate) fn last(&self) -> Position {
        self.events.last().unwrap().position
    }

    pub(crate) fn create(self, name: &str, kind: CollectionKind) -> Self {
        let created = CollectionCreated {
            home: anna(),
            name: name.to_owned(),
            kind,
            components: vec![],
            properties: vec![],
            settings: Settings::default(),
        };
        self.then(Stream::Collection(calendar(name)), Event::Collection(CollectionEvent::Created(created)))
    }

    pub(crate) fn rename(self, first_name: &str, name: &str) -> Self {
        let moved = CollectionMoved { name: name.to_owned() };
        self.then(Stream::Collection(calendar(first_name)), Event::Collection(CollectionEvent::Moved(moved)))
    }

    pub(crate) fn remove_collection(self, first_name: &str) -> Self {
        self.then(Stream::Collection(calendar(first_name)), Event::Collection(CollectionEvent::Removed(Nothing {})))
    }

    pub(crate) fn put(self, collection: &str, name: &str, uid: &str, ics: &str) -> Self {
        let put = ObjectPut {
            home: anna(),
            place: place(collection, name),
            uid: uid.to_owned(),
            component: "VEVENT".to_owned(),
            content: content(ics),
            sent: None,
            edits: vec![],
            imported: None,
            copied: None,
        };
        self.then(Stream::Object(object(uid)), Event::Object(ObjectEvent::Put(put)))
    }

    pub(crate) fn shift(self, uid: &str, from: (&str, &str), to: (&str, &str)) -> Self {
        let moved = ObjectMoved {
            home: None,
            uid: None,
            from: place(from.0, from.1),
            to: place(to.0, to.1),
            schedule_tag: None,
        };
        self.then(Stream::Object(object(uid)), Event::Object(ObjectEvent::Moved(moved)))
    }

    pub(crate) fn remove(self, collection: &str, name: &str, uid: &str) -> Self {
        let removed = ObjectRemoved { home: None, uid: None, place: place(collection, name) };
        self.then(Stream::Object(object(uid)), Event::Object(ObjectEvent::Removed(removed)))
    }

    pub(crate) fn receive(self, name: Option<&str>, uid: &str, ics: &str) -> Self {
        let item = name.map(|name| InboxItem {
            place: place("inbox", name),
            component: "VEVENT".to_owned(),
            ics: ics.to_owned(),
            etag: format!("etag of {ics}"),
        });
        let received = MessageReceived {
            message: Uuid::from_u128(7),
            also: vec![],
            home: anna(),
            method: Method::Request,
            uid: uid.to_owned(),
            sender: "mailto:bob@example.com".to_owned(),
            outcome: Outcome::Applied,
            item,
            answers: None,
        };
        self.then(Stream::Object(object(uid)), Event::Object(ObjectEvent::MessageReceived(received)))
    }

    pub(crate) fn dismiss(self, name: &str, uid: &str) -> Self {
        let removed = InboxItemRemoved { home: None, uid: None, place: place("inbox", name) };
        self.then(Stream::Object(object(uid)), Event::Object(ObjectEvent::InboxItemRemoved(removed)))
    }

    /// Returns read models to which the events were applied one by one.
    pub(crate) fn live(&self) -> Models {
        let mut models = Models::empty();
        for event in &self.events {
            models.projector.apply(std::slice::from_ref(event)).unwrap();
        }
        models
    }

    /// Returns read models to which all events were applied at once.
    pub(crate) fn replayed(&self) -> Models {
        let mut models = Models::empty();
        models.projector.apply(&self.events).unwrap();
        models
    }

    /// Returns read models to which half of the events were applied. Then they were closed and
    /// opened again, and all events were applied.
    pub(crate) fn resumed(&self) -> Models {
        let mut half = Models::empty();
        half.projector.apply(&self.events[..self.events.len() / 2]).unwrap();
        let mut models = half.again();
        models.projector.apply(&self.events).unwrap();
        models
    }

    /// Calls `ask` with each of these three.
    pub(crate) fn with_each(&self, ask: impl Fn(&ReadModels)) {
        for models in [self.live(), self.replayed(), self.resumed()] {
            assert_eq!(models.position(), self.last());
            ask(&models);
        }
    }
}

/// Read models in a temporary folder, which is deleted together with them.
pub(crate) struct Models {
    served: ReadModels,
    pub projector: Projector,
    folder: TempDir,
}

impl Models {
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (served, projector) = ReadModels::open(folder.path()).unwrap();
        Self { served, projector, folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Closes the read models and returns the folder with their files.
    pub(crate) fn close(self) -> TempDir {
        let Self { folder, .. } = self;
        folder
    }

    /// Opens the read models in a folder.
    pub(crate) fn in_folder(folder: TempDir) -> Self {
        let (served, projector) = ReadModels::open(folder.path()).unwrap();
        Self { served, projector, folder }
    }

    /// Closes and opens the read models.
    pub(crate) fn again(self) -> Self {
        Self::in_folder(self.close())
    }
}

impl Deref for Models {
    type Target = ReadModels;

    fn deref(&self) -> &ReadModels {
        &self.served
    }
}

/// Returns the names of the members of a collection in Anna's home. `collection` is its first name.
pub(crate) fn names(models: &ReadModels, collection: &str) -> Vec<String> {
    let members = models.members(calendar(collection), None, usize::MAX).unwrap();
    members.into_iter().map(|member| member.name).collect()
}

/// Returns the body of a member; `None` if there is no such member.
pub(crate) fn body(models: &ReadModels, collection: &str, name: &str) -> Option<String> {
    models.member_with_body(calendar(collection), name).unwrap().map(|(_, body)| body)
}
