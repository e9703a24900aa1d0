//! A service with a journal in memory and some people, for tests.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use calendar::Limits;
use journal::{Append, Around, Failure, Journal, memory::Memory};
use projections::ReadModels;
use schemas::{
    Client, CollectionId, Encoding, Event, Expected, NewEvent, ObjectEvent, ObjectId, Position, PrincipalId, Recorded,
    Revision, Stored, Stream,
    object::Place,
    principal::{PrincipalKind, Profile},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Attributes, Put, Require, Service, Settings, Source, Stamp, clock, principals::Registration};

pub(crate) fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_DNS, name.as_bytes()))
}

pub(crate) fn stamp(who: &str) -> Stamp {
    clock::stamp(Some(id(who)), None, Client::default(), clock::new_id())
}

/// Returns the first calendar of a person.
pub(crate) fn calendar(name: &str) -> CollectionId {
    CollectionId::derive(id(name), "calendar", 0)
}

pub(crate) fn object(name: &str, uid: &str) -> ObjectId {
    ObjectId::derive(id(name), uid)
}

pub(crate) fn person(name: &str) -> Registration {
    Registration {
        id: id(name),
        short_name: name.to_owned(),
        kind: PrincipalKind::Individual,
        profile: Profile { addresses: vec![format!("mailto:{name}@example.org")], ..Profile::default() },
        password: None,
        members: vec![],
    }
}

/// The service. Each person has the address `mailto:NAME@example.org`.
pub(crate) struct Given {
    pub journal: Arc<dyn Journal>,
    pub service: Arc<Service>,
    _folder: TempDir,
}

impl Given {
    pub(crate) async fn of(people: &[&str], limits: Limits) -> Self {
        Self::on(Arc::new(Memory::new()), people, limits).await
    }

    pub(crate) async fn on(journal: Arc<dyn Journal>, people: &[&str], limits: Limits) -> Self {
        Self::with(journal, people, Settings { limits, ..Settings::default() }).await
    }

    pub(crate) async fn with(journal: Arc<dyn Journal>, people: &[&str], settings: Settings) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (models, projector) = ReadModels::open(folder.path()).expect("read models");
        let service = Service::start(Arc::clone(&journal), models, projector, settings).await.expect("a service");
        let stamp = clock::stamp(None, None, Client::default(), clock::new_id());
        service.register(&stamp, people.iter().map(|name| person(name)).collect()).await.expect("people");
        Self { journal, service, _folder: folder }
    }

    /// Stores an object in a person's first calendar, as that person.
    pub(crate) async fn put(&self, who: &str, name: &str, ics: String) {
        let put = Put {
            home: id(who),
            place: Place { collection: calendar(who), name: name.to_owned() },
            ics,
            source: Source::Body,
            require: Require::default(),
            attributes: Attributes::default(),
        };
        self.service.put(&stamp(who), put).await.expect("stored");
    }

    /// Replaces the text of a person's copy, past the service, by one that cannot be read.
    pub(crate) async fn damage(&self, who: &str, uid: &str) {
        let stream = Stream::Object(object(who, uid));
        let mut of_copy = self.events(Position::START).await;
        of_copy.retain(|recorded| recorded.stream == stream);
        let revision = of_copy.last().expect("a copy").revision;
        let puts = of_copy.into_iter().rev();
        let mut puts = puts.filter(|recorded| matches!(recorded.event, Event::Object(ObjectEvent::Put(_))));
        let Recorded { mut event, metadata, .. } = puts.next().expect("a put");
        if let Event::Object(ObjectEvent::Put(put)) = &mut event {
            put.content.ics = "damaged".to_owned();
        }
        let (expected, events) = (Expected::Exact(revision), vec![NewEvent::new(clock::new_id(), &event)]);
        self.journal.append(Append { stream, expected, metadata, events }).await.expect("appended");
        self.service.caught_up().await.expect("read models");
        self.service.store.forget(object(who, uid));
    }

    /// Returns the events of the journal after a position.
    pub(crate) async fn events(&self, after: Position) -> Vec<Recorded> {
        let stored = self.journal.read_all(after, usize::MAX).await.expect("events");
        stored.into_iter().map(|stored| stored.read().expect("an event of today")).collect()
    }
}

/// Number of reads of streams after which a test gives up.
const MOST_READS: usize = 1_000;

/// A journal in which the key of one stream was destroyed, while the read models still show the
/// contents of its events. It panics if streams are read again and again.
#[derive(Debug)]
pub(crate) struct Erased {
    journal: Memory,
    stream: Stream,
    reads: AtomicUsize,
}

impl Erased {
    pub(crate) fn of(stream: Stream) -> Self {
        Self { journal: Memory::new(), stream, reads: AtomicUsize::default() }
    }
}

#[async_trait]
impl Around for Erased {
    fn inner(&self) -> &dyn Journal {
        &self.journal
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        assert!(self.reads.fetch_add(1, Ordering::Relaxed) < MOST_READS, "it never ends");
        let mut events = self.journal.read_stream(stream, from, limit).await?;
        for stored in events.iter_mut().filter(|stored| stored.stream == self.stream) {
            stored.encoding = Encoding::ERASED;
        }
        Ok(events)
    }
}
