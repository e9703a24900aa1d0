//! Parses request paths and hrefs into the kinds of resources that they can name.
//!
//! **Invariant:** each path segment is decoded exactly once. This module does not know whether a
//! resource exists.

use dav::href::Href;
use projections::{Directory, SEPARATOR};

use service::sharing::Delegation;

use super::href::{self, HOMES, PRINCIPALS};
use crate::base_path;
use crate::refusal::Refusal;

/// Explains why a collection cannot have a name that contains a slash.
pub(crate) const NO_COLLECTION_NAME: &str = "the name of a collection must not contain an encoded slash (%2F)";
/// The text before the path of an href in a response from `/asof/`. The closing tag of an href
/// contains it, too, but no path follows there. Texts of users do not contain it, because `>` is
/// escaped in texts.
pub(crate) const BEFORE_HREF: &str = ":href>";
/// First character of an href that a response from `/asof/` must return exactly as it was requested
/// or stored. No other href begins with this character.
pub(crate) const AS_REQUESTED: char = ' ';
/// First path segment of past states: `/asof/`, then a position or a time, then the path of the
/// resource.
const AS_OF: &str = "asof";
/// Index of the first path segment that can name a calendar object. The segments before it are
/// `calendars`, the owner's short name and a collection.
const FIRST_OBJECT: usize = 3;

/// A path with decoded segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Path {
    Root,
    Principals,
    Principal {
        name: String,
    },
    /// A group that holds the delegates of a principal.
    Delegates {
        name: String,
        delegation: Delegation,
    },
    Homes,
    Home {
        owner: String,
    },
    /// A collection, a calendar object, a file or a scheduling message in a home. The path alone
    /// does not show which of them it is.
    Inside {
        owner: String,
        /// The path of the parent collection below the home; empty: the home itself.
        within: String,
        /// The last path segment.
        name: String,
    },
}

impl Path {
    /// Parses the path of a request, without the base path. A slash at its end is ignored, because
    /// clients differ in it.
    ///
    /// `Err` with 400 if the path is malformed, 403 if a segment other than an object's name
    /// contains a slash, and 404 if no resource can exist at the path.
    pub(crate) fn parse(path: &str) -> Result<Self, Refusal> {
        // RFC 9110 §9.3.7: `OPTIONS *` asks about the server as a whole.
        if path == "*" {
            return Ok(Self::Root);
        }
        // Some clients append a second slash at the end of a path.
        let trimmed = path.trim_end_matches('/');
        let path = if path.len() > trimmed.len() + 1 { &path[..=trimmed.len()] } else { path };
        let path = dav::href::Path::parse(path).map_err(|error| Refusal::bad_request(error.to_string()))?;
        // The name of an object may contain an encoded slash, because clients name objects after
        // their UID. The last segment directly in a home may be a collection's name, so it is
        // checked, too.
        let above_objects = path.segments.len().saturating_sub(1).max(FIRST_OBJECT);
        if path.segments.iter().take(above_objects).any(|segment| segment.contains(SEPARATOR)) {
            return Err(Refusal::forbidden(NO_COLLECTION_NAME));
        }
        Self::of(path).ok_or(Refusal::NotFound)
    }

    /// Parses an href from a request body or header. `None` if the href is malformed, or if no
    /// resource of this server can have its path. The host is ignored.
    ///
    /// An href below `/asof/` is parsed into the path of the same resource in the present.
    pub(crate) fn of_href(href: &str) -> Option<Self> {
        let mut path = Href::parse(href).ok()?.path;
        base_path::remove_from(&mut path);
        if path.segments.first().is_some_and(|tree| tree == AS_OF) {
            path.segments.drain(..path.segments.len().min(2));
        }
        Self::of(path)
    }

    /// Parses an href like [`Self::of_href`]. `None` also if the href belongs to another time than
    /// `when`: to another position below `/asof/`, to the present instead of the past, or to the
    /// past instead of the present.
    pub(crate) fn of_href_in(when: Option<&str>, href: &str) -> Option<Self> {
        let mut path = Href::parse(href).ok()?.path;
        base_path::remove_from(&mut path);
        let is_past = path.segments.first().is_some_and(|tree| tree == AS_OF);
        let asked = path.segments.get(1).filter(|_| is_past).map(String::as_str);
        if is_past != when.is_some() || asked != when {
            return None;
        }
        Self::of_href(href)
    }

    /// Classifies a decoded path by its segments; `None` if no resource can exist there.
    pub(crate) fn of(path: dav::href::Path) -> Option<Self> {
        let mut segments = path.segments.into_iter();
        let Some(tree) = segments.next() else { return Some(Self::Root) };
        let (owner, mut below) = (segments.next(), segments.collect::<Vec<_>>());
        match (tree.as_str(), owner, below.pop()) {
            (PRINCIPALS, None, _) => Some(Self::Principals),
            (PRINCIPALS, Some(name), None) => Some(Self::Principal { name }),
            (PRINCIPALS, Some(name), Some(last)) if below.is_empty() => {
                href::delegation(&last).map(|delegation| Self::Delegates { name, delegation })
            }
            (HOMES, None, _) => Some(Self::Homes),
            (HOMES, Some(owner), None) => Some(Self::Home { owner }),
            // A decoded collection name contains no slash: the segment `a%2Fb` must not be taken
            // for `a/b`.
            (HOMES, Some(owner), Some(name)) => {
                let is_object = !below.is_empty();
                let is_possible =
                    below.iter().all(|name| !name.contains(SEPARATOR)) && (is_object || !name.contains(SEPARATOR));
                let within = below.join(&SEPARATOR.to_string());
                is_possible.then_some(Self::Inside { owner, within, name })
            }
            _ => None,
        }
    }

    /// Returns the path of a collection. `name` is the collection's path below the home; empty: the
    /// home itself.
    pub(crate) fn of_collection(owner: &str, name: &str) -> Self {
        let owner = owner.to_owned();
        if name.is_empty() {
            return Self::Home { owner };
        }
        let (within, name) = name.rsplit_once(SEPARATOR).unwrap_or(("", name));
        Self::Inside { owner, within: within.to_owned(), name: name.to_owned() }
    }

    /// Returns the path below the home, as in the read models, for a collection at this path.
    /// `None` outside of homes, and if the last segment contains a slash, which only an object's
    /// name may.
    pub(crate) fn collection_name(&self) -> Option<String> {
        match self {
            Self::Inside { name, .. } if name.contains(SEPARATOR) => None,
            Self::Home { .. } => Some(String::new()),
            Self::Inside { within, name, .. } if within.is_empty() => Some(name.clone()),
            Self::Inside { within, name, .. } => Some(format!("{within}{SEPARATOR}{name}")),
            Self::Root | Self::Principals | Self::Principal { .. } | Self::Delegates { .. } | Self::Homes => None,
        }
    }

    /// Returns the short name of the principal in whose home the path is; `None` outside of homes.
    pub(crate) fn owner(&self) -> Option<&str> {
        match self {
            Self::Home { owner } | Self::Inside { owner, .. } => Some(owner),
            Self::Root | Self::Principals | Self::Principal { .. } | Self::Delegates { .. } | Self::Homes => None,
        }
    }

    /// Returns the path of the parent collection; `None` for a home and for every path outside of
    /// homes.
    pub(crate) fn parent(&self) -> Option<Self> {
        match self {
            Self::Inside { owner, within, .. } => Some(Self::of_collection(owner, within)),
            Self::Root
            | Self::Principals
            | Self::Principal { .. }
            | Self::Delegates { .. }
            | Self::Homes
            | Self::Home { .. } => None,
        }
    }

    /// Returns true if this path lies in the collection at `other`, at any depth.
    pub(crate) fn is_below(&self, other: &Self) -> bool {
        let mut above = self.parent();
        while let Some(path) = above {
            if path == *other {
                return true;
            }
            above = path.parent();
        }
        false
    }

    /// Returns the present path of a resource that was requested below a former name of its
    /// principal. `None` if the path names no principal, or if the principal has the requested name
    /// today or does not exist. `target` is the path as requested; a slash at its end is kept.
    pub(crate) fn of_today(&self, target: &str, directory: &Directory) -> Option<String> {
        let (Self::Principal { name: named }
        | Self::Delegates { name: named, .. }
        | Self::Home { owner: named }
        | Self::Inside { owner: named, .. }) = self
        else {
            return None;
        };
        let today = &directory.by_name(named)?.short_name;
        if today == named {
            return None;
        }
        let slash = if target.ends_with('/') { "/" } else { "" };
        Some(match self {
            Self::Principal { .. } => href::principal(today),
            Self::Delegates { delegation, .. } => href::delegates(today, *delegation),
            Self::Home { .. } => href::home(today),
            Self::Inside { within, name, .. } => href::object(today, within, name) + slash,
            Self::Root | Self::Principals | Self::Homes => return None,
        })
    }

    /// Returns the href of this path. A resource directly in a home is assumed to be a collection,
    /// so its href ends with a slash. A deeper one is assumed not to be a collection.
    pub(crate) fn href(&self) -> String {
        match self {
            Self::Root => href::root(),
            Self::Principals => href::of(&[PRINCIPALS], "/"),
            Self::Principal { name } => href::principal(name),
            Self::Delegates { name, delegation } => href::delegates(name, *delegation),
            Self::Homes => href::of(&[HOMES], "/"),
            Self::Home { owner } => href::home(owner),
            Self::Inside { owner, within, name } if within.is_empty() => href::collection(owner, name),
            Self::Inside { .. } => self.member_href(),
        }
    }

    /// Returns the href of this path as that of a resource other than a collection, which has no
    /// slash at its end.
    pub(crate) fn member_href(&self) -> String {
        match self {
            Self::Inside { owner, within, name } => href::object(owner, within, name),
            Self::Root
            | Self::Principals
            | Self::Principal { .. }
            | Self::Delegates { .. }
            | Self::Homes
            | Self::Home { .. } => self.href(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(within: &str, name: &str) -> Path {
        Path::Inside { owner: "anna".into(), within: within.into(), name: name.into() }
    }

    fn object(name: &str) -> Path {
        inside("calendar", name)
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
            (
                "/principals/anna/calendar-proxy-read/",
                Some(Path::Delegates { name: "anna".into(), delegation: Delegation::Read }),
            ),
            ("/principals/anna/calendar-proxy-write/more", None),
            ("/calendars/", Some(Path::Homes)),
            ("/calendars/anna", Some(Path::Home { owner: "anna".into() })),
            ("/calendars/a%20b/", Some(Path::Home { owner: "a b".into() })),
            ("/calendars/anna/calendar/1.ics", Some(object("1.ics"))),
            ("/calendars/anna/calendar/1.ics/", Some(object("1.ics"))),
            ("/calendars/anna/calendar/", Some(inside("", "calendar"))),
            ("/calendars/anna/a%20b/c/d/", Some(inside("a b/c", "d"))),
            ("/calendars/anna/calendar/%C3%A4b%25.ics", Some(object("äb%.ics"))),
            ("/calendars/anna/calendar/a%CC%88.ics", Some(object("a\u{308}.ics"))),
            ("/calendars/anna/calendar/a%252F%2520b", Some(object("a%2F%20b"))),
            ("/calendars/anna/calendar/%C3%A4%2Fb%25.ics", Some(object("ä/b%.ics"))),
            ("/calendars/anna/a%2Fb/c/d", None),
            ("/calendars/anna/a%2Fb", None),
            ("/calendars/anna/a%2Fb/c", None),
            ("/calendars/an%2Fna/", None),
            ("/calendars/anna/calendar/a;b=c,d:e@f.ics", Some(object("a;b=c,d:e@f.ics"))),
            ("/calendars/anna/calendar/1.ics/more", Some(inside("calendar/1.ics", "more"))),
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
        let odd = "a b|c%d?e#f;ä\"<&>%2F..";
        let paths = [
            Path::Root,
            Path::Principals,
            Path::Principal { name: odd.into() },
            Path::Delegates { name: odd.into(), delegation: Delegation::Write },
            Path::Homes,
            Path::Home { owner: odd.into() },
            Path::Inside { owner: odd.into(), within: String::new(), name: odd.into() },
            Path::Inside { owner: odd.into(), within: odd.into(), name: odd.into() },
            Path::Inside { owner: odd.into(), within: format!("{odd}/{odd}"), name: odd.into() },
        ];
        for path in paths {
            assert_eq!(Path::parse(&path.href()).ok(), Some(path));
        }
    }

    #[test]
    fn a_path_is_below_all_that_it_lies_in() {
        let [home, outer, inner] = [Path::of_collection("anna", ""), inside("", "a"), inside("a", "b")];
        assert!(inner.is_below(&outer) && inner.is_below(&home) && outer.is_below(&home));
        assert!(!outer.is_below(&inner) && !outer.is_below(&outer) && !inside("", "ab").is_below(&outer));
        assert_eq!(inner.collection_name().as_deref(), Some("a/b"));
        assert_eq!(Path::of_collection("anna", "a/b"), inner);
    }
}
