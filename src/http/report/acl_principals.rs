//! `DAV:acl-principal-prop-set` (RFC 3744 §9.2): properties of the principals in an access control
//! list.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use dav::{MultiStatus, Privilege, request::Props};
use schemas::{PrincipalId, access::Grantee};

use crate::{
    call::Call,
    property::{Context, Selection},
    refusal::Refusal,
    resource::{Resource, ResourceView, privileges},
    response,
};

pub(super) fn answer(call: &Call, found: &Resource, props: &Props) -> Result<HttpResponse, Refusal> {
    let resource = call.view(found)?;
    let context = Context::of(call);
    let selection = Selection::listed(props);
    let mut multistatus = MultiStatus::new(call.detail());
    call.access().check(&call.path, found, Privilege::ReadAcl)?;
    for entry in named(call, &resource).iter().filter_map(|id| call.person.directory.by_id(*id)) {
        let principal = ResourceView::Principal(entry);
        let mut response = multistatus.response(&principal.href());
        selection.write(&context, &principal, &mut response);
        response.finish();
    }
    Ok(response::multistatus().body(multistatus.finish()))
}

/// Returns the principals in the order of the entries, without duplicates.
fn named(call: &Call, resource: &ResourceView<'_>) -> Vec<PrincipalId> {
    let owner = resource.owner().map(|owner| owner.id);
    let administrators = call.person.directory.administrators().map(|administrator| administrator.id);
    let named = privileges::entries(resource).filter_map(|(entry, _)| match entry.to {
        Grantee::Principal(id) => Some(id),
        Grantee::Owner => owner,
        // RFC 3744 §9.2: only principals identified by an href are returned.
        Grantee::All | Grantee::Authenticated | Grantee::Unauthenticated => None,
    });
    let mut seen = BTreeSet::new();
    owner.into_iter().chain(administrators).chain(named).filter(|id| seen.insert(*id)).collect()
}
