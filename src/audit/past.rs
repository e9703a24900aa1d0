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
use schemas::{CollectionId, Position, Recorded, Timestamp};

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

/// Reads the contents of the resources, in their order. The caller passes at most [`PAGE`]. A
/// content is `None` if the event to which the index refers does not exist, cannot be read, was
/// erased, or contains no content.
pub async fn contents(journal: &dyn Journal, resources: &[Resource]) -> Result<Vec<Option<Content>>, Unreadable> {
    let positions: Vec<Position> = resources.iter().map(|resource| resource.content).collect();
    let mut found: BTreeMap<Position, Content> = BTreeMap::new();
    for entry in journal.entries_at(&positions).await? {
        let position = entry.position;
        let stored = entry.stored().and_then(|stored| journal.opened(stored));
        let content = stored.ok().and_then(|stored| of(&stored.read().ok()?));
        found.extend(content.map(|content| (position, content)));
    }
    Ok(positions.iter().map(|position| found.get(position).cloned()).collect())
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
