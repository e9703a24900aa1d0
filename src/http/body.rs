//! Reading a request's body within its limit.
//!
//! **Invariant:** no more than the limit is ever held, and nobody sends for longer than the limit; what is announced as larger is refused unread.

use actix_web::{
    HttpRequest,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap},
    web::{Bytes, BytesMut, Data, Payload},
};
use futures::StreamExt;
use tokio::time::{Instant, timeout_at};

use crate::{no::No, server::State};

/// The most a body may hold, and the name of the limit for whoever is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub name: &'static str,
    pub bytes: usize,
}

/// What is set aside before anything came, whatever is announced.
const RESERVED_BYTES: usize = 64 * 1024;
/// Bytes that are worth reading away to keep a connection.
const DRAINED_BYTES: usize = 256 * 1024;

pub(crate) async fn read(http: &HttpRequest, payload: &mut Payload, limit: Limit) -> Result<Vec<u8>, No> {
    let headers = http.headers();
    if headers.get(CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(No::media_type("bodies are read without Content-Encoding only"));
    }
    let announced = announced(headers)?;
    if announced.is_some_and(|bytes| bytes > limit.bytes) {
        return Err(No::TooLarge(limit));
    }
    let mut body = BytesMut::with_capacity(announced.unwrap_or_default().min(RESERVED_BYTES));
    let mut arriving = Arriving::new(http, payload);
    while let Some(chunk) = arriving.next().await? {
        if body.len() + chunk.len() > limit.bytes {
            return Err(No::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// A body on its way, and until when.
struct Arriving<'a> {
    payload: &'a mut Payload,
    state: &'a State,
    end: Instant,
}

impl<'a> Arriving<'a> {
    fn new(http: &'a HttpRequest, payload: &'a mut Payload) -> Self {
        let state: &State = http.app_data::<Data<State>>().expect("every application has its state");
        Self { payload, state, end: Instant::now() + state.settings.limits.request_body }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, No> {
        let patience = self.end.min(Instant::now() + self.state.settings.limits.request_pause);
        match timeout_at(patience, self.payload.next()).await {
            Ok(chunk) => chunk.transpose().map_err(|_| No::bad_request("the body ended before its announced length")),
            Err(_) => Err(No::TooSlow),
        }
    }
}

/// Reads what is left of a body that is not too long; of one that was read there is nothing left.
pub(crate) async fn drain(http: &HttpRequest, payload: &mut Payload) {
    let announced = announced(http.headers()).ok().flatten();
    if announced.is_some_and(|bytes| bytes <= DRAINED_BYTES) {
        let mut arriving = Arriving::new(http, payload);
        while let Ok(Some(_)) = arriving.next().await {}
    }
}

fn announced(headers: &HeaderMap) -> Result<Option<usize>, No> {
    let Some(length) = headers.get(CONTENT_LENGTH) else { return Ok(None) };
    let length = length.to_str().ok().and_then(|length| length.trim().parse().ok());
    length.map(Some).ok_or_else(|| No::bad_header("Content-Length is a number"))
}
