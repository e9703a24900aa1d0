//! Compresses long responses for clients that accept a compressed form (RFC 9110 §8.4, §12.5.3).
//!
//! **Invariant:** a response with an entity tag is sent uncompressed. A compressed form would be a
//! different representation and need a different entity tag (RFC 9110 §8.8.3.3), but clients
//! compare the tags from `GET` with the tags from `PROPFIND`.

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

/// Size in bytes below which a response is not compressed, because it fits into one packet.
const WORTHWHILE_BYTES: u64 = 1400;

/// The content codings that the server offers.
const OFFERED: [Encoding; 3] = [Encoding::zstd(), Encoding::gzip(), Encoding::identity()];

/// Compresses the response if the client prefers a compressed form to an uncompressed one, and the
/// response is long enough or streamed, has no entity tag, is not a web page and does not answer
/// HEAD.
pub(crate) fn compress(http: &HttpRequest, response: HttpResponse) -> HttpResponse {
    if !is_worthwhile(http, &response) {
        return response;
    }
    let mut response = response;
    match preferred(http) {
        Some(coding) => response.map_body(|head, body| Encoder::response(coding, head, body).boxed()),
        // Caches store only responses to `GET`, so only these need `Vary`.
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
    // A web page contains secrets and also text from the request. After compression, its length
    // would reveal whether they are similar.
    let is_page = response.headers().contains_key(CONTENT_SECURITY_POLICY);
    is_long && http.method() != Method::HEAD && !response.headers().contains_key(ETAG) && !is_page
}

/// Returns the content coding that the client prefers. `None` if the client prefers the
/// uncompressed response or accepts no offered coding, and if `Accept-Encoding` is absent or
/// malformed.
fn preferred(http: &HttpRequest) -> Option<ContentEncoding> {
    if !http.headers().contains_key(ACCEPT_ENCODING) {
        return None;
    }
    match AcceptEncoding::parse(http).ok()?.negotiate(OFFERED.iter())? {
        Encoding::Known(ContentEncoding::Identity) | Encoding::Unknown(_) => None,
        Encoding::Known(coding) => Some(coding),
    }
}
