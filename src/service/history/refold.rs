//! The events of a home that reproduce its state at a position: the events of its owner and of its
//! collections, and for each resource the event that created it, the event with its content, and
//! the changes of its properties and access control list.

use std::collections::HashMap;

use journal::{Append, Journal};
use projections::{ReadModels, versions::Version};
use schemas::{
    CollectionEvent, CollectionId, Event, Expected, NewEvent, ObjectEvent, Position, PrincipalEvent, PrincipalId,
    Recorded, Revision, Stream, object::Place,
};
use uuid::Uuid;

use super::events::{component, noted_at, stored_at};
use crate::error::Error;

/// Maximum number of events that are read from a stream at a time.
const PAGE_EVENTS: usize = 500;

/// Returns the appends that reproduce a home as of `until`, in the order in which they are
/// replayed.
pub(super) async fn appends(
    journal: &dyn Journal,
    models: &ReadModels,
    home: PrincipalId,
    until: Position,
) -> Result<Vec<Append>, Error> {
    let mut replayed = stream(journal, Stream::Principal(home), until).await?;
    replayed.retain(|recorded| !matches!(recorded.event, Event::Principal(PrincipalEvent::PasswordSet(_))));
    let mut replayed: Vec<Replayed> = replayed.into_iter().map(Replayed::as_recorded).collect();
    for collection in models.collections_as_of(home, until)? {
        let events = stream(journal, Stream::Collection(collection.id), until).await?;
        let created = created(&events);
        replayed.extend(events.into_iter().map(Replayed::as_recorded));
        let versions = models.members_as_of(collection.id, until)?;
        let notes = models.notes_of(&versions)?;
        for (version, notes) in versions.into_iter().zip(notes) {
            let notes = notes.into_iter().filter(|at| *at <= until).collect();
            let resource = resource(journal, (home, collection.id), &version, notes).await?;
            replayed.extend(resource.into_iter().map(|recorded| Replayed::after(created, recorded)));
        }
    }
    replayed.sort_by_key(Replayed::order);
    Ok(appended(replayed.into_iter().map(|replayed| replayed.recorded).collect()))
}

/// An event, and the position at which it is replayed.
struct Replayed {
    at: Position,
    recorded: Recorded,
}

impl Replayed {
    /// Returns an event that is replayed at its own position.
    fn as_recorded(recorded: Recorded) -> Self {
        Self { at: recorded.position, recorded }
    }

    /// Returns an event of a resource that is replayed at its own position, or at `created`, where
    /// its collection was created, if that is later: the resource may be older and was moved there.
    fn after(created: Position, recorded: Recorded) -> Self {
        Self { at: recorded.position.max(created), recorded }
    }

    /// Returns the sort key. At each position, the event that was recorded there comes before
    /// events that are replayed there later than they were recorded.
    fn order(&self) -> (Position, bool, Position) {
        (self.at, self.at != self.recorded.position, self.recorded.position)
    }
}

/// Returns the position of the last creation of a collection, which may have been removed and
/// created again; [`Position::START`] if it was not created by these events.
fn created(events: &[Recorded]) -> Position {
    let is_creation = |recorded: &&Recorded| matches!(recorded.event, Event::Collection(CollectionEvent::Created(_)));
    events.iter().rfind(is_creation).map_or(Position::START, |recorded| recorded.position)
}

async fn stream(journal: &dyn Journal, stream: Stream, until: Position) -> Result<Vec<Recorded>, Error> {
    let mut events: Vec<Recorded> = vec![];
    loop {
        let from = Revision(events.last().map_or(0, |last| last.revision.0 + 1));
        let page = journal.read_stream(stream, from, PAGE_EVENTS).await?;
        let is_last = page.len() < PAGE_EVENTS;
        for stored in page {
            if stored.position > until {
                return Ok(events);
            }
            events.push(stored.read().map_err(Error::failed)?);
        }
        if is_last {
            return Ok(events);
        }
    }
}

/// Returns the events that reproduce one resource. All of them name the place that the resource has
/// in `version`. `notes`: the positions of the changes of its access control list and dead
/// properties.
async fn resource(
    journal: &dyn Journal,
    (home, collection): (PrincipalId, CollectionId),
    version: &Version,
    notes: Vec<Position>,
) -> Result<Vec<Recorded>, Error> {
    let place = Place { collection, name: version.name.clone() };
    let born = one(journal, version.born).await?;
    let content = if version.content == version.born { born.clone() } else { one(journal, version.content).await? };
    let kind = component(&born.event).unwrap_or("VEVENT").to_owned();
    let mut replayed = vec![];
    let stored = |recorded: &Recorded| stored_at(&recorded.event, &place, home, &kind);
    if version.since > version.born
        && let Some(event) = stored(&born)
    {
        replayed.push(Recorded { event, stream: content.stream, ..born });
    }
    if let Some(mut event) = stored(&content) {
        let since =
            if version.since == version.content { content.clone() } else { one(journal, version.since).await? };
        if let Event::Object(ObjectEvent::Moved(moved)) = &since.event {
            retag(&mut event, moved.schedule_tag.as_ref());
        }
        replayed.push(Recorded { event, stream: content.stream, ..since });
    }
    for position in notes {
        let note = one(journal, position).await?;
        if let Some(event) = noted_at(&note.event, &place) {
            replayed.push(Recorded { event, stream: content.stream, ..note });
        }
    }
    Ok(replayed)
}

/// Sets the Schedule-Tag that a move gave to a scheduling object (RFC 6638 §3.2.10). `None`: the
/// tag stays.
fn retag(event: &mut Event, tag: Option<&String>) {
    if let (Event::Object(ObjectEvent::Put(put)), Some(tag)) = (event, tag) {
        put.content.schedule_tag = Some(tag.clone());
    }
}

async fn one(journal: &dyn Journal, position: Position) -> Result<Recorded, Error> {
    let found = journal.read_all(position.previous(), 1).await?.pop();
    let found = found.filter(|stored| stored.position == position);
    let missing = || {
        Error::Behind(
            format!(
                "the read model of versions names an event at position {position}, and the journal has \
                 none there; `daybook projections rebuild` builds it again"
            )
            .into(),
        )
    };
    found.ok_or_else(missing)?.read().map_err(Error::failed)
}

/// Returns one append for each event that is not erased, at the next revision of its stream.
fn appended(replayed: Vec<Recorded>) -> Vec<Append> {
    let mut revisions: HashMap<Stream, u64> = HashMap::new();
    let append = |(index, recorded): (usize, Recorded)| {
        let Recorded { stream, event, metadata, .. } = recorded;
        let next = revisions.entry(stream).or_default();
        let expected = next.checked_sub(1).map_or(Expected::NoStream, |last| Expected::Exact(Revision(last)));
        *next += 1;
        let id = Uuid::from_u128(index as u128 + 1);
        Append { stream, expected, metadata, events: vec![NewEvent::new(id, &event)] }
    };
    let is_known = |recorded: &Recorded| !matches!(recorded.event, Event::Erased(_));
    replayed.into_iter().filter(is_known).enumerate().map(append).collect()
}
