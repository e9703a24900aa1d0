//! Constructors for the kinds of responses this server sends.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
};

/// Media type of XML bodies.
pub(crate) const XML: &str = "application/xml; charset=utf-8";
/// Media type of plain text bodies.
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

/// Returns a response without a body.
pub(crate) fn empty(status: StatusCode) -> HttpResponse {
    HttpResponse::new(status)
}

/// Returns a response with a plain text body.
pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> HttpResponse {
    HttpResponse::build(status).insert_header((CONTENT_TYPE, TEXT)).body(text.into())
}

/// Returns a response with an XML body.
pub(crate) fn xml(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status).insert_header((CONTENT_TYPE, XML)).body(body)
}

/// Returns a redirection that keeps the method and the body (RFC 9110 §15.4.9).
pub(crate) fn moved(location: &str, query: &str) -> HttpResponse {
    let location = if query.is_empty() { location.to_owned() } else { format!("{location}?{query}") };
    HttpResponse::PermanentRedirect().insert_header((LOCATION, location)).finish()
}

/// Returns the head of a 207 (Multi-Status); the caller adds the body.
pub(crate) fn multistatus() -> HttpResponseBuilder {
    let mut response = HttpResponse::build(StatusCode::MULTI_STATUS);
    response.insert_header((CONTENT_TYPE, XML));
    response
}
