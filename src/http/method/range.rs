//! Partial responses to `GET` (RFC 9110 §14). A client can resume an interrupted download with
//! them.

use actix_web::{
    HttpResponse,
    body::{BoxBody, MessageBody},
    http::{
        Method, StatusCode,
        header::{ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE, HeaderValue},
    },
    web::Bytes,
};

use crate::{
    call::Call,
    header::{self, RequestedRange},
};

const BYTES: HeaderValue = HeaderValue::from_static("bytes");

/// Returns the part of a complete response that `Range` asks for; 416 if that part contains no byte
/// of the body. Other methods than `GET` ignore `Range`.
pub(super) fn apply(call: &Call, etag: &str, whole: HttpResponse) -> HttpResponse {
    let (mut response, body) = whole.into_parts();
    let body = body.try_into_bytes().expect("objects and files are in memory");
    let part = match *call.http.method() {
        Method::GET => header::requested_range(call.headers(), etag, body.len()),
        _ => RequestedRange::Whole,
    };
    response.headers_mut().insert(ACCEPT_RANGES, BYTES);
    let place = match &part {
        RequestedRange::Whole => return response.set_body(BoxBody::new(body)),
        RequestedRange::Bytes(range) => format!("bytes {}-{}/{}", range.start, range.end - 1, body.len()),
        RequestedRange::Unsatisfiable => format!("bytes */{}", body.len()),
    };
    response.headers_mut().insert(CONTENT_RANGE, HeaderValue::from_str(&place).expect("digits and signs"));
    let (status, body) = match part {
        RequestedRange::Bytes(range) => (StatusCode::PARTIAL_CONTENT, body.slice(range)),
        RequestedRange::Whole | RequestedRange::Unsatisfiable => {
            response.headers_mut().remove(CONTENT_TYPE);
            (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new())
        }
    };
    *response.status_mut() = status;
    response.set_body(BoxBody::new(body))
}
