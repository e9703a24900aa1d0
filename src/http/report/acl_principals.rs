//! `DAV:acl-principal-prop-set` (RFC 3744 §9.2): returns properties of the principals that the ACL
//! of a resource names.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use dav::{MultiStatus, Privilege, request::Props};
use projections::Directory;
use schemas::{PrincipalId, access::Grantee};

use crate::{
    answer::stream,
    call::Call,
    property::{Context, Selection},
    refusal::Refusal,
    resource::{Resource, ResourceView, privileges},
    response,
};

pub(super) async fn answer(call: &Call, found: Resource, props: Props) -> Result<HttpResponse, Refusal> {
    call.access().check(&call.path, &found, Privilege::ReadAcl)?;
    let reader = call.reader();
    stream::answer(call, response::multistatus(), move |chunks| {
        let (context, selection) = (Context::of_reader(&reader), Selection::listed(&props));
        let directory = &reader.person.directory;
        let mut multistatus = MultiStatus::new(reader.detail);
        let resource = reader.access().lookup.view(&found)?;
        for entry in named(directory, &resource).iter().filter_map(|id| directory.by_id(*id)) {
            let principal = ResourceView::Principal(entry);
            let mut response = multistatus.response(&principal.href());
            selection.write(&context, &principal, &mut response);
            response.finish();
            chunks.flush(multistatus.pending(), || multistatus.take())?;
        }
        Ok(multistatus.finish())
    })
    .await
}

/// Returns the principals that the ACL names, protected entries included, in the order of its
/// entries and without duplicates.
fn named(directory: &Directory, resource: &ResourceView<'_>) -> Vec<PrincipalId> {
    let owner = resource.owner().map(|owner| owner.id);
    let administrators = directory.administrators().map(|administrator| administrator.id);
    let named = privileges::entries(resource).filter_map(|(entry, _)| match entry.to {
        Grantee::Principal(id) => Some(id),
        Grantee::Owner => owner,
        // RFC 3744 §9.2: only principals identified by an href or by a property are returned.
        Grantee::All | Grantee::Authenticated | Grantee::Unauthenticated => None,
    });
    let mut seen = BTreeSet::new();
    owner.into_iter().chain(administrators).chain(named).filter(|id| seen.insert(*id)).collect()
}
