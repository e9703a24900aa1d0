//! `ACL` (RFC 3744 §8.1): who may do what with a home, a collection, a single object or a file.
//!
//! **Invariant:** a list is stored whole, or refused with the precondition it breaks. Entries may contradict each other:
//! the first one counts (§6). They may not contradict those that are protected, which come before all of them.

use actix_web::{HttpResponse, http::StatusCode, web::Payload};
use dav::{
    Condition, Privilege, PrivilegeSet,
    href::Href,
    name,
    request::{self, Ace, AcePrincipal, Effect},
};
use ical::Address;
use projections::Directory;
use schemas::{
    access::{AccessControlEntry, Effect as Stored, Grantee},
    object::Place,
};

use super::{conditions, options};
use crate::{
    access, answer,
    call::Call,
    no::No,
    node::{Found, Kind, Node},
    path::Path,
    property::place,
};

pub(crate) async fn acl(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let found = access::found(call, Privilege::WriteAcl)?;
    conditions::hold(call, &found)?;
    let body = call.xml(payload).await?;
    let submitted = request::acl(&body, &call.xml_limits())?;
    let node = access::lent(call, &found)?;
    let entries = submitted.iter().map(|ace| {
        let entry = entry(&call.person.directory, &node, ace)?;
        agrees(&call.person.directory, &node, &entry)?;
        Ok::<_, No>(entry)
    });
    let entries = entries.collect::<Result<_, _>>()?;
    let kind = node.kind();
    match found {
        Found::Home { owner, home: collection } | Found::Collection { owner, collection } => {
            call.service().change_acl(&call.stamp(owner), collection.id, entries).await?;
        }
        Found::Member { owner, collection, member } => {
            let stamp = call.stamp(owner);
            let place = Place { collection: collection.id, name: member.name };
            match kind {
                Kind::Object => call.service().change_object_acl(&stamp, owner, place, entries).await?,
                Kind::File => call.service().change_file_acl(&stamp, owner, place, entries).await?,
                _ => return Err(No::unmet(Condition::NoAceConflict, "it has the access control list of its inbox")),
            }
        }
        Found::Root | Found::Principals | Found::Homes | Found::Principal(_) => {
            return Err(No::MethodNotAllowed(options::allowed(&call.path)));
        }
    }
    Ok(answer::empty(StatusCode::OK))
}

fn entry(directory: &Directory, node: &Node<'_>, ace: &Ace) -> Result<AccessControlEntry, No> {
    let place = place(node.kind());
    if let Some(unsupported) = ace.privileges.iter().find(|privilege| !privilege.exists_on(place)) {
        let why = format!("{} is no privilege of this resource", unsupported.local());
        return Err(No::unmet(Condition::NotSupportedPrivilege, why));
    }
    let to = grantee(directory, &ace.principal)?;
    if to == Grantee::Unauthenticated && !ace.inverted && ace.effect == Effect::Grant {
        return Err(No::unmet(Condition::AllowedPrincipal, "nobody comes in without logging in"));
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

/// RFC 3744 §8.1.1: nobody is denied what a protected entry grants to that very principal.
fn agrees(directory: &Directory, node: &Node<'_>, entry: &AccessControlEntry) -> Result<(), No> {
    if entry.effect == Stored::Grant || entry.inverted {
        return Ok(());
    }
    let owner = node.owner().map(|owner| owner.id);
    let denied = PrivilegeSet::of(access::named(entry));
    let conflict = |condition, why: &str| Err(No::unmet(condition, why));
    match entry.to {
        Grantee::Principal(id) if directory.by_id(id).is_some_and(|entry| entry.administrator) => {
            conflict(Condition::NoProtectedAceConflict, "an administrator may do everything everywhere")
        }
        Grantee::Principal(id) if owner != Some(id) => Ok(()),
        Grantee::Principal(_) | Grantee::Owner if access::owner_inherits(node.kind()) => {
            conflict(Condition::NoInheritedAceConflict, "the owner of a home may do everything in it")
        }
        Grantee::Principal(_) | Grantee::Owner => {
            conflict(Condition::NoProtectedAceConflict, "the owner of a home may do everything with it")
        }
        Grantee::Authenticated if access::for_everybody(node.kind()).iter().any(|held| denied.contains(held)) => {
            conflict(Condition::NoProtectedAceConflict, "everybody may do that here")
        }
        Grantee::All | Grantee::Authenticated | Grantee::Unauthenticated => Ok(()),
    }
}

fn grantee(directory: &Directory, principal: &AcePrincipal) -> Result<Grantee, No> {
    let not_allowed = |why: &str| Err(No::unmet(Condition::AllowedPrincipal, why));
    match principal {
        AcePrincipal::Href(href) => {
            let path = Href::parse(href).ok().and_then(|href| Path::of(href.path));
            let entry = match path {
                Some(Path::Principal { name }) => directory.by_name(&name),
                _ => Address::parse(href).and_then(|address| directory.by_address(&address)),
            };
            match entry {
                Some(entry) => Ok(Grantee::Principal(entry.id)),
                None => Err(No::unmet(Condition::RecognizedPrincipal, format!("{href} is no principal"))),
            }
        }
        AcePrincipal::All => Ok(Grantee::All),
        AcePrincipal::Authenticated => Ok(Grantee::Authenticated),
        AcePrincipal::Unauthenticated => Ok(Grantee::Unauthenticated),
        AcePrincipal::Property(property) if *property == name::OWNER => Ok(Grantee::Owner),
        AcePrincipal::Oneself => not_allowed("this resource is no principal"),
        AcePrincipal::Property(_) => not_allowed("DAV:owner is the only property that names a principal here"),
    }
}
