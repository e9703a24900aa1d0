//! `DAV:principal-match` (RFC 3744 §9.3): finds the resources below a collection that belong to, or
//! are, the caller.

use actix_web::HttpResponse;
use dav::{
    MultiStatus, name,
    request::{MatchBy, PrincipalMatch},
};

use crate::{
    answer::children,
    call::Call,
    property::{Context, Selection},
    refusal::Refusal,
    resource::{Resource, ResourceView, privileges},
    response,
};

pub(super) fn answer(call: &Call, found: &Resource, asked: &PrincipalMatch) -> Result<HttpResponse, Refusal> {
    let context = Context::of(call);
    let selection = Selection::listed(&asked.wanted);
    let mut multistatus = MultiStatus::new(call.detail());
    let resource = call.view(found)?;
    let mut below = children(call, &resource)?;
    if let ResourceView::Root = resource {
        below = vec![];
        for collection in [ResourceView::Principals, ResourceView::Homes] {
            below.extend(children(call, &collection)?);
        }
    }
    for found in &below {
        let resource = call.view(found)?;
        if is_match(call, &resource, &asked.by) && privileges::allows(&call.person, &resource, dav::Privilege::Read) {
            let mut response = multistatus.response(&resource.href());
            selection.write(&context, &resource, &mut response);
            response.finish();
        }
    }
    Ok(response::multistatus().body(multistatus.finish()))
}

fn is_match(call: &Call, resource: &ResourceView<'_>, by: &MatchBy) -> bool {
    let is_me = resource.owner().is_some_and(|owner| owner.id == call.person.id);
    match (by, resource) {
        // RFC 3744 §9.3: the caller, and every group that contains the caller, directly or through
        // other groups.
        (MatchBy::Oneself, ResourceView::Principal(entry)) => call.person.identities.contains(&entry.id),
        (MatchBy::Oneself, _) => false,
        (MatchBy::Property(property), ResourceView::Principal(_)) => *property == name::PRINCIPAL_URL && is_me,
        (MatchBy::Property(property), _) => *property == name::OWNER && is_me,
    }
}
