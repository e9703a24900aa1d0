//! Live properties of access control: RFC 3744 §5, RFC 5397.

use dav::{
    Privilege, PrivilegeSet, name,
    privilege::{Place, write_current_user_privilege_set, write_supported_privilege_set},
    request::{AcePrincipal, Effect},
    value::{self, ShownAce},
};

use super::{
    Context, Presence,
    Presence::{Absent, There},
    PropStats,
};
use crate::{
    access, href,
    node::{Kind, Node},
    path::Path,
};

pub(super) fn owner(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Some(owner) = node.owner() else { return Absent };
    value::href(out.prop(), "D:owner", &href::principal(&owner.short_name));
    There
}

/// RFC 3744 §5.2: nothing belongs to a group.
pub(super) fn group(_: &Context<'_>, _: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    out.prop().empty("D:group");
    There
}

pub(super) fn supported_privilege_set(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    write_supported_privilege_set(out.prop(), place(node));
    There
}

pub(super) fn current_user_privilege_set(
    context: &Context<'_>,
    node: &Node<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let held = access::privileges(context.person, node);
    write_current_user_privilege_set(out.prop(), held, place(node));
    There
}

/// The entries that hold by nature of the resource: all of them protected (RFC 3744 §5.5.4).
pub(super) fn acl(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    // RFC 3744 §3.6: the list is for whoever may read it.
    if node.owner().is_some() && !access::may(context.person, node, Privilege::ReadAcl) {
        return Absent;
    }
    let (kind, place) = (node.kind(), place(node));
    let owner = AcePrincipal::Property(name::OWNER.clone());
    let entries = [
        (owner, if node.owner().is_some() { access::for_owner(kind) } else { PrivilegeSet::default() }),
        (AcePrincipal::Authenticated, access::for_everybody(kind)),
    ];
    let entries = entries.map(|(principal, granted)| (principal, outermost(granted, place)));
    let shown = entries.iter().filter(|(_, privileges)| !privileges.is_empty());
    let shown = shown.map(|(principal, privileges)| ShownAce {
        principal,
        inverted: false,
        effect: Effect::Grant,
        privileges,
        protected: true,
        inherited: None,
    });
    value::acl(out.prop(), shown);
    There
}

/// What another granted privilege contains need not be said again.
fn outermost(granted: PrivilegeSet, place: Place) -> Vec<Privilege> {
    let contained = |privilege: Privilege| {
        granted.iter().any(|container| container != privilege && PrivilegeSet::of([container]).contains(privilege))
    };
    granted.iter().filter(|privilege| privilege.exists_on(place) && !contained(*privilege)).collect()
}

/// RFC 3744 §5.6
pub(super) fn acl_restrictions(_: &Context<'_>, _: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    value::acl_restrictions(out.prop());
    There
}

/// RFC 3744 §5.7: nothing is inherited.
pub(super) fn inherited_acl_set(_: &Context<'_>, _: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    out.prop().empty("D:inherited-acl-set");
    There
}

/// RFC 3744 §5.8
pub(super) fn principal_collection_set(_: &Context<'_>, _: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    value::href(out.prop(), "D:principal-collection-set", &Path::Principals.href());
    There
}

/// RFC 5397 §3
pub(super) fn current_user_principal(context: &Context<'_>, _: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let href = context.person.entry().map(|entry| href::principal(&entry.short_name));
    value::current_user_principal(out.prop(), href.as_deref());
    There
}

fn place(node: &Node<'_>) -> Place {
    match node.kind() {
        Kind::Inbox => Place::Inbox,
        Kind::Outbox => Place::Outbox,
        Kind::Root
        | Kind::Principals
        | Kind::Homes
        | Kind::Principal
        | Kind::Home
        | Kind::Calendar
        | Kind::Object
        | Kind::Item => Place::Ordinary,
    }
}
