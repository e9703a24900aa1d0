//! Paths: which resource a request speaks of, by the shape of its path alone.
//!
//! **Invariant:** segments are decoded exactly once, here; whether a resource exists is not known here.

use crate::{href, no::No};

/// A resource's address. Names as they are stored, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Path {
    Root,
    Principals,
    Principal { name: String },
    Homes,
    Home { owner: String },
    Collection { owner: String, collection: String },
    Object { owner: String, collection: String, name: String },
}

pub(crate) const PRINCIPALS: &str = "principals";
pub(crate) const HOMES: &str = "calendars";

impl Path {
    /// Reads the path of a request or of an href. A trailing slash says nothing: clients differ.
    pub(crate) fn parse(path: &str) -> Result<Self, No> {
        // `OPTIONS *` (RFC 9110 §9.3.7) asks about the server as a whole.
        if path == "*" {
            return Ok(Self::Root);
        }
        // Some clients add a slash to what ends with one.
        let trimmed = path.trim_end_matches('/');
        let path = if path.len() > trimmed.len() + 1 { &path[..=trimmed.len()] } else { path };
        let path = dav::href::Path::parse(path).map_err(|error| No::bad_request(error.to_string()))?;
        Self::of(path).ok_or(No::NotFound)
    }

    pub(crate) fn of(path: dav::href::Path) -> Option<Self> {
        let mut segments = path.segments.into_iter();
        let Some(tree) = segments.next() else { return Some(Self::Root) };
        let names = [segments.next(), segments.next(), segments.next()];
        if segments.next().is_some() {
            return None;
        }
        match (tree.as_str(), names) {
            (PRINCIPALS, [None, ..]) => Some(Self::Principals),
            (PRINCIPALS, [Some(name), None, _]) => Some(Self::Principal { name }),
            (HOMES, [None, ..]) => Some(Self::Homes),
            (HOMES, [Some(owner), None, _]) => Some(Self::Home { owner }),
            (HOMES, [Some(owner), Some(collection), None]) => Some(Self::Collection { owner, collection }),
            (HOMES, [Some(owner), Some(collection), Some(name)]) => Some(Self::Object { owner, collection, name }),
            _ => None,
        }
    }

    /// Whose home the resource is in.
    pub(crate) fn owner(&self) -> Option<&str> {
        match self {
            Self::Home { owner } | Self::Collection { owner, .. } | Self::Object { owner, .. } => Some(owner),
            Self::Root | Self::Principals | Self::Principal { .. } | Self::Homes => None,
        }
    }

    /// The collection that a collection or an object of a home is in.
    pub(crate) fn above(&self) -> Option<Self> {
        match self {
            Self::Object { owner, collection, .. } => {
                Some(Self::Collection { owner: owner.clone(), collection: collection.clone() })
            }
            Self::Collection { owner, .. } => Some(Self::Home { owner: owner.clone() }),
            Self::Root | Self::Principals | Self::Principal { .. } | Self::Homes | Self::Home { .. } => None,
        }
    }

    /// The path in its canonical spelling: collections end with a slash.
    pub(crate) fn href(&self) -> String {
        match self {
            Self::Root => "/".to_owned(),
            Self::Principals => href::of(&[PRINCIPALS], "/"),
            Self::Principal { name } => href::principal(name),
            Self::Homes => href::of(&[HOMES], "/"),
            Self::Home { owner } => href::home(owner),
            Self::Collection { owner, collection } => href::collection(owner, collection),
            Self::Object { owner, collection, name } => href::object(owner, collection, name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(name: &str) -> Path {
        Path::Object { owner: "anna".into(), collection: "calendar".into(), name: name.into() }
    }

    #[test]
    fn a_path_names_one_kind_of_resource() {
        let rows = [
            ("/", Some(Path::Root)),
            ("*", Some(Path::Root)),
            ("//", Some(Path::Root)),
            ("/principals", Some(Path::Principals)),
            ("/principals//", Some(Path::Principals)),
            ("/principals/anna/", Some(Path::Principal { name: "anna".into() })),
            ("/principals/anna", Some(Path::Principal { name: "anna".into() })),
            ("/calendars/", Some(Path::Homes)),
            ("/calendars/anna", Some(Path::Home { owner: "anna".into() })),
            ("/calendars/a%20b/", Some(Path::Home { owner: "a b".into() })),
            ("/calendars/anna/calendar/1.ics", Some(object("1.ics"))),
            ("/calendars/anna/calendar/1.ics/", Some(object("1.ics"))),
            ("/calendars/anna/calendar/%C3%A4%2Fb%25.ics", Some(object("ä/b%.ics"))),
            ("/calendars/anna/calendar/a;b=c,d:e@f.ics", Some(object("a;b=c,d:e@f.ics"))),
            ("/calendars/anna/calendar/1.ics/more", None),
            ("/principals/anna/more", None),
            ("/elsewhere", None),
            ("/calendars//calendar/", None),
            ("/calendars/anna/../bert/", None),
            ("/calendars/anna/%2e%2e/bert/", None),
            ("/calendars/anna/calendar/%00", None),
            ("/calendars/anna/calendar/%ff", None),
            ("/calendars/anna/calendar/%zz", Some(object("%zz"))),
            ("calendars", None),
            ("", None),
        ];
        for (path, expected) in rows {
            assert_eq!(Path::parse(path).ok(), expected, "{path}");
        }
    }

    #[test]
    fn the_canonical_spelling_reads_back_as_the_same_path() {
        let odd = "a b/c%d?e#f;ä\"<&>";
        let paths = [
            Path::Root,
            Path::Principals,
            Path::Principal { name: odd.into() },
            Path::Homes,
            Path::Home { owner: odd.into() },
            Path::Collection { owner: odd.into(), collection: odd.into() },
            Path::Object { owner: odd.into(), collection: odd.into(), name: odd.into() },
        ];
        for path in paths {
            assert_eq!(Path::parse(&path.href()).ok(), Some(path));
        }
    }
}
