//! `DAV:acl-principal-prop-set` (RFC 3744 §9.2): whom the access control list of a resource names.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use dav::{MultiStatus, Privilege, request::Props};
use schemas::{PrincipalId, collection::Grantee};

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
    if node.owner().is_some() {
        access::require(call, &node, Privilege::ReadAcl)?;
    }
    for entry in named(&node).iter().filter_map(|id| call.person.directory.by_id(*id)) {
        let principal = Node::Principal(entry);
        let mut response = multistatus.response(&principal.href());
        selection.write(&context, &principal, &mut response);
        response.finish();
    }
    Ok(answer::multistatus().body(multistatus.finish()))
}

/// The owner first, each once.
fn named(node: &Node<'_>) -> Vec<PrincipalId> {
    let owner = node.owner().map(|owner| owner.id);
    let collection = node.collection();
    let grants = collection.into_iter().flat_map(|collection| collection.grants.iter().chain(&collection.inherited));
    let named = grants.filter_map(|grant| match grant.to {
        Grantee::Principal(id) => Some(id),
        Grantee::Owner => owner,
        // RFC 3744 §9.2: they name no principal by its href.
        Grantee::All | Grantee::Authenticated => None,
    });
    let mut seen = BTreeSet::new();
    owner.into_iter().chain(named).filter(|id| seen.insert(*id)).collect()
}
