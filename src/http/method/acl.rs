//! `ACL` (RFC 3744 §8.1): the grants on a home, a calendar, an inbox or an outbox.
//!
//! **Invariant:** a list is stored whole, or refused with the precondition it breaks. Nothing is denied here, so that no
//! entry can conflict with another one, nor with those that are protected or inherited.

use actix_web::{HttpResponse, http::StatusCode, web::Payload};
use dav::{
    Condition, Privilege,
    href::Href,
    name,
    request::{self, Ace, AcePrincipal, Effect},
};
use ical::Address;
use projections::Directory;
use schemas::collection::{Grant, Grantee};

use super::options;
use crate::{access, answer, call::Call, no::No, node::Found, path::Path, property::place};

pub(crate) async fn acl(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let found = access::found(call, Privilege::WriteAcl)?;
    let place = place(access::lent(call, &found)?.kind());
    let body = call.xml(payload).await?;
    let entries = request::acl(&body, &call.xml_limits())?;
    let grants = entries.iter().map(|entry| {
        let unsupported = entry.privileges.iter().find(|privilege| !privilege.exists_on(place));
        match unsupported {
            Some(privilege) => {
                let why = format!("{} is no privilege of this resource", privilege.local());
                Err(No::unmet(Condition::NotSupportedPrivilege, why))
            }
            None => grant(&call.person.directory, entry),
        }
    });
    let grants = grants.collect::<Result<_, _>>()?;
    let (owner, collection) = match found {
        Found::Home { owner, home: collection } | Found::Collection { owner, collection } => (owner, collection),
        Found::Member { .. } => {
            return Err(No::unmet(Condition::NoAceConflict, "an object has the access control list of its calendar"));
        }
        Found::Root | Found::Principals | Found::Homes | Found::Principal(_) => {
            return Err(No::MethodNotAllowed(options::allowed(&call.path)));
        }
    };
    call.service().change_acl(&call.stamp(owner), collection.id, grants).await?;
    Ok(answer::empty(StatusCode::OK))
}

fn grant(directory: &Directory, entry: &Ace) -> Result<Grant, No> {
    // RFC 3744 §5.6.1, §5.6.2: as `DAV:acl-restrictions` says.
    match entry.effect {
        Effect::Grant => {}
        Effect::Deny => return Err(No::unmet(Condition::GrantOnly, "nothing is denied here: leave the grant out")),
    }
    if entry.inverted {
        return Err(No::unmet(Condition::NoInvert, "an entry names those it is for"));
    }
    let to = grantee(directory, &entry.principal)?;
    Ok(Grant { to, privileges: entry.privileges.iter().map(|privilege| privilege.local().to_owned()).collect() })
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
        AcePrincipal::Property(property) if *property == name::OWNER => Ok(Grantee::Owner),
        AcePrincipal::Unauthenticated => not_allowed("nobody comes in without logging in"),
        AcePrincipal::Oneself => not_allowed("this resource is no principal"),
        AcePrincipal::Property(_) => not_allowed("DAV:owner is the only property that names a principal here"),
    }
}
