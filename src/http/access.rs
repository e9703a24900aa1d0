//! Privileges (RFC 3744): which ones a person has on a resource is answered by one function, [`privileges`].
//!
//! A foreign home and one that does not exist look alike: both answer 403, whatever is asked. What may not be read is
//! not listed either.
//!
//! **Invariant:** every method and report asks here before it reads or writes.

use dav::{Privilege, PrivilegeSet};
use projections::Collection;
use schemas::PrincipalId;

use crate::{
    auth::Person,
    call::Call,
    no::No,
    node::{Found, Kind, Node, look},
    path::Path,
};

/// What somebody who only has an account may do with a resource of this kind.
pub(crate) fn for_everybody(kind: Kind) -> PrivilegeSet {
    match kind {
        Kind::Root | Kind::Principals | Kind::Homes | Kind::Principal => {
            PrivilegeSet::of([Privilege::Read, Privilege::ReadCurrentUserPrivilegeSet])
        }
        // RFC 6638 §6.1: everybody may send here messages, and ask when the owner is free.
        Kind::Inbox => PrivilegeSet::of([Privilege::ScheduleDeliver]),
        Kind::Home | Kind::Calendar | Kind::Outbox | Kind::Object | Kind::Item => PrivilegeSet::default(),
    }
}

/// What the owner of a home, or an administrator, may do with a resource of this kind.
pub(crate) fn for_owner(kind: Kind) -> PrivilegeSet {
    match kind {
        Kind::Root | Kind::Principals | Kind::Homes | Kind::Principal => for_everybody(kind),
        Kind::Home | Kind::Calendar | Kind::Object | Kind::Item => PrivilegeSet::of([Privilege::All]),
        Kind::Inbox => PrivilegeSet::of([Privilege::All, Privilege::ScheduleDeliver]),
        Kind::Outbox => PrivilegeSet::of([Privilege::All, Privilege::ScheduleSend]),
    }
}

/// Which privileges has this person on this resource?
pub(crate) fn privileges(person: &Person, node: &Node<'_>) -> PrivilegeSet {
    if node.owner().is_some_and(|owner| reigns(person, owner.id)) {
        for_owner(node.kind())
    } else {
        for_everybody(node.kind())
    }
}

/// The owner of a home, and administrators.
pub(crate) fn reigns(person: &Person, owner: PrincipalId) -> bool {
    person.id == owner || person.is_administrator()
}

pub(crate) fn may(person: &Person, node: &Node<'_>, privilege: Privilege) -> bool {
    privileges(person, node).contains(privilege)
}

/// Refuses who lacks the privilege (RFC 3744 §7.1.1).
pub(crate) fn require(call: &Call, node: &Node<'_>, privilege: Privilege) -> Result<(), No> {
    let has = privileges(&call.person, node);
    if has.contains(privilege) {
        return Ok(());
    }
    // Who may not even read learns nothing, also not which privilege an existing resource would have needed.
    let lacking = if has.contains(Privilege::Read) { privilege } else { Privilege::Read };
    Err(No::lacking(node.href(), lacking))
}

/// The answer where there is nothing: 404 for whoever could have read it, otherwise as if there were.
pub(crate) fn missing(call: &Call, path: &Path) -> No {
    let Some(owner) = path.owner() else { return No::NotFound };
    let directory = &call.person.directory;
    let may_know = match directory.by_name(owner) {
        Some(owner) => reigns(&call.person, owner.id),
        None => call.person.is_administrator(),
    };
    if may_know { No::NotFound } else { No::lacking(path.href(), Privilege::Read) }
}

/// What stands at the request's path, if the person has the privilege.
pub(crate) fn found(call: &Call, privilege: Privilege) -> Result<Found, No> {
    found_at(call, &call.path, privilege)
}

/// What stands at another path, such as a `Destination`.
pub(crate) fn found_at(call: &Call, path: &Path, privilege: Privilege) -> Result<Found, No> {
    let found = look(call, path)?.ok_or_else(|| missing(call, path))?;
    require(call, &lent(call, &found)?, privilege)?;
    Ok(found)
}

/// What is known of a resource, for writing about it.
pub(crate) fn lent<'a>(call: &'a Call, found: &'a Found) -> Result<Node<'a>, No> {
    found.node(&call.person.directory).ok_or(No::NotFound)
}

/// The collection above a path, if the person has the privilege there. None is 409 (RFC 4918 §9.7.1).
pub(crate) fn above(call: &Call, path: &Path, privilege: Privilege) -> Result<(PrincipalId, Box<Collection>), No> {
    let above = match path {
        Path::Object { owner, collection, .. } => {
            Path::Collection { owner: owner.clone(), collection: collection.clone() }
        }
        Path::Collection { owner, .. } => Path::Home { owner: owner.clone() },
        Path::Root | Path::Principals | Path::Principal { .. } | Path::Homes | Path::Home { .. } => {
            return Err(No::forbidden("nothing can be created here"));
        }
    };
    let found = found_at(call, &above, privilege).map_err(|no| match no {
        No::NotFound => No::conflict("the collection above does not exist"),
        no => no,
    })?;
    match found {
        Found::Collection { owner, collection } | Found::Home { owner, home: collection } => Ok((owner, collection)),
        Found::Root | Found::Principals | Found::Homes | Found::Principal(_) | Found::Member { .. } => {
            Err(No::forbidden("nothing can be created here"))
        }
    }
}
