//! Parts of what `GET` answers (RFC 9110 §14): a download that broke off goes on where it ended.

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
    header::{self, Part},
};

const BYTES: HeaderValue = HeaderValue::from_static("bytes");

/// The part of a whole answer that is asked for. `Range` means nothing but to `GET`.
pub(super) fn asked(call: &Call, etag: &str, whole: HttpResponse) -> HttpResponse {
    let (mut response, body) = whole.into_parts();
    let body = body.try_into_bytes().expect("objects and files are read whole");
    let part = match *call.http.method() {
        Method::GET => header::part(call.headers(), etag, body.len()),
        _ => Part::Whole,
    };
    response.headers_mut().insert(ACCEPT_RANGES, BYTES);
    let place = match &part {
        Part::Whole => return response.set_body(BoxBody::new(body)),
        Part::Bytes(range) => format!("bytes {}-{}/{}", range.start, range.end - 1, body.len()),
        Part::Beyond => format!("bytes */{}", body.len()),
    };
    response.headers_mut().insert(CONTENT_RANGE, HeaderValue::from_str(&place).expect("digits and signs"));
    let (status, body) = match part {
        Part::Bytes(range) => (StatusCode::PARTIAL_CONTENT, body.slice(range)),
        Part::Whole | Part::Beyond => {
            response.headers_mut().remove(CONTENT_TYPE);
            (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new())
        }
    };
    *response.status_mut() = status;
    response.set_body(BoxBody::new(body))
}
