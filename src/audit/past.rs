//! Homes, collections and resources as they were at a past position, and the differences between
//! two positions.

mod difference;
mod state;

use std::collections::BTreeMap;

use journal::Journal;
use projections::{
    ReadModels, SEPARATOR,
    versions::{Body, CollectionThen, Stored, Version},
};
use schemas::{CollectionId, Event, ObjectEvent, Position, Recorded, Timestamp};

pub use difference::{Detail, Difference, What, differences};

use crate::{Unreadable, find::Target};

/// A resource as it was at a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Path of the resource, not percent-encoded.
    pub path: String,
    /// Position of the event since which the resource had this content, collection and name.
    pub since: Position,
    /// Position of the event that stored the content.
    pub content: Position,
    /// Position of the event that created the resource, wherever it was then.
    pub born: Position,
    /// The collection that contains the resource.
    pub collection: CollectionId,
    /// Name of the resource in the collection.
    pub name: String,
}

/// The content of a resource, as the event at [`Resource::content`] stored it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// When the content was stored.
    pub at: Timestamp,
    /// The ETag, without quotes.
    pub etag: String,
    /// The Schedule-Tag, without quotes; `None` if there was none.
    pub schedule_tag: Option<String>,
    /// The bytes of the content.
    pub body: Vec<u8>,
    /// True for a calendar object or message, false for a file.
    pub is_text: bool,
}

/// Returns the resources at or below a path at a position, ordered by collection and name.
pub fn list(models: &ReadModels, target: &Target, at: Position) -> Result<Vec<Resource>, Unreadable> {
    let mut resources = vec![];
    for collection in collections(models, target, at)? {
        let path = path(models, target, &collection);
        let members = models.members_as_of(collection.id, at)?;
        let members = members.into_iter().filter(|member| target.name.as_ref().is_none_or(|name| *name == member.name));
        resources.extend(members.map(|Version { name, since, content, born }| {
            let (path, collection) = (format!("{path}{name}"), collection.id);
            Resource { path, since, content, born, collection, name }
        }));
    }
    Ok(resources)
}

/// Returns the target's collection at a position, and the collections below it unless the target is
/// a single resource; empty if the collection did not exist then.
fn collections(models: &ReadModels, target: &Target, at: Position) -> Result<Vec<CollectionThen>, Unreadable> {
    let mut collections = models.collections_as_of(target.home, at)?;
    let root = collections.iter().find(|collection| collection.id == target.collection);
    let Some(root) = root.map(|root| root.name.clone()) else { return Ok(vec![]) };
    collections.retain(|CollectionThen { id, name }| {
        let below = name.strip_prefix(root.as_str()).is_some_and(|rest| root.is_empty() || rest.starts_with(SEPARATOR));
        *id == target.collection || (target.name.is_none() && below)
    });
    Ok(collections)
}

/// Returns the path of a collection in the target's home, with a slash at the end.
fn path(models: &ReadModels, target: &Target, collection: &CollectionThen) -> String {
    let login = models.directory().by_id(target.home).map(|entry| entry.short_name.clone()).unwrap_or_default();
    match collection.name.as_str() {
        "" => format!("/calendars/{login}/"),
        name => format!("/calendars/{login}/{name}/"),
    }
}

/// Maximum number of resources whose contents are read at a time.
pub const PAGE: usize = 500;

/// Reads the contents of the resources, in their order. The caller passes at most [`PAGE`]. The
/// Schedule-Tag is that of the last MOVE, if it came after the content and changed the tag. A
/// content is `None` if the event to which the index refers cannot be read or does not contain one:
/// the event was then altered or erased, or the index is wrong.
pub async fn contents(journal: &dyn Journal, resources: &[Resource]) -> Result<Vec<Option<Content>>, Unreadable> {
    let moved = resources.iter().filter(|resource| resource.since > resource.content);
    let moved: Vec<Position> = moved.map(|resource| resource.since).collect();
    let positions: Vec<Position> = resources.iter().map(|resource| resource.content).collect();
    let found: BTreeMap<Position, Content> = read(journal, &positions, of).await?;
    let tags: BTreeMap<Position, String> = read(journal, &moved, schedule_tag).await?;
    let content = |resource: &Resource| {
        let mut content = found.get(&resource.content)?.clone();
        content.schedule_tag = tags.get(&resource.since).cloned().or(content.schedule_tag);
        Some(content)
    };
    Ok(resources.iter().map(content).collect())
}

/// Reads a part of the events at the positions, by position. Events that cannot be read, or have no
/// such part, are left out.
async fn read<T>(
    journal: &dyn Journal,
    positions: &[Position],
    part: impl Fn(&Recorded) -> Option<T>,
) -> Result<BTreeMap<Position, T>, Unreadable> {
    let mut found = BTreeMap::new();
    for entry in journal.entries_at(positions).await? {
        let position = entry.position;
        let stored = entry.stored().and_then(|stored| journal.opened(stored));
        let part = stored.ok().and_then(|stored| part(&stored.read().ok()?));
        found.extend(part.map(|part| (position, part)));
    }
    Ok(found)
}

/// Returns the Schedule-Tag that a MOVE gave to a resource; `None` if it left the tag as it was.
fn schedule_tag(recorded: &Recorded) -> Option<String> {
    match &recorded.event {
        Event::Object(ObjectEvent::Moved(moved)) => moved.schedule_tag.clone(),
        _ => None,
    }
}

fn of(recorded: &Recorded) -> Option<Content> {
    let Stored { etag, schedule_tag, body } = Stored::by(&recorded.event)?;
    Some(Content {
        at: recorded.metadata.at,
        etag: etag.to_owned(),
        schedule_tag: schedule_tag.map(str::to_owned),
        body: body.as_bytes().to_vec(),
        is_text: matches!(body, Body::Text(_)),
    })
}

#[cfg(test)]
mod tests {
    use journal::{Append, Clock, memory::Memory};
    use schemas::{
        Expected, Metadata, NewEvent, ObjectId, PrincipalId, Revision, Stream,
        object::{ObjectMoved, ObjectPut, Place, Role},
    };
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn a_content_that_was_moved_has_the_schedule_tag_of_the_move() {
        let home = PrincipalId(Uuid::from_u128(1));
        let (stream, collection) = (Stream::Object(ObjectId::derive(home, "1")), CollectionId::home(home));
        let place = |name: &str| Place { collection, name: name.to_owned() };
        let (ics, etag, schedule_tag) = ("text".to_owned(), "e".to_owned(), Some("old".to_owned()));
        let put = ObjectEvent::Put(ObjectPut {
            home,
            place: place("a"),
            uid: "1".to_owned(),
            component: "VEVENT".to_owned(),
            content: schemas::object::Content { ics, etag, schedule_tag, role: Role::Attendee },
            sent: None,
            edits: vec![],
            imported: None,
            copied: None,
        });
        let moved = |schedule_tag: Option<&str>| {
            let (from, to, schedule_tag) = (place("a"), place("a"), schedule_tag.map(str::to_owned));
            ObjectEvent::Moved(ObjectMoved { home: Some(home), uid: None, from, to, schedule_tag })
        };
        let journal = Memory::with(Clock::Acts);
        for (number, event) in (0..).zip([put, moved(None), moved(Some("new"))]) {
            let expected = if number == 0 { Expected::NoStream } else { Expected::Exact(Revision(number - 1)) };
            let events = vec![NewEvent::new(Uuid::from_u128(number.into()), &event)];
            journal.append(Append { stream, expected, metadata: Metadata::default(), events }).await.expect("stored");
        }
        let resource = |since| Resource {
            path: String::new(),
            since: Position(since),
            content: Position(1),
            born: Position(1),
            collection,
            name: "a".to_owned(),
        };
        let found = contents(&journal, &[1, 2, 3].map(resource)).await.expect("read");
        let tags: Vec<_> = found.into_iter().map(|content| content.and_then(|content| content.schedule_tag)).collect();
        assert_eq!(tags, ["old", "old", "new"].map(|tag| Some(tag.to_owned())));
    }
}
