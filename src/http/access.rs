//! Privileges (RFC 3744): which ones a person has on a resource is answered by one function, [`privileges`].
//!
//! Entries are evaluated in their order (RFC 3744 §6): the owner's and the administrators', which are protected; those set
//! on the resource itself; those it inherits from the collections it lies in, the nearest first, the home last; and what
//! everybody may unless one of these says otherwise: so that the owner of an inbox can choose who may schedule with him (RFC 6638 §6.1).
//!
//! What may not be read and what does not exist look alike: where what is missing could be read if it were there, both answer
//! 404, else both answer 403 in the name of the path that was asked for. What may not be read is not listed either.
//!
//! **Invariant:** every method and report asks here before it reads or writes.

use dav::{Evaluation, Privilege, PrivilegeSet};
use projections::Collection;
use schemas::{
    PrincipalId,
    access::{AccessControlEntry, Effect, Grantee},
};
use service::Sending;

use crate::{
    auth::Person,
    call::Call,
    href::OUTBOX,
    no::No,
    node::{self, Found, Kind, Node},
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
        Kind::Home | Kind::Calendar | Kind::Outbox | Kind::Plain | Kind::Object | Kind::Item | Kind::File => {
            PrivilegeSet::default()
        }
    }
}

/// What the owner of a resource, or an administrator, may do with a resource of this kind.
pub(crate) fn for_owner(kind: Kind) -> PrivilegeSet {
    match kind {
        Kind::Root | Kind::Principals | Kind::Homes => PrivilegeSet::of([Privilege::Read, Privilege::ReadAcl]),
        Kind::Principal => PrivilegeSet::of([Privilege::Read, Privilege::ReadAcl, Privilege::WriteProperties]),
        Kind::Home
        | Kind::Calendar
        | Kind::Plain
        | Kind::Object
        | Kind::Item
        | Kind::File
        | Kind::Inbox
        | Kind::Outbox => PrivilegeSet::of([Privilege::All]),
    }
}

/// Which privileges has this person on this resource?
pub(crate) fn privileges(person: &Person, node: &Node<'_>) -> PrivilegeSet {
    if node.owner().is_some_and(|owner| owner.id == person.id) || person.is_administrator() {
        return for_owner(node.kind());
    }
    let mut evaluation = Evaluation::default();
    for (entry, _) in entries(node).filter(|(entry, _)| names(entry, person)) {
        match entry.effect {
            Effect::Grant => named(entry).for_each(|privilege| evaluation.grant(privilege)),
            Effect::Deny => named(entry).for_each(|privilege| evaluation.deny(privilege)),
        }
    }
    for_everybody(node.kind()).iter().for_each(|privilege| evaluation.grant(privilege));
    evaluation.held()
}

/// Whether the owner's privileges on a resource of this kind come from its home.
pub(crate) fn owner_inherits(kind: Kind) -> bool {
    match kind {
        Kind::Calendar | Kind::Inbox | Kind::Outbox | Kind::Plain | Kind::Object | Kind::Item | Kind::File => true,
        Kind::Root | Kind::Principals | Kind::Homes | Kind::Principal | Kind::Home => false,
    }
}

/// Where an entry was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetOn<'a> {
    Itself,
    /// A collection it lies in, by its name; empty: the home.
    Above(&'a str),
}

/// The entries that clients set and that hold for a resource, in the order of their evaluation.
pub(crate) fn entries<'a>(node: &Node<'a>) -> impl Iterator<Item = (&'a AccessControlEntry, SetOn<'a>)> + use<'a> {
    let (own, collection): (&[_], _) = match *node {
        Node::Root | Node::Principals | Node::Homes | Node::Principal(_) => (&[], None),
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => (&[], Some(collection)),
        Node::Member { member, collection, .. } => (&member.acl, Some(collection)),
    };
    let is_member = matches!(node, Node::Member { .. });
    let own = own.iter().map(|entry| (entry, SetOn::Itself));
    let collection = collection.into_iter().flat_map(move |collection| {
        let set_on = if is_member { SetOn::Above(&collection.name) } else { SetOn::Itself };
        let own = collection.acl.iter().map(move |entry| (entry, set_on));
        let above = collection
            .inherited
            .iter()
            .flat_map(|inherited| inherited.entries.iter().map(|entry| (entry, SetOn::Above(inherited.from.as_str()))));
        own.chain(above)
    });
    own.chain(collection)
}

/// What an entry speaks of. A privilege that this version does not know says nothing.
pub(crate) fn named(entry: &AccessControlEntry) -> impl Iterator<Item = Privilege> {
    entry.privileges.iter().filter_map(|name| Privilege::from_local(name))
}

/// Whether an entry is for this person, who is not the owner.
fn names(entry: &AccessControlEntry, person: &Person) -> bool {
    let is_named = match entry.to {
        Grantee::Principal(id) => person.identities.contains(&id),
        // Nobody comes this far who has not logged in.
        Grantee::All | Grantee::Authenticated => true,
        Grantee::Owner | Grantee::Unauthenticated => false,
    };
    is_named != entry.inverted
}

/// The owner of a home, and administrators.
pub(crate) fn reigns(person: &Person, owner: PrincipalId) -> bool {
    person.id == owner || person.is_administrator()
}

/// What the person may send in the name of the owner of a home: it stands on the outbox (RFC 6638 §6.2).
pub(crate) fn sending(call: &Call, owner: PrincipalId) -> Sending {
    if reigns(&call.person, owner) {
        return Sending::EVERYTHING;
    }
    // What cannot be looked up is not granted.
    let outbox = call.models().outline(owner, OUTBOX).ok().flatten();
    let held = outbox
        .zip(call.person.directory.by_id(owner))
        .map(|(collection, owner)| privileges(&call.person, &Node::Collection { owner, collection: &collection }));
    let held = held.unwrap_or_default();
    Sending {
        invitations: held.contains(Privilege::ScheduleSendInvite),
        replies: held.contains(Privilege::ScheduleSendReply),
    }
}

pub(crate) fn may(person: &Person, node: &Node<'_>, privilege: Privilege) -> bool {
    privileges(person, node).contains(privilege)
}

/// The answer where there is nothing: 404 for whoever could have read it, otherwise as if there were.
pub(crate) fn missing(call: &Call, path: &Path) -> No {
    match could_be_read(call, path) {
        Ok(true) => No::NotFound,
        Ok(false) => No::lacking(path.href(), Privilege::Read),
        Err(no) => no,
    }
}

/// Whether what is not there could be read if it were: it would inherit from the collection it were in.
fn could_be_read(call: &Call, path: &Path) -> Result<bool, No> {
    let Some(owner) = path.owner() else { return Ok(true) };
    match call.person.directory.by_name(owner) {
        Some(owner) if reigns(&call.person, owner.id) => return Ok(true),
        Some(_) => {}
        None => return Ok(call.person.is_administrator()),
    }
    let mut above = path.above();
    while let Some(path) = above {
        // What lies above and may not be read is as if it were not there.
        if let Some(found) = node::outline(call, &path)?
            && may(&call.person, &lent(call, &found)?, Privilege::Read)
        {
            return Ok(true);
        }
        above = path.above();
    }
    Ok(false)
}

/// What stands at the request's path, if the person has the privilege.
pub(crate) fn found(call: &Call, privilege: Privilege) -> Result<Found, No> {
    found_at(call, &call.path, privilege)
}

/// What stands at another path, such as a `Destination`.
pub(crate) fn found_at(call: &Call, path: &Path, privilege: Privilege) -> Result<Found, No> {
    let found = node::look(call, path)?.ok_or_else(|| missing(call, path))?;
    require_at(call, path, &found, privilege)?;
    Ok(found)
}

/// Refuses who lacks the privilege (RFC 3744 §7.1.1) on what stands at a path. Who may not read it is answered as where
/// nothing is.
pub(crate) fn require_at(call: &Call, path: &Path, found: &Found, privilege: Privilege) -> Result<(), No> {
    let node = lent(call, found)?;
    let has = privileges(&call.person, &node);
    if has.contains(privilege) {
        return Ok(());
    }
    // Who may not even read learns nothing, also not which privilege an existing resource would have needed.
    let may_read = has.contains(Privilege::Read);
    Err(if may_read { No::lacking(node.href(), privilege) } else { missing(call, path) })
}

/// What is known of a resource, for writing about it.
pub(crate) fn lent<'a>(call: &'a Call, found: &'a Found) -> Result<Node<'a>, No> {
    found.node(&call.person.directory).ok_or(No::NotFound)
}

/// What stands at the request's path, if the person may take it out of its collection (RFC 3744 §3.10). Who may not is told
/// the same where nothing is.
pub(crate) fn removable(call: &Call) -> Result<Found, No> {
    let found = node::look(call, &call.path)?;
    let missing = || missing(call, &call.path);
    let above = above(call, &call.path, Privilege::Unbind).map_err(|no| match no {
        No::Unmet(_) => no,
        // Where there is nothing above there is nothing to remove.
        _ => missing(),
    });
    match found {
        Some(found) => above.map(|_| found),
        None => Err(above.err().unwrap_or_else(missing)),
    }
}

/// Whether the person may change what stands where something new is to be stored. Who may not read it is answered as
/// where nothing is: who may add nothing there learns no name.
pub(crate) fn changeable(call: &Call, path: &Path, found: &Found, needed: &[Privilege]) -> Result<(), No> {
    let has = privileges(&call.person, &lent(call, found)?);
    if !has.contains(Privilege::Read) && !needed.iter().all(|needed| has.contains(*needed)) {
        above(call, path, Privilege::Bind)?;
        return Err(No::lacking(path.href(), Privilege::Read));
    }
    needed.iter().try_for_each(|needed| require_at(call, path, found, *needed))
}

/// The collection above a path, if the person has the privilege there. None is 409 (RFC 4918 §9.7.1).
///
/// Who may not read that collection is answered in the name of the path itself, as if something were there.
pub(crate) fn above(call: &Call, path: &Path, privilege: Privilege) -> Result<(PrincipalId, Box<Collection>), No> {
    let unreadable = || No::lacking(path.href(), Privilege::Read);
    let Some(above) = path.above() else {
        let no = No::forbidden("nothing can be created or removed here");
        return Err(if could_be_read(call, path)? { no } else { unreadable() });
    };
    let absent = || -> Result<No, No> {
        let no = No::conflict("the collection above does not exist");
        Ok(if could_be_read(call, &above)? { no } else { unreadable() })
    };
    let Some(found) = node::outline(call, &above)? else { return Err(absent()?) };
    let node = lent(call, &found)?;
    let has = privileges(&call.person, &node);
    if !has.contains(privilege) {
        return Err(if has.contains(Privilege::Read) { No::lacking(node.href(), privilege) } else { absent()? });
    }
    match found {
        Found::Collection { owner, collection } | Found::Home { owner, home: collection } => Ok((owner, collection)),
        Found::Member { .. } => Err(No::conflict("what is above is no collection")),
        Found::Root | Found::Principals | Found::Homes | Found::Principal(_) => {
            Err(No::forbidden("nothing can be created or removed here"))
        }
    }
}
