//! Updates a person's rights from the groups of the OpenID Connect provider, at each login there
//! and at each check of a bearer token that contains groups.

use std::net::IpAddr;

use actix_web::HttpRequest;
use schemas::{Client, PrincipalId, Right, metadata::Ground};
use service::{Error, clock, principals::Rights};
use uuid::Uuid;

use super::Front;
use crate::{header::user_agent, settings::OpenId};

/// The value of `via` in the metadata of changes of rights that follow from the provider's groups,
/// where other changes name the HTTP method.
const VIA: &str = "openid";

/// Sets the rights of a person to the rights that the person's groups give. Writes nothing if they
/// are the same already, or if the settings name no group.
///
/// `request` is the client's address and the id of the request.
pub(super) async fn follow(
    front: &Front,
    openid: &OpenId,
    http: &HttpRequest,
    (person, groups): (PrincipalId, &[String]),
    request: (Option<IpAddr>, Uuid),
) -> Result<(), Error> {
    if !openid.roles.are_given() {
        return Ok(());
    }
    let is_in = |group: &str| !group.is_empty() && groups.iter().any(|own| own == group);
    let administrator = is_in(&openid.roles.administrators);
    let rights = Rights { administrator, auditor: !administrator && is_in(&openid.roles.auditors) };
    let service = &front.state.service;
    let directory = service.models().directory();
    if directory
        .by_id(person)
        .is_none_or(|entry| (entry.administrator, entry.auditor) == (rights.administrator, rights.auditor))
    {
        return Ok(());
    }
    let (address, id) = request;
    let address = address.map(|address| address.to_string()).unwrap_or_default();
    let client = Client { via: VIA.to_owned(), agent: user_agent(http.headers()), address };
    let mut stamp = clock::stamp(None, None, client, id);
    stamp.metadata.right = Some(Right::of(Ground::Server));
    service.set_rights(&stamp, person, rights).await
}
