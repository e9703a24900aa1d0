//! Reads request bodies within limits of size and time.
//!
//! **Invariant:** reading stops at the chunk with which the body exceeds `Limit::bytes`, and no
//! body may take longer than its time limit. A body whose `Content-Length` exceeds the limit is
//! refused before it is read.

use std::{cell::Cell, time::Duration};

use actix_web::{
    HttpMessage as _, HttpRequest,
    http::{
        Version,
        header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING},
    },
    web::{Bytes, BytesMut, Payload},
};
use futures::StreamExt;
use tokio::time::{Instant, timeout_at};

/// The maximum size of a body, and the name of this limit for refusals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub name: &'static str,
    pub bytes: usize,
}

impl Limit {
    /// Returns the reason for which a larger body is refused.
    pub(crate) fn exceeded(&self) -> String {
        format!("the body is larger than {} allows, {} bytes", self.name, self.bytes)
    }
}

/// Marks a request whose client has not sent the body, but waits for 100 (Continue).
#[derive(Debug, Default)]
pub(crate) struct Unsent {
    /// True after the request's method tried to read the body; the client is then asked for it.
    is_wanted: Cell<bool>,
}

/// Returns true if the client waits for 100 (Continue) before it sends the body.
pub(crate) fn is_unsent(http: &HttpRequest) -> bool {
    http.extensions().contains::<Unsent>()
}

/// Returns true if the client waits for 100 (Continue), and the response needs the body.
pub(crate) fn is_wanted(http: &HttpRequest) -> bool {
    http.extensions().get::<Unsent>().is_some_and(|unsent| unsent.is_wanted.get())
}

/// The body of a request. It is kept until the response is built, because a refusal is recorded
/// with the body.
#[derive(Debug)]
pub(crate) struct SentBody(pub Vec<u8>);

/// Time limits for reading a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    /// Time limit for the whole body.
    pub whole: Duration,
    /// Time limit for the arrival of the next chunk.
    pub pause: Duration,
}

/// The reason why a body was not read.
#[derive(Debug)]
pub(crate) enum Error {
    /// The body has a `Content-Encoding` other than `identity`. This server decodes none.
    Encoded,
    /// `Content-Length` is not a number.
    Length,
    TooLarge(Limit),
    TooSlow,
    /// Too many request bodies are in memory at the moment.
    Crowded(service::Error),
    /// The connection or the stream ended before the body did, a chunk of the body is malformed, or
    /// the client waits for 100 (Continue).
    Incomplete,
}

/// Maximum size in bytes of the buffer that is allocated before the first chunk arrives, even if
/// `Content-Length` is larger.
const RESERVED_BYTES: usize = 64 * 1024;
/// Longest unread body, in bytes, that is read and discarded to keep the connection open.
const DRAINED_BYTES: usize = 256 * 1024;

/// Reads the whole body.
pub(crate) async fn read(
    http: &HttpRequest,
    payload: &mut Payload,
    limit: Limit,
    timing: Timing,
) -> Result<Vec<u8>, Error> {
    let announced = check_head(http.headers(), limit)?;
    if let Some(unsent) = http.extensions().get::<Unsent>() {
        unsent.is_wanted.set(true);
        return Err(Error::Incomplete);
    }
    let mut body = BytesMut::with_capacity(announced.unwrap_or_default().min(RESERVED_BYTES));
    let mut chunks = Chunks::new(payload, timing);
    while let Some(chunk) = chunks.next().await? {
        if body.len() + chunk.len() > limit.bytes {
            return Err(Error::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// Returns the body's length as `Content-Length` announces it; `None` without that header.
///
/// `Err` if the body has a content coding or is longer than `limit`, or if `Content-Length` is not
/// a number.
fn check_head(headers: &HeaderMap, limit: Limit) -> Result<Option<usize>, Error> {
    if headers.get(CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Error::Encoded);
    }
    let announced = announced(headers)?;
    if announced.is_some_and(|bytes| bytes > limit.bytes) {
        return Err(Error::TooLarge(limit));
    }
    Ok(announced)
}

/// Returns the maximum length of the body in bytes, judged by the headers of the request. 0 for a
/// body that is refused because of its `Content-Length`, or that the client has not sent yet.
pub(crate) fn expected(http: &HttpRequest, limit: Limit) -> usize {
    let announced = announced(http.headers()).ok().flatten();
    let is_chunked = http.headers().contains_key(TRANSFER_ENCODING) || http.version() >= Version::HTTP_2;
    let expected = announced.unwrap_or(if is_chunked { limit.bytes } else { 0 });
    if expected > limit.bytes || is_unsent(http) { 0 } else { expected }
}

/// The chunks of a body that is still arriving.
struct Chunks<'a> {
    payload: &'a mut Payload,
    pause: Duration,
    end: Instant,
}

impl<'a> Chunks<'a> {
    fn new(payload: &'a mut Payload, timing: Timing) -> Self {
        Self { payload, pause: timing.pause, end: Instant::now() + timing.whole }
    }

    /// Returns the next chunk; `None` at the end of the body. `Err` if the chunk is late or
    /// malformed, or if the connection ends before the body.
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let deadline = self.end.min(Instant::now() + self.pause);
        match timeout_at(deadline, self.payload.next()).await {
            Ok(chunk) => chunk.transpose().map_err(|_| Error::Incomplete),
            Err(_) => Err(Error::TooSlow),
        }
    }
}

/// Reads and discards the rest of a body of at most [`DRAINED_BYTES`], so that the connection can
/// serve the next request. Does nothing if the body was read already or has no `Content-Length`.
pub(crate) async fn drain(http: &HttpRequest, payload: &mut Payload, timing: Timing) {
    let announced = announced(http.headers()).ok().flatten();
    if announced.is_some_and(|bytes| bytes <= DRAINED_BYTES) {
        let mut chunks = Chunks::new(payload, timing);
        while let Ok(Some(_)) = chunks.next().await {}
    }
}

/// Returns `Content-Length` in bytes; `None` without the header. `Err` if it is not a number.
fn announced(headers: &HeaderMap) -> Result<Option<usize>, Error> {
    let Some(length) = headers.get(CONTENT_LENGTH) else { return Ok(None) };
    let length = length.to_str().ok().and_then(|length| length.trim().parse().ok());
    length.map(Some).ok_or(Error::Length)
}
