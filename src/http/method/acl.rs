//! The `ACL` method (RFC 3744 §8.1) on a home, a collection, a calendar object or a file.
//!
//! **Invariant:** the server stores the whole ACL of a request, or refuses it with the precondition
//! that it violates. Entries of the ACL may contradict each other: the first matching entry counts
//! (RFC 3744 §6). An entry for the owner or for an administrator must not deny privileges, because
//! the protected entries that grant them are evaluated first.

use actix_web::{HttpResponse, http::StatusCode, web::Payload};
use dav::{
    Condition, Privilege, PrivilegeSet, name,
    request::{self, Ace, AcePrincipal, Effect},
};
use ical::Address;
use projections::Directory;
use schemas::{
    access::{AccessControlEntry, Effect as Stored, Grantee},
    object::Place,
};
use service::MemberKind;

use super::conditions;
use super::table::not_allowed;
use crate::{
    call::Call,
    refusal::Refusal,
    resource::{Kind, Path, Resource, ResourceView, privileges},
    response,
};

pub(crate) async fn acl(call: &Call, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let found = call.access().resource(&call.path, Privilege::WriteAcl)?;
    conditions::check(call, &found)?;
    let body = call.xml(payload).await?;
    let submitted = request::acl(&body, &call.xml_limits())?;
    let resource = call.view(&found)?;
    let entries = submitted.iter().map(|ace| {
        let entry = entry(&call.person.directory, &resource, ace)?;
        check_conflicts(&call.person.directory, &resource, &entry)?;
        Ok::<_, Refusal>(entry)
    });
    let entries = entries.collect::<Result<_, _>>()?;
    let kind = resource.kind();
    match found {
        Resource::Home { owner, home: collection } | Resource::Collection { owner, collection } => {
            let again = conditions::Again::of(call);
            call.service().change_acl(&call.stamp(owner), collection.id, entries, &|| again.hold()).await?;
        }
        Resource::Member { owner, collection, member } => {
            let stamp = call.stamp(owner);
            let require = conditions::of(call, &collection, &member.name)?;
            let place = Place { collection: collection.id, name: member.name };
            let require = conditions::as_of_owner(call, &collection, &place, require)?;
            let kind = match kind {
                Kind::Object => MemberKind::Object,
                Kind::File => MemberKind::File,
                _ => {
                    return Err(Refusal::condition(
                        Condition::NoAceConflict,
                        "a scheduling message has no access control list of its own; set the list of its inbox",
                    ));
                }
            };
            call.service().change_member_acl(&stamp, owner, (kind, place, require), entries).await?;
        }
        Resource::Root | Resource::Principals | Resource::Homes | Resource::Principal(_) | Resource::Delegates(..) => {
            return Err(not_allowed(call, &call.path));
        }
    }
    Ok(response::empty(StatusCode::OK))
}

fn entry(directory: &Directory, resource: &ResourceView<'_>, ace: &Ace) -> Result<AccessControlEntry, Refusal> {
    let place = resource.kind().place();
    if let Some(unsupported) = ace.privileges.iter().find(|privilege| !privilege.exists_on(place)) {
        let why = format!("the privilege {} does not exist on this resource", unsupported.local());
        return Err(Refusal::condition(Condition::NotSupportedPrivilege, why));
    }
    let to = grantee(directory, &ace.principal)?;
    if to == Grantee::Unauthenticated && !ace.inverted && ace.effect == Effect::Grant {
        return Err(Refusal::condition(
            Condition::AllowedPrincipal,
            "every request must be authenticated: unauthenticated callers cannot be granted a privilege",
        ));
    }
    Ok(AccessControlEntry {
        to,
        inverted: ace.inverted,
        effect: match ace.effect {
            Effect::Grant => Stored::Grant,
            Effect::Deny => Stored::Deny,
        },
        privileges: ace.privileges.iter().map(|privilege| privilege.local().to_owned()).collect(),
    })
}

/// Checks that an entry denies nothing to the owner or an administrator, and does not deny
/// `DAV:authenticated` what the protected entry for everybody grants (RFC 3744 §8.1.1). Inverted
/// entries, and entries for `DAV:all` and `DAV:unauthenticated`, are not checked.
fn check_conflicts(
    directory: &Directory,
    resource: &ResourceView<'_>,
    entry: &AccessControlEntry,
) -> Result<(), Refusal> {
    if entry.effect == Stored::Grant || entry.inverted {
        return Ok(());
    }
    let owner = resource.owner().map(|owner| owner.id);
    let denied = PrivilegeSet::of(privileges::named(entry));
    let conflict = |condition, why: &str| Err(Refusal::condition(condition, why));
    match entry.to {
        Grantee::Principal(id) if directory.by_id(id).is_some_and(|entry| entry.administrator) => {
            conflict(Condition::NoProtectedAceConflict, "an administrator has every privilege, which cannot be denied")
        }
        Grantee::Principal(id) if owner != Some(id) => Ok(()),
        Grantee::Principal(_) | Grantee::Owner if privileges::owner_inherits(resource.kind()) => conflict(
            Condition::NoInheritedAceConflict,
            "the owner of a home has every privilege in it, which cannot be denied",
        ),
        Grantee::Principal(_) | Grantee::Owner => conflict(
            Condition::NoProtectedAceConflict,
            "the owner of a home has every privilege on it, which cannot be denied",
        ),
        Grantee::Authenticated
            if privileges::for_everybody(resource.kind()).iter().any(|held| denied.contains(held)) =>
        {
            conflict(
                Condition::NoProtectedAceConflict,
                "every account has CALDAV:schedule-deliver on an inbox, which cannot be denied to all accounts",
            )
        }
        Grantee::All | Grantee::Authenticated | Grantee::Unauthenticated => Ok(()),
    }
}

fn grantee(directory: &Directory, principal: &AcePrincipal) -> Result<Grantee, Refusal> {
    let not_allowed = |why: &str| Err(Refusal::condition(Condition::AllowedPrincipal, why));
    match principal {
        AcePrincipal::Href(href) => {
            let path = Path::of_href(href);
            let entry = match path {
                Some(Path::Principal { name }) => directory.by_name(&name),
                _ => Address::parse(href).and_then(|address| directory.by_address(&address)),
            };
            match entry {
                Some(entry) => Ok(Grantee::Principal(entry.id)),
                None => Err(Refusal::condition(
                    Condition::RecognizedPrincipal,
                    format!("{href} is not a principal of this server"),
                )),
            }
        }
        AcePrincipal::All => Ok(Grantee::All),
        AcePrincipal::Authenticated => Ok(Grantee::Authenticated),
        AcePrincipal::Unauthenticated => Ok(Grantee::Unauthenticated),
        AcePrincipal::Property(property) if *property == name::OWNER => Ok(Grantee::Owner),
        AcePrincipal::Oneself => not_allowed("DAV:self needs a principal resource, and this resource is not one"),
        AcePrincipal::Property(_) => {
            not_allowed("the only property that may name a principal in an access control list is DAV:owner")
        }
    }
}
