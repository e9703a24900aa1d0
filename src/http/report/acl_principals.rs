//! `DAV:acl-principal-prop-set` (RFC 3744 §9.2): whom the access control list of a resource names.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use dav::{MultiStatus, Privilege, request::Props};
use schemas::{PrincipalId, access::Grantee};

use crate::{
    access, answer,
    call::Call,
    no::No,
    node::{Found, Node},
    property::Selection,
};

pub(super) fn answer(call: &Call, found: &Found, props: &Props) -> Result<HttpResponse, No> {
    let node = access::lent(call, found)?;
    let context = call.context();
    let selection = Selection::listed(props);
    let mut multistatus = MultiStatus::new(call.detail());
    access::require_at(call, &call.path, found, Privilege::ReadAcl)?;
    for entry in named(call, &node).iter().filter_map(|id| call.person.directory.by_id(*id)) {
        let principal = Node::Principal(entry);
        let mut response = multistatus.response(&principal.href());
        selection.write(&context, &principal, &mut response);
        response.finish();
    }
    Ok(answer::multistatus().body(multistatus.finish()))
}

/// In the order of the entries, each once.
fn named(call: &Call, node: &Node<'_>) -> Vec<PrincipalId> {
    let owner = node.owner().map(|owner| owner.id);
    let administrators = call.person.directory.administrators().map(|administrator| administrator.id);
    let named = access::entries(node).filter_map(|(entry, _)| match entry.to {
        Grantee::Principal(id) => Some(id),
        Grantee::Owner => owner,
        // RFC 3744 §9.2: they name no principal by its href.
        Grantee::All | Grantee::Authenticated | Grantee::Unauthenticated => None,
    });
    let mut seen = BTreeSet::new();
    owner.into_iter().chain(administrators).chain(named).filter(|id| seen.insert(*id)).collect()
}
