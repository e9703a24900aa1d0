//! Compresses long responses for clients that accept it (RFC 9110 §8.4, §12.5.3).
//!
//! **Invariant:** a response with an entity tag is sent uncompressed. The compressed form would be
//! another representation with another tag (RFC 9110 §8.8.3.3), and clients compare the tags of
//! `GET` with those of `PROPFIND`.

use actix_http::encoding::Encoder;
use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    http::{
        Method,
        header::{
            ACCEPT_ENCODING, AcceptEncoding, CONTENT_SECURITY_POLICY, ContentEncoding, ETAG, Encoding, Header,
            HeaderValue, VARY,
        },
    },
};

/// Shorter responses fit into one packet uncompressed.
const WORTHWHILE_BYTES: u64 = 1400;

/// Codings in the order of preference that applies if the client states none.
const OFFERED: [Encoding; 3] = [Encoding::zstd(), Encoding::gzip(), Encoding::identity()];

/// Compresses the response if the client accepts a coding and it is worthwhile.
pub(crate) fn compress(http: &HttpRequest, response: HttpResponse) -> HttpResponse {
    if !is_worthwhile(http, &response) {
        return response;
    }
    let mut response = response;
    match preferred(http) {
        Some(coding) => response.map_body(|head, body| Encoder::response(coding, head, body).boxed()),
        // Caches store responses to `GET` only.
        None if http.method() == Method::GET => {
            response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
            response
        }
        None => response,
    }
}

fn is_worthwhile(http: &HttpRequest, response: &HttpResponse) -> bool {
    let is_long = match response.body().size() {
        BodySize::None => false,
        BodySize::Sized(bytes) => bytes >= WORTHWHILE_BYTES,
        BodySize::Stream => true,
    };
    // A page holds secrets as well as text from the request. If it were compressed, its length
    // would reveal how similar they are.
    let is_page = response.headers().contains_key(CONTENT_SECURITY_POLICY);
    is_long && http.method() != Method::HEAD && !response.headers().contains_key(ETAG) && !is_page
}

/// Returns the coding that the client prefers; `None` if it prefers or accepts only the
/// uncompressed response.
fn preferred(http: &HttpRequest) -> Option<ContentEncoding> {
    if !http.headers().contains_key(ACCEPT_ENCODING) {
        return None;
    }
    match AcceptEncoding::parse(http).ok()?.negotiate(OFFERED.iter())? {
        Encoding::Known(ContentEncoding::Identity) | Encoding::Unknown(_) => None,
        Encoding::Known(coding) => Some(coding),
    }
}
