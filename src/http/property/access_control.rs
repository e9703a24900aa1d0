//! Live properties of access control (RFC 3744 §5, RFC 5397).

use dav::{
    Privilege, PrivilegeSet, name,
    privilege::{Place, write_current_user_privilege_set, write_supported_privilege_set},
    request::{AcePrincipal, Effect},
    value::{self, ShownAce},
};

use super::{
    Context, Presence,
    Presence::{Absent, Present, Withheld},
    PropStats,
};
use schemas::access::{self as access_entry, Grantee};

use crate::resource::{Path, ResourceView, href, privileges};

pub(super) fn owner(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Some(owner) = resource.owner() else { return Absent };
    value::href(out.prop(), "D:owner", &href::principal(&owner.short_name));
    Present
}

pub(super) fn supported_privilege_set(
    _: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    write_supported_privilege_set(out.prop(), resource.kind().place());
    Present
}

pub(super) fn current_user_privilege_set(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let held = privileges::privileges(context.person, resource);
    // RFC 3744 §3.7: `DAV:current-user-privilege-set` has its own privilege for reading.
    if !held.contains(Privilege::ReadCurrentUserPrivilegeSet) {
        return Withheld;
    }
    write_current_user_privilege_set(out.prop(), held, resource.kind().place());
    Present
}

/// Writes `DAV:acl` (RFC 3744 §5.5). Its entries are in the order of evaluation: the protected
/// entries of the owner and the administrators; the entries that clients set on the resource; the
/// inherited entries; the protected entry for everybody.
pub(super) fn acl(context: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    // RFC 3744 §3.6: reading the ACL needs the privilege `DAV:read-acl`.
    if !privileges::allows(context.person, resource, Privilege::ReadAcl) {
        return Withheld;
    }
    let entries = for_owner_and_administrators(context, resource).into_iter().chain(as_set(context, resource));
    let entries: Vec<_> = entries.chain([for_everybody(resource)]).collect();
    let shown = entries.iter().filter(|entry| !entry.privileges.is_empty()).map(|entry| ShownAce {
        principal: &entry.principal,
        inverted: entry.inverted,
        effect: entry.effect,
        privileges: &entry.privileges,
        protected: entry.is_protected,
        inherited: entry.inherited.as_deref(),
    });
    value::acl(out.prop(), shown);
    Present
}

struct Shown {
    principal: AcePrincipal,
    inverted: bool,
    effect: Effect,
    privileges: Vec<Privilege>,
    is_protected: bool,
    /// Href of the resource on which the entry was set; `None`: the entry was set on the resource
    /// itself.
    inherited: Option<String>,
}

/// Returns the protected ACL entries of the owner and of the administrators.
fn for_owner_and_administrators(context: &Context<'_>, resource: &ResourceView<'_>) -> Vec<Shown> {
    let kind = resource.kind();
    let shown = |principal, granted, inherited| protected(resource, principal, granted, inherited);
    let owner = resource.owner().map(|owner| {
        let home = if privileges::owner_inherits(kind) { Some(href::home(&owner.short_name)) } else { None };
        shown(AcePrincipal::Property(name::OWNER.clone()), privileges::for_owner(kind), home)
    });
    let administrators = context.person.directory.administrators().map(|administrator| {
        let principal = AcePrincipal::Href(href::principal(&administrator.short_name));
        shown(principal, privileges::for_owner(kind), None)
    });
    owner.into_iter().chain(administrators).collect()
}

fn for_everybody(resource: &ResourceView<'_>) -> Shown {
    protected(resource, AcePrincipal::Authenticated, privileges::for_everybody(resource.kind()), None)
}

fn protected(
    resource: &ResourceView<'_>,
    principal: AcePrincipal,
    granted: PrivilegeSet,
    inherited: Option<String>,
) -> Shown {
    Shown {
        principal,
        inverted: false,
        effect: Effect::Grant,
        privileges: outermost(granted, resource.kind().place()),
        is_protected: true,
        inherited,
    }
}

fn as_set(context: &Context<'_>, resource: &ResourceView<'_>) -> Vec<Shown> {
    let Some(owner) = resource.owner() else { return vec![] };
    let shown = privileges::entries(resource).filter_map(|(entry, set_on)| {
        let principal = match entry.to {
            Grantee::Principal(id) => {
                // An ACL entry for a principal that the directory does not contain is left out,
                // because that principal has no href. A retired principal has one, and the entry
                // counts again once they are enabled.
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
            privileges: privileges::named(entry).collect(),
            is_protected: false,
            inherited: match set_on {
                privileges::SetOn::Itself => None,
                privileges::SetOn::Ancestor(name) => Some(href::collection(&owner.short_name, name)),
            },
        })
    });
    shown.collect()
}

/// Returns those granted privileges that exist on this kind of resource and that no other granted
/// privilege contains.
fn outermost(granted: PrivilegeSet, place: Place) -> Vec<Privilege> {
    let contained = |privilege: Privilege| {
        granted.iter().any(|container| container != privilege && PrivilegeSet::of([container]).contains(privilege))
    };
    granted.iter().filter(|privilege| privilege.exists_on(place) && !contained(*privilege)).collect()
}

/// Writes `DAV:acl-restrictions` (RFC 3744 §5.6).
pub(super) fn acl_restrictions(_: &Context<'_>, _: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    value::acl_restrictions(out.prop());
    Present
}

/// Writes `DAV:inherited-acl-set` (RFC 3744 §5.7). It is empty, because `DAV:acl` already contains
/// the inherited entries.
pub(super) fn inherited_acl_set(_: &Context<'_>, _: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    out.prop().empty("D:inherited-acl-set");
    Present
}

/// Writes `DAV:principal-collection-set` (RFC 3744 §5.8).
pub(super) fn principal_collection_set(_: &Context<'_>, _: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    value::href(out.prop(), "D:principal-collection-set", &Path::Principals.href());
    Present
}

/// Writes `DAV:current-user-principal` (RFC 5397 §3).
pub(super) fn current_user_principal(
    context: &Context<'_>,
    _: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let href = context.person.entry().map(|entry| href::principal(&entry.short_name));
    value::current_user_principal(out.prop(), href.as_deref());
    Present
}
