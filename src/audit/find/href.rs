//! Resolves paths and URLs that people copy from their programs and logs.

use percent_encoding::percent_decode_str;
use projections::{Failure, ReadModels, SEPARATOR, versions::Shown};
use schemas::{CollectionId, Position, PrincipalId, object::Place, principal::PrincipalKind};

use crate::foreign;

/// The first segment of every path in a home, except below `/asof/`.
const HOMES: &str = "calendars";

/// The resource or collection to which a path leads now, or led in the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The owner of the home that contains the collection.
    pub home: PrincipalId,
    /// The collection. For the path of a home, the home itself.
    pub collection: CollectionId,
    /// The name of a resource in the collection; `None` if the path is that of the collection.
    pub name: Option<String>,
    /// The share, if the path is in the home of a sharee; `None` for a path in the owner's home.
    pub shared: Option<Shared>,
}

/// A calendar as it appears in the home of a sharee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The sharee, in whose home the path is.
    pub sharee: PrincipalId,
    /// The time at which the calendar had this path.
    pub shown: Shown,
}

/// The reason why no resource is found at a path.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotFound {
    /// There never was a resource or collection at the path.
    #[error("there never was a resource at `{0}`; a path has the form /calendars/LOGIN/CALENDAR/NAME.ics")]
    Never(String),
    /// The read model that knows the paths cannot answer.
    #[error(transparent)]
    Unreadable(#[from] Failure),
}

impl Target {
    /// Returns the place of the resource; `None` for a collection.
    pub fn place(&self) -> Option<Place> {
        Some(Place { collection: self.collection, name: self.name.clone()? })
    }

    /// Returns false if the target is in a shared calendar that did not have this path at the
    /// position; otherwise true.
    pub fn is_there(&self, at: Position) -> bool {
        self.shared.as_ref().is_none_or(|shared| shared.shown.holds(at))
    }

    /// Describes for a shared calendar its owner, its path in the owner's home, and the positions
    /// from and to which it was in the sharee's home at the path of this target. Returns `None` if
    /// the path is in the owner's home itself, or if the owner, the sharee or the path is unknown.
    pub fn owned_by_another(&self, models: &ReadModels) -> Option<String> {
        let Shared { sharee, shown } = self.shared.as_ref()?;
        let (directory, known) = (models.directory(), models.names_of(self.collection).ok()?);
        let person = |id| directory.by_id(id).map(|entry| foreign::visible(entry.shown_name()).into_owned());
        let (owner, sharee) = (person(self.home)?, person(*sharee)?);
        let then = known.iter().filter(|(since, _)| shown.until.is_none_or(|until| *since < until));
        let path = then.filter_map(|(_, name)| name.as_ref()).next_back()?;
        let login = &directory.by_id(self.home)?.short_name;
        let path = foreign::identifier(&format!("/calendars/{login}/{path}/"));
        let (verb, until) = match shown.until {
            None => ("is", String::new()),
            Some(until) => ("was", format!(" to #{until}")),
        };
        Some(format!("{path} of {owner}, which {verb} shared with {sharee} at this path from #{}{until}", shown.since))
    }
}

/// Returns the resource or collection to which a path or URL leads today, or else the last one to
/// which it ever led. Percent-encoding is decoded. An error if there is none, or if the read model
/// cannot answer.
pub fn resolve(models: &ReadModels, href: &str) -> Result<Target, NotFound> {
    resolve_at(models, href, Position(u64::MAX))
}

/// Returns the resource or collection to which a path led at a position. If it led to none then,
/// returns the last one to which it ever led. An error if there is none, or if the read model
/// cannot answer.
pub fn resolve_at(models: &ReadModels, href: &str, at: Position) -> Result<Target, NotFound> {
    found(models, href, at)?.ok_or_else(|| NotFound::Never(href.to_owned()))
}

fn found(models: &ReadModels, href: &str, at: Position) -> Result<Option<Target>, Failure> {
    let Some((home, below)) = home_of(models, href) else { return Ok(None) };
    let within = |segments: &[String], name: Option<String>| {
        if segments.is_empty() {
            return Ok(Some(Target { home, collection: CollectionId::home(home), name, shared: None }));
        }
        let mut shown = models.ever_shown(home, &segments.join(&SEPARATOR.to_string()))?;
        shown.sort_by_key(|shown| !shown.holds(at));
        for shown in shown {
            let (owner, collection) = (shown.home, shown.collection);
            let place = name.clone().map(|name| Place { collection, name });
            if place.map_or(Ok(true), |place| models.was_ever(&place))? {
                let shared = shown.share.is_some().then_some(Shared { sharee: home, shown });
                return Ok(Some(Target { home: owner, collection, name, shared }));
            }
        }
        Ok(None)
    };
    match (within(&below, None)?, below.split_last()) {
        (None, Some((name, above))) => within(above, Some(name.clone())),
        (found, _) => Ok(found),
    }
}

/// Returns the owner of the home to which a path leads, and the segments of the path below it.
/// `None` if the path is in no home.
fn home_of(models: &ReadModels, href: &str) -> Option<(PrincipalId, Vec<String>)> {
    let segments: Vec<String> = path_of(href)?.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect();
    let [tree, owner, below @ ..] = segments.as_slice() else { return None };
    let directory = models.directory();
    let home = directory.by_name(owner).filter(|owner| tree == HOMES && owner.kind != PrincipalKind::Group)?;
    Some((home.id, below.to_vec()))
}

/// Returns the path of a path or URL, without its first slash. `None` for a URL with no path.
fn path_of(href: &str) -> Option<&str> {
    match href.split_once("://") {
        // RFC 3986 §3.2: the authority ends with `/`, `?` or `#`.
        Some((_, rest)) => rest[rest.find(['/', '?', '#'])?..].strip_prefix('/'),
        None => Some(href.trim_start_matches('/')),
    }
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_url_begins_where_its_authority_ends() {
        let rows = [
            ("/calendars/anna/", Some("calendars/anna/")),
            ("https://cal.example.com/calendars/anna/", Some("calendars/anna/")),
            ("https://cal.example.com", None),
            ("https://cal.example.com?/calendars/anna/", None),
            ("https://cal.example.com#/calendars/anna/", None),
        ];
        for (href, path) in rows {
            assert_eq!(path_of(href), path, "{href}");
        }
    }
}
