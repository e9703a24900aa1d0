//! Content codings (RFC 9110 §8.4, §12.5.3): long answers are compressed for clients that ask for it.
//!
//! **Invariant:** what has an entity tag goes out as it is. The coded form is another representation and would need
//! another tag (RFC 9110 §8.8.3.3), and clients compare the tags of `GET` with those of `PROPFIND`.

use actix_http::encoding::Encoder;
use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    http::{
        Method,
        header::{ACCEPT_ENCODING, AcceptEncoding, ContentEncoding, ETAG, Encoding, Header, HeaderValue, VARY},
    },
};

/// Shorter answers fit in a packet as they are.
const WORTHWHILE_BYTES: u64 = 1400;

/// In order of preference, where the client has none.
const OFFERED: [Encoding; 3] = [Encoding::zstd(), Encoding::gzip(), Encoding::identity()];

pub(crate) fn coded(http: &HttpRequest, response: HttpResponse) -> HttpResponse {
    if !is_worthwhile(http, &response) {
        return response;
    }
    let mut response = response;
    match preferred(http) {
        Some(coding) => response.map_body(|head, body| Encoder::response(coding, head, body).boxed()),
        // Caches keep no answers but those of `GET`.
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
    is_long && http.method() != Method::HEAD && !response.headers().contains_key(ETAG)
}

/// What the client would rather have than the answer as it is.
fn preferred(http: &HttpRequest) -> Option<ContentEncoding> {
    if !http.headers().contains_key(ACCEPT_ENCODING) {
        return None;
    }
    match AcceptEncoding::parse(http).ok()?.negotiate(OFFERED.iter())? {
        Encoding::Known(ContentEncoding::Identity) | Encoding::Unknown(_) => None,
        Encoding::Known(coding) => Some(coding),
    }
}
