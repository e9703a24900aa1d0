//! `Expect: 100-continue` (RFC 9110 §10.1.1): a client that asks before it sends a body learns at
//! once what the head decides.
//!
//! **Invariant:** only a PUT without credentials, and a body that is too long or coded, are refused
//! here, as they would be with the body. The refusal is in the log and in the metrics, and in no
//! access journal, because the person is unknown. It ends the connection, so that a body that is
//! sent all the same is not taken for a request.

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

/// Returns the request if its body is wanted; `Err` with the final answer otherwise.
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
    // Other methods have paths that anybody may ask, and what a proxy says of the person depends on
    // its address.
    if *method == Method::PUT && !headers.contains_key(AUTHORIZATION) && settings.login_header.0.is_none() {
        return Some(Refusal::Unauthenticated);
    }
    let bytes = settings.limits.max_request_body_bytes.max(front.state.service.limits().max_resource_size_bytes);
    body::check_head(headers, Limit { name: "max-request-body", bytes }).err().map(Refusal::from)
}
