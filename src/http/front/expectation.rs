//! `Expect: 100-continue` (RFC 9110 §10.1.1): if the headers of a request are reason enough to
//! refuse it, the client gets the refusal before it sends the body.
//!
//! **Invariant:** this module refuses only a PUT without credentials, and a body that is too long,
//! has a content coding or has a malformed `Content-Length`. If the method reads the body, the same
//! requests would be refused with their bodies. The refusal is logged and counted, but not recorded
//! in the access journal, because the person is unknown. It closes the connection, so that a body
//! that the client sends nevertheless is not taken for the next request.

use std::time::Duration;

use actix_http::{Request, Response, body::BoxBody};
use actix_web::http::{
    ConnectionType, Method,
    header::{AUTHORIZATION, HeaderMap},
};
use service::clock;

use super::Front;
use crate::{
    body::{self, Limit},
    refusal::Refusal,
};

/// Returns the request if the server wants its body. Otherwise `Err` with the final response.
pub(super) fn check(front: &Front, request: Request) -> Result<Request, Response<BoxBody>> {
    let Some(refusal) = refusal(front, request.method(), &request.head().headers) else { return Ok(request) };
    let id = clock::new_id();
    let mut response = front.respond(refusal, id, &|_| None);
    response.head_mut().set_connection_type(ConnectionType::Close);
    let status = response.status().as_u16();
    front.metrics.count(request.method().as_str(), status, Duration::ZERO);
    tracing::info!(
        target: "daybook::access",
        request = %id,
        method = %request.method(),
        path = request.uri().path(),
        status,
        "answered before the body was sent"
    );
    Err(response.into())
}

fn refusal(front: &Front, method: &Method, headers: &HeaderMap) -> Option<Refusal> {
    let settings = &front.state.settings;
    // Requests with other methods may need no credentials. If the settings name a login header, a
    // request without `Authorization` may be authenticated by a proxy. Only the complete request is
    // checked for that.
    if *method == Method::PUT && !headers.contains_key(AUTHORIZATION) && settings.login_header.0.is_none() {
        return Some(Refusal::Unauthenticated);
    }
    let bytes = settings.limits.max_request_body_bytes.max(front.state.service.limits().max_resource_size_bytes);
    body::check_head(headers, Limit { name: "max-request-body", bytes }).err().map(Refusal::from)
}
