//! Finds the differences between two positions: in collections, resources, their properties and
//! access control lists.

use std::collections::{BTreeMap, BTreeSet};

use journal::Journal;
use projections::{
    ReadModels,
    versions::{CollectionThen, Version},
};
use schemas::{CollectionId, Position, Recorded, Stream};

use super::{Resource, collections, list, path, state::State};
use crate::{Names, Unreadable, find::Target, names::NamesAt, read};

/// One difference between two positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The kind of difference.
    pub what: What,
    /// The path at the later position; for something removed, the path at the earlier position.
    pub path: String,
    /// The path at the earlier position; only for [`What::Moved`].
    pub was: Option<String>,
    /// The resource at the earlier position; `None` for a collection, and if it did not exist.
    pub then: Option<Resource>,
    /// The resource at the later position; `None` for a collection, and if it does not exist.
    pub now: Option<Resource>,
    /// The differences of properties and access control lists.
    pub details: Vec<Detail>,
}

/// The kind of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The resource or collection exists only at the later position.
    Added,
    /// The resource or collection exists only at the earlier position.
    Removed,
    /// The resource has another collection or name at the later position, or the collection another
    /// path. There may be other differences too.
    Moved,
    /// The resource or collection was not moved, but content was stored again, or there are
    /// [`Detail`]s.
    Changed,
}

/// A property or an access control entry that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The name of the property or setting, or `access control list`.
    pub of: String,
    /// The value at the earlier position, in words; `None` if there was none.
    pub before: Option<String>,
    /// The value at the later position, in words; `None` if there is none.
    pub after: Option<String>,
}

/// Returns the differences of everything at or below a path between the positions `then` and `now`,
/// ordered by path.
pub async fn differences(
    journal: &dyn Journal,
    models: &ReadModels,
    target: &Target,
    (then, now): (Position, Position),
) -> Result<Vec<Difference>, Unreadable> {
    let at = |position| if target.is_there(position) { list(models, target, position) } else { Ok(vec![]) };
    let names = Names::of(&models.directory());
    let work = Comparison { journal, models, target, moments: (then, now), names: names.today() };
    let mut found = work.resources(at(then)?, at(now)?).await?;
    if target.name.is_none() {
        found.extend(work.collections().await?);
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

struct Comparison<'a> {
    journal: &'a dyn Journal,
    models: &'a ReadModels,
    target: &'a Target,
    moments: (Position, Position),
    names: NamesAt<'a>,
}

impl Comparison<'_> {
    async fn collections(&self) -> Result<Vec<Difference>, Unreadable> {
        let at = |position| {
            let there = self.target.is_there(position);
            let found = if there { collections(self.models, self.target, position)? } else { vec![] };
            let known = found.into_iter().map(|collection| (collection.id, self.path(&collection)));
            Ok::<BTreeMap<CollectionId, String>, Unreadable>(known.collect())
        };
        let (then, now) = (at(self.moments.0)?, at(self.moments.1)?);
        let all: BTreeSet<CollectionId> = then.keys().chain(now.keys()).copied().collect();
        let mut found = vec![];
        for id in all {
            let (was, is) = (then.get(&id), now.get(&id));
            let details = if was.is_some() && is.is_some() { self.collection(id).await? } else { vec![] };
            let (what, path) = match (was, is) {
                (None, Some(path)) => (What::Added, path),
                (Some(path), None) => (What::Removed, path),
                (Some(was), Some(path)) if was != path => (What::Moved, path),
                (Some(_), Some(path)) if !details.is_empty() => (What::Changed, path),
                _ => continue,
            };
            let was = was.filter(|was| *was != path).cloned();
            found.push(Difference { what, path: path.clone(), was, then: None, now: None, details });
        }
        Ok(found)
    }

    async fn collection(&self, id: CollectionId) -> Result<Vec<Detail>, Unreadable> {
        let events = read::stream(self.journal, Stream::Collection(id)).await?;
        let at = |position| {
            let until = events.iter().take_while(|recorded| recorded.position <= position);
            State::of(&until.cloned().collect::<Vec<_>>())
        };
        Ok(at(self.moments.0).differences(&at(self.moments.1), &self.names))
    }

    fn path(&self, collection: &CollectionThen) -> String {
        path(self.models, self.target, collection)
    }

    async fn resources(&self, then: Vec<Resource>, now: Vec<Resource>) -> Result<Vec<Difference>, Unreadable> {
        let place = |resource: &Resource| (resource.collection, resource.name.clone());
        let mut before: BTreeMap<_, Resource> = then.into_iter().map(|resource| (place(&resource), resource)).collect();
        let (mut pairs, mut new) = (vec![], vec![]);
        for resource in now {
            match before.remove(&place(&resource)) {
                Some(was) => pairs.push((was, resource)),
                None => new.push(resource),
            }
        }
        let mut gone: BTreeMap<Position, Resource> =
            before.into_values().map(|resource| (resource.born, resource)).collect();
        let mut found = vec![];
        for resource in new {
            match gone.remove(&resource.born) {
                Some(was) => pairs.push((was, resource)),
                None => found.push(alone(What::Added, resource)),
            }
        }
        found.extend(gone.into_values().map(|resource| alone(What::Removed, resource)));
        for (was, is) in pairs {
            found.extend(self.pair(was, is).await?);
        }
        Ok(found)
    }

    /// Compares a resource at both positions. Returns `None` if it does not differ, or if only the
    /// path of its collection changed.
    async fn pair(&self, then: Resource, now: Resource) -> Result<Option<Difference>, Unreadable> {
        let details = self.notes(&then, &now).await?;
        let is_moved = (then.collection, &then.name) != (now.collection, &now.name);
        if !is_moved && then.content == now.content && details.is_empty() {
            return Ok(None);
        }
        let what = if is_moved { What::Moved } else { What::Changed };
        let (path, was) = (now.path.clone(), is_moved.then(|| then.path.clone()));
        Ok(Some(Difference { what, path, was, then: Some(then), now: Some(now), details }))
    }

    /// Compares the properties and access control lists of a resource, if they changed between the
    /// positions.
    async fn notes(&self, then: &Resource, now: &Resource) -> Result<Vec<Detail>, Unreadable> {
        let all = self.models.notes_of(&[version(then), version(now)])?;
        let at = |index: usize, position: Position| {
            let notes = all.get(index).map(Vec::as_slice).unwrap_or_default();
            notes.iter().copied().filter(|note| *note <= position).collect::<Vec<_>>()
        };
        let (before, after) = (at(0, self.moments.0), at(1, self.moments.1));
        if before == after {
            return Ok(vec![]);
        }
        let (before, after) = (self.events(&before).await?, self.events(&after).await?);
        Ok(State::of(&before).differences(&State::of(&after), &self.names))
    }

    async fn events(&self, positions: &[Position]) -> Result<Vec<Recorded>, Unreadable> {
        let mut events = vec![];
        for position in positions {
            events.extend(read::one(self.journal, *position).await?.and_then(Result::ok));
        }
        Ok(events)
    }
}

fn version(resource: &Resource) -> Version {
    let Resource { name, since, content, born, .. } = resource.clone();
    Version { name, since, content, born }
}

fn alone(what: What, resource: Resource) -> Difference {
    let path = resource.path.clone();
    let (then, now) = if what == What::Removed { (Some(resource), None) } else { (None, Some(resource)) };
    Difference { what, path, was: None, then, now, details: vec![] }
}
