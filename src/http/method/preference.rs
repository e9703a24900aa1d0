//! Applies the `Prefer` header of a request to responses, with `Preference-Applied` (RFC 7240, RFC
//! 8144).

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_LOCATION, HeaderValue, LOCATION},
    },
};
use dav::Privilege;
use service::Error;

use super::{Method, get};
use crate::{
    call::Call,
    header::{Depth, PREFER, PREFERENCE_APPLIED},
    refusal::Refusal,
    resource::Path,
};

/// Returns the response to a successful write. It contains the stored representation if the client
/// prefers this (RFC 8144 §3.1) and the caller may read the resource.
pub(super) fn stored(call: &Call, path: &Path, response: HttpResponse) -> HttpResponse {
    if !call.prefer().is_representation() {
        return response;
    }
    // RFC 9110 §15.3.5: a 204 response cannot have a body.
    let status = if response.status() == StatusCode::NO_CONTENT { StatusCode::OK } else { response.status() };
    let Ok(mut represented) = represented(call, path, status) else { return response };
    if let Some(location) = response.headers().get(LOCATION) {
        represented.headers_mut().insert(LOCATION, location.clone());
    }
    represented
}

/// Returns a 412 response with the current representation, if a condition was false, the client
/// prefers this (RFC 8144 §3.2), and the caller may read the resource. In all other cases, `Err`
/// with the error itself.
pub(super) fn failed(call: &Call, error: Error) -> Result<HttpResponse, Refusal> {
    if call.prefer().is_representation()
        && matches!(error, Error::Refused(service::Refusal::Precondition { .. }))
        && let Ok(response) = represented(call, &call.path, StatusCode::PRECONDITION_FAILED)
    {
        return Ok(response);
    }
    Err(error.into())
}

fn represented(call: &Call, path: &Path, status: StatusCode) -> Result<HttpResponse, Refusal> {
    // A caller who may write the resource may still lack the privilege to read it.
    let found = call.access().resource(path, Privilege::Read)?;
    let mut response = get::stored(call, path, &found, status)?;
    let headers = response.headers_mut();
    headers.insert(PREFERENCE_APPLIED, HeaderValue::from_static("return=representation"));
    // RFC 9110 §6.4.2: without `Content-Location`, clients would not take the body for a
    // representation of the resource.
    if let Ok(location) = HeaderValue::from_str(&path.member_href()) {
        headers.insert(CONTENT_LOCATION, location);
    }
    Ok(response)
}

/// Adds `Preference-Applied` to a response that has a shorter form, if the client prefers this form
/// (RFC 8144 §2, §4).
pub(super) fn applied(call: &Call, method: Method, mut response: HttpResponse) -> HttpResponse {
    // A request with the older header `Brief` gets a short response, too, but no
    // `Preference-Applied`.
    if !call.headers().contains_key(PREFER) {
        return response;
    }
    let prefer = call.prefer();
    let has_minimal_form = match method {
        Method::Propfind | Method::Report => response.status() == StatusCode::MULTI_STATUS,
        Method::Proppatch => response.status() == StatusCode::OK,
        Method::Mkcol | Method::Mkcalendar => response.status() == StatusCode::CREATED,
        Method::Options
        | Method::Get
        | Method::Head
        | Method::Put
        | Method::Delete
        | Method::Copy
        | Method::Move
        | Method::Post
        | Method::Acl
        | Method::Lock => false,
    };
    let is_deep = || Depth::of(call.headers(), Depth::Infinity).is_ok_and(|depth| depth != Depth::Zero);
    let is_rootless = prefer.without_root && method == Method::Propfind && is_deep();
    let applied = match (has_minimal_form && prefer.is_minimal(), has_minimal_form && is_rootless) {
        (true, true) => "return=minimal, depth-noroot",
        (true, false) => "return=minimal",
        (false, true) => "depth-noroot",
        (false, false) => return response,
    };
    response.headers_mut().insert(PREFERENCE_APPLIED, HeaderValue::from_static(applied));
    response
}
