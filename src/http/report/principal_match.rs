//! `DAV:principal-match` (RFC 3744 §9.3): finds the resources below a collection that belong to the
//! caller, or that are the caller's own principal or groups.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use dav::{
    MultiStatus, name,
    request::{MatchBy, PrincipalMatch},
};
use schemas::PrincipalId;
use service::{Service, sharing::Delegation};

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
        let delegates = delegates_groups(&reader.service, &person.identities)?;
        let mut multistatus = MultiStatus::new(reader.detail);
        for found in &searched(&delegates, access, &found)? {
            let resource = access.lookup.view(found)?;
            let is_match = is_match((person, &delegates), &resource, &asked.by);
            if is_match && privileges::allows(person, &resource, dav::Privilege::Read) {
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

/// The delegates groups that have the caller as a member: whose calendars they delegate, and how.
type DelegatesGroups = BTreeSet<(PrincipalId, Delegation)>;

fn delegates_groups(service: &Service, identities: &BTreeSet<PrincipalId>) -> Result<DelegatesGroups, Refusal> {
    let shares = service.shared_with(identities)?;
    Ok(shares.iter().filter_map(|share| Some((share.owner, share.delegation()?))).collect())
}

/// Returns the resources below the requested one that are compared with the caller.
fn searched(delegates: &DelegatesGroups, access: Access<'_>, found: &Resource) -> Result<Vec<Resource>, Refusal> {
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
        below.extend(delegates.iter().map(|(owner, delegation)| Resource::Delegates(*owner, *delegation)));
    }
    Ok(below)
}

fn is_match((person, delegates): (&Person, &DelegatesGroups), resource: &ResourceView<'_>, by: &MatchBy) -> bool {
    let is_me = resource.owner().is_some_and(|owner| owner.id == person.id);
    match (by, resource) {
        // RFC 3744 §9.3: the caller's principal, and every group that contains it, directly or
        // through other groups.
        (MatchBy::Oneself, ResourceView::Principal(entry)) => person.identities.contains(&entry.id),
        // The groups below a principal have the delegates of that principal as members.
        (MatchBy::Oneself, ResourceView::Delegates { owner, delegation }) => {
            delegates.contains(&(owner.id, *delegation))
        }
        (MatchBy::Oneself, _) | (MatchBy::Property(_), ResourceView::Delegates { .. }) => false,
        (MatchBy::Property(property), ResourceView::Principal(_)) => *property == name::PRINCIPAL_URL && is_me,
        (MatchBy::Property(property), _) => *property == name::OWNER && is_me,
    }
}
