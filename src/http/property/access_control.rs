//! Live properties of access control: RFC 3744 §5, RFC 5397.

use dav::{
    Privilege, PrivilegeSet, name,
    privilege::{Place, write_current_user_privilege_set, write_supported_privilege_set},
    request::{AcePrincipal, Effect},
    value::{self, ShownAce},
};

use super::{
    Context, Presence,
    Presence::{Absent, There, Withheld},
    PropStats,
};
use schemas::collection::Grantee;

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
    write_supported_privilege_set(out.prop(), place(node.kind()));
    There
}

pub(super) fn current_user_privilege_set(
    context: &Context<'_>,
    node: &Node<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let held = access::privileges(context.person, node);
    write_current_user_privilege_set(out.prop(), held, place(node.kind()));
    There
}

/// RFC 3744 §5.5: what holds by nature of the resource, which is protected; what was granted; what is inherited.
pub(super) fn acl(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    // RFC 3744 §3.6: the list is for whoever may read it.
    if node.owner().is_some() && !access::may(context.person, node, Privilege::ReadAcl) {
        return Withheld;
    }
    let entries: Vec<_> = by_nature(node).into_iter().chain(by_grant(context, node)).collect();
    let shown = entries.iter().filter(|entry| !entry.privileges.is_empty()).map(|entry| ShownAce {
        principal: &entry.principal,
        inverted: false,
        effect: Effect::Grant,
        privileges: &entry.privileges,
        protected: entry.is_protected,
        inherited: entry.inherited.as_deref(),
    });
    value::acl(out.prop(), shown);
    There
}

struct Shown {
    principal: AcePrincipal,
    privileges: Vec<Privilege>,
    is_protected: bool,
    /// Href of the resource it was granted on.
    inherited: Option<String>,
}

fn by_nature(node: &Node<'_>) -> [Shown; 2] {
    let (kind, place) = (node.kind(), place(node.kind()));
    let owner = if node.owner().is_some() { access::for_owner(kind) } else { PrivilegeSet::default() };
    let shown = |principal, granted| Shown {
        principal,
        privileges: outermost(granted, place),
        is_protected: true,
        inherited: None,
    };
    [
        shown(AcePrincipal::Property(name::OWNER.clone()), owner),
        shown(AcePrincipal::Authenticated, access::for_everybody(kind)),
    ]
}

fn by_grant(context: &Context<'_>, node: &Node<'_>) -> Vec<Shown> {
    let (Some(owner), Some(collection)) = (node.owner(), node.collection()) else { return vec![] };
    let own = match node {
        // An object inherits what was granted on its calendar.
        Node::Member { .. } => Some(href::collection(&owner.short_name, &collection.name)),
        Node::Root
        | Node::Principals
        | Node::Homes
        | Node::Principal(_)
        | Node::Home { .. }
        | Node::Collection { .. } => None,
    };
    let home = Some(href::home(&owner.short_name));
    let own = collection.grants.iter().map(|grant| (grant, own.clone()));
    let all = own.chain(collection.inherited.iter().map(|grant| (grant, home.clone())));
    let shown = all.filter_map(|(grant, inherited)| {
        let principal = match grant.to {
            Grantee::Principal(id) => {
                // Who is retired can do nothing any more, and has no href.
                AcePrincipal::Href(href::principal(&context.person.directory.by_id(id)?.short_name))
            }
            Grantee::All => AcePrincipal::All,
            Grantee::Authenticated => AcePrincipal::Authenticated,
            Grantee::Owner => AcePrincipal::Property(name::OWNER.clone()),
        };
        Some(Shown { principal, privileges: access::granted(grant).collect(), is_protected: false, inherited })
    });
    shown.collect()
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

/// RFC 3744 §5.7: no other list must agree. What is inherited stands in the list itself.
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

/// Where privileges are looked at on a resource of this kind.
pub(crate) fn place(kind: Kind) -> Place {
    match kind {
        Kind::Inbox => Place::Inbox,
        Kind::Outbox => Place::Outbox,
        Kind::Root
        | Kind::Principals
        | Kind::Homes
        | Kind::Principal
        | Kind::Home
        | Kind::Calendar
        | Kind::Plain
        | Kind::Object
        | Kind::Item
        | Kind::File => Place::Ordinary,
    }
}
