//! Prints hrefs: percent-encoded absolute paths that begin with the base path. The href of a
//! collection ends with a slash (RFC 4918 §5.2).

use dav::href::push_segment;
use projections::{Collection, SEPARATOR};
use service::sharing::Delegation;

use crate::base_path;

/// First path segment of the hrefs of principals.
pub(crate) const PRINCIPALS: &str = "principals";
/// First path segment of the hrefs of homes and of everything in them.
pub(crate) const HOMES: &str = "calendars";
/// Name of the inbox, which every home has from its creation (RFC 6638 §2.2).
pub(crate) const INBOX: &str = "inbox";
/// Name of the outbox, which every home has from its creation (RFC 6638 §2.1).
pub(crate) const OUTBOX: &str = "outbox";

pub(crate) fn principal(name: &str) -> String {
    of(&[PRINCIPALS, name], "/")
}

/// Returns the href of a delegates group of the principal `name`. The group is a principal below
/// that principal (caldav-proxy §5.2).
pub(crate) fn delegates(name: &str, delegation: Delegation) -> String {
    of(&[PRINCIPALS, name, proxy(delegation)], "/")
}

/// Returns which delegates group a path segment names: that of the delegates who may read, or of
/// those who may write. `None` if it names neither.
pub(crate) fn delegation(name: &str) -> Option<Delegation> {
    [Delegation::Read, Delegation::Write].into_iter().find(|delegation| proxy(*delegation) == name)
}

const fn proxy(delegation: Delegation) -> &'static str {
    match delegation {
        Delegation::Read => "calendar-proxy-read",
        Delegation::Write => "calendar-proxy-write",
    }
}

pub(crate) fn home(owner: &str) -> String {
    of(&[HOMES, owner], "/")
}

/// Returns the href of a collection: its path in the owner's home, or in the sharee's home if it
/// was looked up there.
pub(crate) fn of_collection(owner: &str, collection: &Collection) -> String {
    match &collection.shared_as {
        Some(shared) => self::collection(&shared.home, &shared.name),
        None => self::collection(owner, &collection.name),
    }
}

/// Returns the collection's name in the home where it was looked up: the owner's or a sharee's.
pub(crate) fn name_in_home(collection: &Collection) -> &str {
    collection.shared_as.as_ref().map_or(&collection.name, |shared| &shared.name)
}

/// Returns the href of a calendar object, a file or a scheduling message: its path in the owner's
/// home, or in the sharee's home if the collection was looked up there.
pub(crate) fn of_member(owner: &str, collection: &Collection, name: &str) -> String {
    match &collection.shared_as {
        Some(shared) => object(&shared.home, &shared.name, name),
        None => object(owner, &collection.name, name),
    }
}

/// Returns the href of a collection. `name` is the collection's decoded path below the home, as in
/// the read models; empty: the home itself.
pub(crate) fn collection(owner: &str, name: &str) -> String {
    of(&below(owner, name), "/")
}

/// Returns the href of a calendar object, a file or a scheduling message.
pub(crate) fn object(owner: &str, collection: &str, name: &str) -> String {
    let mut segments = below(owner, collection);
    segments.push(name);
    of(&segments, "")
}

fn below<'a>(owner: &'a str, collection: &'a str) -> Vec<&'a str> {
    let segments = collection.split(SEPARATOR).filter(|segment| !segment.is_empty());
    [HOMES, owner].into_iter().chain(segments).collect()
}

/// Returns the href of the root of the server.
pub(crate) fn root() -> String {
    of(&[], "/")
}

/// Joins the segments into an href, percent-encodes them, and appends `end`.
pub(crate) fn of(segments: &[&str], end: &str) -> String {
    let base = base_path::printed();
    let below = segments.iter().map(|segment| segment.len() + 1).sum::<usize>();
    let mut href = String::with_capacity(base.len() + below + end.len());
    href.push_str(base);
    for segment in segments {
        href.push('/');
        push_segment(&mut href, segment);
    }
    href.push_str(end);
    href
}
