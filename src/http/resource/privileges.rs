//! Evaluates the privileges of a caller on a resource (RFC 3744 §6).
//!
//! ACL entries are evaluated in this order: the protected entries of the owner and the
//! administrators; the entries set on the resource itself; the entries inherited from the
//! collections above it, nearest first and the home last; the privileges that everybody has.
//! Everybody's privileges come last, so that the owner of an inbox can deny scheduling to chosen
//! people (RFC 6638 §6.1).

use dav::{Evaluation, Privilege, PrivilegeSet};
use projections::Collection;
use schemas::{
    CollectionId, PrincipalId,
    access::{AccessControlEntry, Effect, Grantee},
    collection::CollectionKind,
};

use super::{Kind, ResourceView};
use crate::person::Person;

/// The privileges that can be held on notifications of shared calendars and on their collection.
/// Only the server adds and writes notifications (caldav-notifications §4).
const ON_NOTIFICATIONS: [Privilege; 6] = [
    Privilege::Read,
    Privilege::ReadAcl,
    Privilege::ReadCurrentUserPrivilegeSet,
    Privilege::WriteAcl,
    Privilege::WriteProperties,
    Privilege::Unbind,
];

/// Returns the privileges that every principal has on a resource of this kind, unless an ACL entry
/// denies them.
pub(crate) fn for_everybody(kind: Kind) -> PrivilegeSet {
    match kind {
        Kind::Root | Kind::Principals | Kind::Homes | Kind::Principal | Kind::Delegates => {
            PrivilegeSet::of([Privilege::Read, Privilege::ReadCurrentUserPrivilegeSet])
        }
        // RFC 6638 §6.1: by default every principal may send messages to an inbox, and ask when its
        // owner is free.
        Kind::Inbox => PrivilegeSet::of([Privilege::ScheduleDeliver]),
        Kind::Home
        | Kind::Calendar
        | Kind::Outbox
        | Kind::Plain
        | Kind::Object
        | Kind::SchedulingMessage
        | Kind::File => PrivilegeSet::default(),
    }
}

/// Returns the privileges that the owner and every administrator have on a resource of this kind.
pub(crate) fn for_owner(kind: Kind) -> PrivilegeSet {
    match kind {
        Kind::Root | Kind::Principals | Kind::Homes => PrivilegeSet::of([Privilege::Read, Privilege::ReadAcl]),
        Kind::Principal | Kind::Delegates => {
            PrivilegeSet::of([Privilege::Read, Privilege::ReadAcl, Privilege::WriteProperties])
        }
        Kind::Home
        | Kind::Calendar
        | Kind::Plain
        | Kind::Object
        | Kind::SchedulingMessage
        | Kind::File
        | Kind::Inbox
        | Kind::Outbox => PrivilegeSet::of([Privilege::All]),
    }
}

/// Returns the privileges of a person on a resource.
///
/// A shared calendar at its path in a sharee's home exists only for that sharee and for
/// administrators. They may set properties there, which apply to the sharee alone (caldav-sharing
/// §5.5.3).
pub(crate) fn privileges(person: &Person, resource: &ResourceView<'_>) -> PrivilegeSet {
    let shared = resource.collection().and_then(|collection| collection.shared_as.as_deref());
    if shared.is_some_and(|shared| !owns_or_administers(person, shared.sharee)) {
        return PrivilegeSet::default();
    }
    let held = at_owners_address(person, resource);
    if resource.collection().is_some_and(is_of_notifications) {
        return PrivilegeSet::of(ON_NOTIFICATIONS.into_iter().filter(|privilege| held.contains(*privilege)));
    }
    let is_itself = matches!(resource, ResourceView::Collection { .. });
    if shared.is_none() || !is_itself || !held.contains(Privilege::Read) {
        return held;
    }
    PrivilegeSet::of(held.iter().chain([Privilege::WriteProperties]))
}

/// Returns true for the collection of a home in which the server stores notifications of shared
/// calendars.
pub(crate) fn is_of_notifications(collection: &Collection) -> bool {
    // The kind is compared first, because every request comes here and the id is an expensive
    // digest.
    collection.kind == CollectionKind::Plain && collection.id == CollectionId::notifications(collection.home)
}

fn at_owners_address(person: &Person, resource: &ResourceView<'_>) -> PrivilegeSet {
    if resource.owner().is_some_and(|owner| owner.id == person.id) || person.is_administrator() {
        return for_owner(resource.kind());
    }
    let mut evaluation = Evaluation::default();
    for (entry, _) in entries(resource).filter(|(entry, _)| applies_to(entry, person)) {
        match entry.effect {
            Effect::Grant => named(entry).for_each(|privilege| evaluation.grant(privilege)),
            Effect::Deny => named(entry).for_each(|privilege| evaluation.deny(privilege)),
        }
    }
    for_everybody(resource.kind()).iter().for_each(|privilege| evaluation.grant(privilege));
    evaluation.held()
}

/// Returns true if the person has the privilege on the resource.
pub(crate) fn allows(person: &Person, resource: &ResourceView<'_>, privilege: Privilege) -> bool {
    privileges(person, resource).contains(privilege)
}

/// Returns true if `person` is the principal `owner`, or an administrator.
pub(crate) fn owns_or_administers(person: &Person, owner: PrincipalId) -> bool {
    person.id == owner || person.is_administrator()
}

/// Returns true if the owner's privileges on this kind of resource are inherited from the owner's
/// home.
pub(crate) fn owner_inherits(kind: Kind) -> bool {
    match kind {
        Kind::Calendar
        | Kind::Inbox
        | Kind::Outbox
        | Kind::Plain
        | Kind::Object
        | Kind::SchedulingMessage
        | Kind::File => true,
        Kind::Root | Kind::Principals | Kind::Homes | Kind::Principal | Kind::Delegates | Kind::Home => false,
    }
}

/// The resource on which an ACL entry was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetOn<'a> {
    Itself,
    /// A collection above the resource, by its path below the home; empty: the home itself.
    Ancestor(&'a str),
}

/// Returns the ACL entries that clients set and that apply to a resource, in the order of their
/// evaluation.
pub(crate) fn entries<'a>(
    resource: &ResourceView<'a>,
) -> impl Iterator<Item = (&'a AccessControlEntry, SetOn<'a>)> + use<'a> {
    let (own, collection): (&[_], _) = match *resource {
        ResourceView::Root
        | ResourceView::Principals
        | ResourceView::Homes
        | ResourceView::Principal(_)
        | ResourceView::Delegates { .. } => (&[], None),
        ResourceView::Home { home: collection, .. } | ResourceView::Collection { collection, .. } => {
            (&[], Some(collection))
        }
        ResourceView::Member { member, collection, .. } => (&member.acl, Some(collection)),
    };
    let is_member = matches!(resource, ResourceView::Member { .. });
    let own = own.iter().map(|entry| (entry, SetOn::Itself));
    let collection = collection.into_iter().flat_map(move |collection| {
        let set_on = if is_member { SetOn::Ancestor(&collection.name) } else { SetOn::Itself };
        let own = collection.acl.iter().map(move |entry| (entry, set_on));
        let inherited = collection.inherited.iter().flat_map(|inherited| {
            inherited.entries.iter().map(|entry| (entry, SetOn::Ancestor(inherited.from.as_str())))
        });
        own.chain(inherited)
    });
    own.chain(collection)
}

/// Returns the privileges that an ACL entry grants or denies. Privilege names that this version of
/// the program does not know are skipped.
pub(crate) fn named(entry: &AccessControlEntry) -> impl Iterator<Item = Privilege> {
    entry.privileges.iter().filter_map(|name| Privilege::from_local(name))
}

/// Returns true if an ACL entry applies to this person, who is not the owner of the resource.
pub(crate) fn applies_to(entry: &AccessControlEntry, person: &Person) -> bool {
    let is_named = match entry.to {
        Grantee::Principal(id) => person.identities.contains(&id),
        // Every caller is authenticated, so that `all` and `authenticated` include the caller.
        Grantee::All | Grantee::Authenticated => true,
        Grantee::Owner | Grantee::Unauthenticated => false,
    };
    is_named != entry.inverted
}
