//! Reads the events of a report, and verifies the reported events against the hash chain.

mod calendars;
mod check;
mod context;
mod forget;
mod personal;
mod streams;

use std::collections::BTreeSet;

use journal::Journal;
use projections::{ReadModels, SEPARATOR, search::Clue};
use schemas::{CollectionEvent, CollectionId, Event, FileId, ObjectId, Position, Recorded, Stream, object::Place};
use uuid::Uuid;

pub use check::against_the_chain;

use crate::{Detail, Evidence, Fault, find::Target};

/// The reason for which a report failed.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] journal::Failure),
    /// A read model cannot be queried.
    #[error(transparent)]
    ReadModels(#[from] projections::Failure),
}

/// Reads the events of the meeting with this UID in all homes.
///
/// The read model knows the streams. A stream that it lacks is found through the messages in the
/// other streams, and is reported as a fault of the read model.
pub async fn meeting(journal: &dyn Journal, models: &ReadModels, uid: &str) -> Result<Evidence, Unreadable> {
    detailed_meeting(journal, models, uid, Detail::Events).await
}

/// Reads the events of a meeting like [`meeting`], without the texts that a report of this detail
/// does not need.
pub async fn detailed_meeting(
    journal: &dyn Journal,
    models: &ReadModels,
    uid: &str,
    detail: Detail,
) -> Result<Evidence, Unreadable> {
    let listed = models.streams_of_uid(uid)?;
    let mut read = streams::Read::default();
    let mut known: BTreeSet<Stream> = BTreeSet::new();
    let mut wanted = listed.clone();
    let mut unlisted = vec![];
    while let Some(stream) = wanted.pop() {
        if !known.insert(stream) {
            continue;
        }
        let (events_before, faults_before) = (read.events.len(), read.faults.len());
        read.whole(journal, stream).await?;
        let events = &mut read.events[events_before..];
        forget::texts_of_inbox_items(events);
        if detail == Detail::Acts {
            forget::texts_of_consequences(events);
        }
        let events = &*events;
        if !listed.contains(&stream) && (!events.is_empty() || read.faults.len() > faults_before) {
            unlisted.push(stream);
        }
        let homes: BTreeSet<_> = events.iter().flat_map(context::homes).collect();
        wanted.extend(homes.into_iter().map(|home| Stream::Object(ObjectId::derive(home, uid))));
    }
    for stream in personal::streams(journal, models, uid).await? {
        read.whole(journal, stream).await?;
    }
    let mut evidence = complete(journal, models, read).await?;
    evidence.events.retain(|recorded| personal::belongs(&recorded.event, uid));
    calendars::join(journal, models, &mut evidence).await?;
    Ok(Evidence { uid: uid.to_owned(), unlisted, ..evidence })
}

/// Reads all events of some streams, and the names and collections that these events mention.
pub async fn streams(journal: &dyn Journal, models: &ReadModels, streams: &[Stream]) -> Result<Evidence, Unreadable> {
    let mut read = streams::Read::default();
    for stream in streams {
        read.whole(journal, *stream).await?;
    }
    complete(journal, models, read).await
}

/// Reads the events of calendar objects, collections and shares to which one request led, in all
/// homes.
///
/// The streams in other homes are found through the UIDs of the objects that the request changed.
pub async fn request(journal: &dyn Journal, models: &ReadModels, request: Uuid) -> Result<Evidence, Unreadable> {
    let mut all = streams::Read::default();
    let (mut collections, mut shares) = (streams::Read::default(), streams::Read::default());
    let mut known: BTreeSet<Stream> = BTreeSet::new();
    for position in models.follow(&Clue::Request(request))? {
        let Some(Ok(recorded)) = one(journal, position).await? else { continue };
        match recorded.stream {
            Stream::Object(object) => {
                let uid = models.uid_of(object)?.unwrap_or_default();
                for stream in models.streams_of_uid(&uid)?.into_iter().filter(|stream| known.insert(*stream)) {
                    all.whole(journal, stream).await?;
                }
            }
            stream @ Stream::Share(_) if known.insert(stream) => shares.whole(journal, stream).await?,
            stream @ Stream::Collection(_) if known.insert(stream) => collections.whole(journal, stream).await?,
            Stream::Share(_)
            | Stream::Collection(_)
            | Stream::Principal(_)
            | Stream::File(_)
            | Stream::Access(_)
            | Stream::Server(_) => {}
        }
    }
    let belongs =
        |recorded: &Recorded| recorded.metadata.request == request || recorded.metadata.correlation == request;
    let before: Vec<Recorded> = all.events.iter().filter(|recorded| !belongs(recorded)).cloned().collect();
    all.events.retain(belongs);
    let others = collections.events.iter().chain(&shares.events).filter(|recorded| belongs(recorded));
    all.events.extend(others.cloned().collect::<Vec<_>>());
    all.faults.extend(collections.faults.into_iter().chain(shares.faults));
    let mut evidence = complete(journal, models, all).await?;
    evidence.before = before;
    evidence.before.sort_by_key(|recorded| recorded.position);
    evidence.shares = shares.events;
    Ok(evidence)
}

/// Reads the events of the access control lists that determine the privileges on a resource or
/// collection at a position: its own, that of its collection, and those of the collections above.
/// Later events of these lists are included.
pub async fn permissions(
    journal: &dyn Journal,
    models: &ReadModels,
    target: &Target,
    at: Position,
) -> Result<Evidence, Unreadable> {
    let (mut own, mut noted) = (streams::Read::default(), BTreeSet::new());
    if let Some(place) = target.place() {
        for object in models.objects_ever_at(&place)? {
            own.whole(journal, Stream::Object(object)).await?;
            own.whole(journal, Stream::File(FileId(object.0))).await?;
        }
        noted = notes(models, &place, at)?;
    }
    let mut above = streams::Read::default();
    for id in collections(models, target, at)? {
        let before = above.events.len();
        above.whole(journal, Stream::Collection(id)).await?;
        let of_another = of_an_earlier_one(&above.events[before..], at);
        above.events.retain(|recorded| !of_another.contains(&recorded.position));
    }
    above.events.sort_by_key(|recorded| recorded.position);
    let mut links: Vec<_> = above.events.iter().map(check::Link::of).collect();
    links.sort_by_key(check::Link::position);
    let mut evidence = complete(journal, models, own).await?;
    evidence.events.retain(|recorded| noted.contains(&recorded.position));
    evidence.faults.extend(above.faults);
    evidence.faults.extend(check::against_the_chain(journal, &links).await?);
    let everybody: Vec<Recorded> = above.events.iter().chain(&evidence.events).cloned().collect();
    evidence.names = context::names(journal, models, &everybody).await?;
    evidence.collections = above.events;
    Ok(evidence)
}

/// Returns the positions of the ACL and property changes of the resource that was at a place, since
/// it was created. An `ObjectMoved` creates no resource. If no resource was there at the position,
/// the last resource that was there before counts.
fn notes(models: &ReadModels, place: &Place, at: Position) -> Result<BTreeSet<Position>, Unreadable> {
    let mut versions = models.versions_of(place)?;
    versions.retain(|(since, _)| *since <= at);
    let last: Vec<_> = versions.into_iter().rev().find_map(|(_, version)| version).into_iter().collect();
    Ok(models.notes_of(&last)?.into_iter().flatten().collect())
}

/// Returns the collection of a target, and the collections that were above it at a position.
fn collections(models: &ReadModels, target: &Target, at: Position) -> Result<BTreeSet<CollectionId>, Unreadable> {
    let then = models.collections_as_of(target.home, at)?;
    let path = then.iter().find(|known| known.id == target.collection).map_or("", |known| &known.name);
    let is_above = |name: &str| path.strip_prefix(name).is_some_and(|rest| rest.starts_with(SEPARATOR));
    let above = then.iter().filter(|known| is_above(&known.name)).map(|known| known.id);
    Ok(above.chain([CollectionId::home(target.home), target.collection]).collect())
}

/// Returns the positions of ACL events from before the last creation of the collection up to the
/// position `at`. A collection that is created again under the same name has the same stream as the
/// removed one, but not its list.
fn of_an_earlier_one(events: &[Recorded], at: Position) -> BTreeSet<Position> {
    let is_creation = |recorded: &&Recorded| {
        recorded.position <= at && matches!(recorded.event, Event::Collection(CollectionEvent::Created(_)))
    };
    let created = events.iter().rfind(is_creation).map_or(Position::START, |recorded| recorded.position);
    let is_change = |recorded: &&Recorded| matches!(recorded.event, Event::Collection(CollectionEvent::AclChanged(_)));
    let changes = events.iter().filter(is_change).map(|recorded| recorded.position);
    changes.filter(|position| *position < created).collect()
}

/// Reads one event. Returns `None` if there is no event at the position, and a fault if it cannot
/// be read.
pub async fn one(journal: &dyn Journal, position: Position) -> Result<Option<Result<Recorded, Fault>>, Unreadable> {
    let after = position.previous();
    let entry = journal.entries(after, 1).await?.pop().filter(|entry| entry.position == position);
    let Some(entry) = entry else { return Ok(None) };
    let fault = |why: String| Fault { position, why };
    let stored = match entry.stored().and_then(|stored| journal.opened(stored)) {
        Ok(stored) => stored,
        Err(failure) => return Ok(Some(Err(fault(failure.to_string())))),
    };
    Ok(Some(stored.read().map_err(|why| fault(why.to_string()))))
}

/// Reads the events of a stream in order. Events that cannot be read are left out.
pub(crate) async fn stream(journal: &dyn Journal, stream: Stream) -> Result<Vec<Recorded>, Unreadable> {
    let mut read = streams::Read::default();
    read.whole(journal, stream).await?;
    Ok(read.events)
}

/// Reads the versions of a meeting that people stored, newest first.
pub(crate) async fn texts(journal: &dyn Journal, models: &ReadModels, uid: &str) -> Result<Vec<String>, Unreadable> {
    let mut read = streams::Read::default();
    for stream in models.streams_of_uid(uid)? {
        read.whole(journal, stream).await?;
    }
    read.events.sort_by_key(|recorded| std::cmp::Reverse(recorded.position));
    let direct = read.events.into_iter().filter(|recorded| recorded.metadata.causation.is_none());
    let text = |recorded: Recorded| match recorded.event {
        schemas::Event::Object(schemas::ObjectEvent::Put(put)) => Some(put.content.ics),
        _ => None,
    };
    Ok(direct.filter_map(text).collect())
}

/// Verifies the events against the chain, and reads their context.
async fn complete(journal: &dyn Journal, models: &ReadModels, read: streams::Read) -> Result<Evidence, Unreadable> {
    let streams::Read { mut events, mut faults } = read;
    events.sort_by_key(|recorded| recorded.position);
    let links: Vec<_> = events.iter().map(check::Link::of).collect();
    faults.extend(check::against_the_chain(journal, &links).await?);
    faults.sort_by_key(|fault| fault.position);
    faults.dedup_by_key(|fault| fault.position);
    let collections = context::collections(journal, models, &events).await?.events;
    let names = context::names(journal, models, &events).await?;
    Ok(Evidence { events, collections, names, faults, ..Evidence::default() })
}
