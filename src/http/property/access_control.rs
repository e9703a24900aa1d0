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
use schemas::access::{self as access_entry, Grantee};

use crate::{
    access::{self, SetOn},
    href,
    node::{Kind, Node},
    path::Path,
};

pub(super) fn owner(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Some(owner) = node.owner() else { return Absent };
    value::href(out.prop(), "D:owner", &href::principal(&owner.short_name));
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
    // RFC 3744 §3.7
    if !held.contains(Privilege::ReadCurrentUserPrivilegeSet) {
        return Withheld;
    }
    write_current_user_privilege_set(out.prop(), held, place(node.kind()));
    There
}

/// RFC 3744 §5.5, in the order of their evaluation: what holds by nature of the resource, which is protected; what was set;
/// what is inherited; what everybody may else, which is protected too.
pub(super) fn acl(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    // RFC 3744 §3.6: the list is for whoever may read it.
    if !access::may(context.person, node, Privilege::ReadAcl) {
        return Withheld;
    }
    let entries = by_nature(context, node).into_iter().chain(as_set(context, node));
    let entries: Vec<_> = entries.chain([for_everybody(node)]).collect();
    let shown = entries.iter().filter(|entry| !entry.privileges.is_empty()).map(|entry| ShownAce {
        principal: &entry.principal,
        inverted: entry.inverted,
        effect: entry.effect,
        privileges: &entry.privileges,
        protected: entry.is_protected,
        inherited: entry.inherited.as_deref(),
    });
    value::acl(out.prop(), shown);
    There
}

struct Shown {
    principal: AcePrincipal,
    inverted: bool,
    effect: Effect,
    privileges: Vec<Privilege>,
    is_protected: bool,
    /// Href of the resource it was set on.
    inherited: Option<String>,
}

/// The owner, whose home it is; administrators.
fn by_nature(context: &Context<'_>, node: &Node<'_>) -> Vec<Shown> {
    let kind = node.kind();
    let shown = |principal, granted, inherited| protected(node, principal, granted, inherited);
    let owner = node.owner().map(|owner| {
        let home = if access::owner_inherits(kind) { Some(href::home(&owner.short_name)) } else { None };
        shown(AcePrincipal::Property(name::OWNER.clone()), access::for_owner(kind), home)
    });
    let administrators = context.person.directory.administrators().map(|administrator| {
        let principal = AcePrincipal::Href(href::principal(&administrator.short_name));
        shown(principal, access::for_owner(kind), None)
    });
    owner.into_iter().chain(administrators).collect()
}

fn for_everybody(node: &Node<'_>) -> Shown {
    protected(node, AcePrincipal::Authenticated, access::for_everybody(node.kind()), None)
}

fn protected(node: &Node<'_>, principal: AcePrincipal, granted: PrivilegeSet, inherited: Option<String>) -> Shown {
    Shown {
        principal,
        inverted: false,
        effect: Effect::Grant,
        privileges: outermost(granted, place(node.kind())),
        is_protected: true,
        inherited,
    }
}

fn as_set(context: &Context<'_>, node: &Node<'_>) -> Vec<Shown> {
    let Some(owner) = node.owner() else { return vec![] };
    let shown = access::entries(node).filter_map(|(entry, set_on)| {
        let principal = match entry.to {
            Grantee::Principal(id) => {
                // Who is retired can do nothing any more, and has no href.
                AcePrincipal::Href(href::principal(&context.person.directory.by_id(id)?.short_name))
            }
            Grantee::All => AcePrincipal::All,
            Grantee::Authenticated => AcePrincipal::Authenticated,
            Grantee::Unauthenticated => AcePrincipal::Unauthenticated,
            Grantee::Owner => AcePrincipal::Property(name::OWNER.clone()),
        };
        Some(Shown {
            principal,
            inverted: entry.inverted,
            effect: match entry.effect {
                access_entry::Effect::Grant => Effect::Grant,
                access_entry::Effect::Deny => Effect::Deny,
            },
            privileges: access::named(entry).collect(),
            is_protected: false,
            inherited: match set_on {
                SetOn::Itself => None,
                SetOn::Above(name) => Some(href::collection(&owner.short_name, name)),
            },
        })
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
