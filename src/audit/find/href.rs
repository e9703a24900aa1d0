//! Paths that people copy from their programs and logs.

use percent_encoding::percent_decode_str;
use projections::ReadModels;
use schemas::{CollectionId, PrincipalId, object::Place};

/// The first segment of the paths of homes.
const HOMES: &str = "calendars";

/// The resource that a path names, or named once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The owner of the home.
    pub home: PrincipalId,
    /// The collection: the home itself for the path of a home.
    pub collection: CollectionId,
    /// The name of a resource in it; `None`: the collection is meant.
    pub name: Option<String>,
}

/// Nothing was ever at a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there never was a resource at `{0}`; a path has the form /calendars/LOGIN/CALENDAR/NAME.ics")]
pub struct NotFound(pub String);

impl Target {
    /// Returns the place of the resource; `None` if a collection is meant.
    pub fn place(&self) -> Option<Place> {
        Some(Place { collection: self.collection, name: self.name.clone()? })
    }
}

/// Returns the current or former resource at a path or URL, percent-encoded or not.
pub fn resolve(models: &ReadModels, href: &str) -> Result<Target, NotFound> {
    found(models, href).ok_or_else(|| NotFound(href.to_owned()))
}

fn found(models: &ReadModels, href: &str) -> Option<Target> {
    let path = match href.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?.1,
        None => href.trim_start_matches('/'),
    };
    let segments: Vec<String> = path.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect();
    let [tree, owner, below @ ..] = segments.as_slice() else { return None };
    let home = models.directory().by_name(owner).filter(|_| tree == HOMES)?.id;
    let collection = |name: &[String]| {
        let name = name.join(&projections::SEPARATOR.to_string());
        if name.is_empty() {
            return Some(CollectionId::home(home));
        }
        models.collections_ever_called(home, &name).ok()?.first().copied()
    };
    if let Some(id) = collection(below) {
        return Some(Target { home, collection: id, name: None });
    }
    let (name, within) = below.split_last()?;
    Some(Target { home, collection: collection(within)?, name: Some(name.clone()) })
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}
