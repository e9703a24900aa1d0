//! `DAV:principal-match` (RFC 3744 §9.3): finds the resources below a collection that belong to the
//! caller, or that are the caller's own principal or groups.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use dav::{
    MultiStatus, name,
    request::{MatchBy, PrincipalMatch},
};
use service::Service;

use crate::{
    answer::{children, stream},
    call::Call,
    person::Person,
    property::{Context, Selection},
    refusal::Refusal,
    resource::{Access, Resource, ResourceView, privileges},
    response,
};

pub(super) async fn answer(call: &Call, found: Resource, asked: PrincipalMatch) -> Result<HttpResponse, Refusal> {
    let reader = call.reader();
    stream::answer(call, response::multistatus(), move |chunks| {
        let (context, selection) = (Context::of_reader(&reader), Selection::listed(&asked.wanted));
        let (access, person) = (reader.access(), &reader.person);
        let mut multistatus = MultiStatus::new(reader.detail);
        for found in &searched(&reader.service, access, &found)? {
            let resource = access.lookup.view(found)?;
            if is_match(person, &resource, &asked.by) && privileges::allows(person, &resource, dav::Privilege::Read) {
                let mut response = multistatus.response(&resource.href());
                selection.write(&context, &resource, &mut response);
                response.finish();
            }
            chunks.flush(multistatus.pending(), || multistatus.take())?;
        }
        Ok(multistatus.finish())
    })
    .await
}

/// Returns the resources below the requested one that are compared with the caller.
fn searched(service: &Service, access: Access<'_>, found: &Resource) -> Result<Vec<Resource>, Refusal> {
    let mut below = match found {
        Resource::Root => {
            let mut below = children(access, &ResourceView::Principals)?;
            below.extend(children(access, &ResourceView::Homes)?);
            below
        }
        _ => children(access, &access.lookup.view(found)?)?,
    };
    // caldav-proxy §5.2: the delegates groups that have the caller as a member.
    if let Resource::Root | Resource::Principals = found {
        let shares = service.shared_with(&access.person.identities)?;
        let groups = shares.iter().filter_map(|share| Some((share.owner, share.delegation()?)));
        let groups: BTreeSet<_> = groups.collect();
        below.extend(groups.into_iter().map(|(owner, delegation)| Resource::Delegates(owner, delegation)));
    }
    Ok(below)
}

fn is_match(person: &Person, resource: &ResourceView<'_>, by: &MatchBy) -> bool {
    let is_me = resource.owner().is_some_and(|owner| owner.id == person.id);
    match (by, resource) {
        // RFC 3744 §9.3: the caller's principal, and every group that contains it, directly or
        // through other groups.
        (MatchBy::Oneself, ResourceView::Principal(entry)) => person.identities.contains(&entry.id),
        // For the root and the collection of principals, the searched delegates groups have the
        // caller as a member. A search below the caller's own principal finds the groups with the
        // caller's delegates, of which the caller is not a member.
        (MatchBy::Oneself, ResourceView::Delegates { .. }) => !is_me,
        (MatchBy::Oneself, _) | (MatchBy::Property(_), ResourceView::Delegates { .. }) => false,
        (MatchBy::Property(property), ResourceView::Principal(_)) => *property == name::PRINCIPAL_URL && is_me,
        (MatchBy::Property(property), _) => *property == name::OWNER && is_me,
    }
}
