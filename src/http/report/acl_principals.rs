//! `DAV:acl-principal-prop-set` (RFC 3744 §9.2): whom the access control list of a resource names.

use actix_web::HttpResponse;
use dav::{MultiStatus, Privilege, request::Props};

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
    let mut multistatus = MultiStatus::new(call.detail());
    if let Some(owner) = node.owner() {
        access::require(call, &node, Privilege::ReadAcl)?;
        let principal = Node::Principal(owner);
        let mut response = multistatus.response(&principal.href());
        Selection::listed(props).write(&context, &principal, &mut response);
        response.finish();
    }
    Ok(answer::multistatus().body(multistatus.finish()))
}
