//! `DAV:principal-match` (RFC 3744 §9.3): what is mine, or me, below a collection.

use actix_web::HttpResponse;
use dav::{
    MultiStatus, name,
    request::{MatchBy, PrincipalMatch},
};

use crate::{
    access, answer,
    call::Call,
    header::Depth,
    listing,
    no::No,
    node::{Found, Node},
    property::Selection,
};

pub(super) fn answer(call: &Call, found: &Found, asked: &PrincipalMatch) -> Result<HttpResponse, No> {
    if Depth::of(call.headers(), Depth::Zero)? != Depth::Zero {
        return Err(No::bad_header("the Depth of principal-match is 0"));
    }
    let context = call.context();
    let selection = Selection::listed(&asked.wanted);
    let mut multistatus = MultiStatus::new(call.detail());
    let node = access::lent(call, found)?;
    let mut below = listing::children(call, &node)?;
    if let Node::Root = node {
        below = vec![];
        for collection in [Node::Principals, Node::Homes] {
            below.extend(listing::children(call, &collection)?);
        }
    }
    for found in &below {
        let node = access::lent(call, found)?;
        if is_match(call, &node, &asked.by) && access::may(&call.person, &node, dav::Privilege::Read) {
            let mut response = multistatus.response(&node.href());
            selection.write(&context, &node, &mut response);
            response.finish();
        }
    }
    Ok(answer::multistatus().body(multistatus.finish()))
}

fn is_match(call: &Call, node: &Node<'_>, by: &MatchBy) -> bool {
    let is_me = node.owner().is_some_and(|owner| owner.id == call.person.id);
    match (by, node) {
        // RFC 3744 §9.3: oneself, and the groups one is in, be it through other groups.
        (MatchBy::Oneself, Node::Principal(entry)) => call.person.identities.contains(&entry.id),
        (MatchBy::Oneself, _) => false,
        (MatchBy::Property(property), Node::Principal(_)) => *property == name::PRINCIPAL_URL && is_me,
        (MatchBy::Property(property), _) => *property == name::OWNER && is_me,
    }
}
