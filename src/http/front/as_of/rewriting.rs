//! Adds `/asof/WHEN` to the hrefs of a response, chunk by chunk, so that a long response is never
//! held in memory as a whole.

use std::{any::Any, future, io, pin::Pin};

use actix_web::{
    HttpResponse,
    body::{BodyStream, BoxBody, MessageBody as _},
    http::header::{CONTENT_TYPE, HeaderValue},
    web::Bytes,
};
use futures::stream;
use memchr::memmem;

use crate::{
    base_path,
    resource::{AS_REQUESTED, BEFORE_HREF},
};

/// Inserts `prefix` after the base path into the hrefs of an XML response that are paths on this
/// server; `None` leaves the response as it is. An href that begins with [`AS_REQUESTED`] only
/// loses this character. `kept` is dropped after a streamed response has been sent. For a response
/// that is in memory as a whole, it is dropped at once.
pub(super) fn rewritten(response: HttpResponse, prefix: Option<&str>, kept: impl Any) -> HttpResponse {
    let is_xml = |value: &HeaderValue| value.as_bytes().windows(3).any(|part| part == b"xml");
    let base = base_path::printed();
    let prefix = prefix.filter(|_| response.headers().get(CONTENT_TYPE).is_some_and(is_xml));
    let hrefs = prefix.map(|prefix| Hrefs::new(format!("{base}/"), format!("{base}{prefix}/")));
    let (head, body) = response.into_parts();
    let body = match (body.try_into_bytes(), hrefs) {
        (Ok(whole), None) => BoxBody::new(whole),
        (Ok(whole), Some(mut hrefs)) => BoxBody::new([hrefs.take(&whole), hrefs.end()].concat()),
        (Err(body), hrefs) => {
            let answer = ResponseBody { body: Some(body), hrefs, _kept: Box::new(kept) };
            BoxBody::new(BodyStream::new(stream::unfold(answer, ResponseBody::next)))
        }
    };
    head.set_body(body)
}

/// The body of a response that is being sent.
struct ResponseBody {
    /// The rest of the body; `None` after its end.
    body: Option<BoxBody>,
    hrefs: Option<Hrefs>,
    _kept: Box<dyn Any>,
}

impl ResponseBody {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        let mut body = self.body.take()?;
        let chunk = future::poll_fn(|context| Pin::new(&mut body).poll_next(context)).await;
        let bytes = match (chunk, &mut self.hrefs) {
            (Some(Ok(chunk)), hrefs) => {
                self.body = Some(body);
                Ok(match hrefs {
                    Some(hrefs) => hrefs.take(&chunk).into(),
                    None => chunk,
                })
            }
            (Some(Err(error)), _) => Err(io::Error::other(error.to_string())),
            (None, Some(hrefs)) => Ok(hrefs.end().into()),
            (None, None) => return None,
        };
        Some((bytes, self))
    }
}

/// The bytes before the path of an href.
const BEGIN: &[u8] = BEFORE_HREF.as_bytes();

/// Rewrites hrefs in a body that arrives in chunks.
struct Hrefs {
    /// The beginning of an href's path: the base path and a slash. `below` replaces it.
    root: String,
    below: String,
    /// The last bytes of the chunks so far. An href may begin in them, so they are not returned
    /// yet.
    pending: Vec<u8>,
}

impl Hrefs {
    fn new(root: String, below: String) -> Self {
        Self { root, below, pending: vec![] }
    }

    /// Takes a chunk, and returns the rewritten bytes that later chunks cannot change.
    fn take(&mut self, chunk: &[u8]) -> Vec<u8> {
        let bytes = [std::mem::take(&mut self.pending).as_slice(), chunk].concat();
        let mut written = Vec::with_capacity(bytes.len());
        let mut rest = bytes.as_slice();
        while let Some(at) = memmem::find(rest, BEGIN).filter(|at| rest.len() - at >= BEGIN.len() + self.root.len()) {
            rest = self.href(rest.split_at(at + BEGIN.len()), &mut written);
        }
        let certain = memmem::find(rest, BEGIN).unwrap_or(rest.len().saturating_sub(BEGIN.len() - 1));
        written.extend(&rest[..certain]);
        self.pending = rest[certain..].to_vec();
        written
    }

    /// Returns the rest of the rewritten bytes at the end of the body.
    fn end(&mut self) -> Vec<u8> {
        let bytes = std::mem::take(&mut self.pending);
        let mut written = vec![];
        let rest = match memmem::find(&bytes, BEGIN) {
            Some(at) => self.href(bytes.split_at(at + BEGIN.len()), &mut written),
            None => &bytes,
        };
        written.extend(rest);
        written
    }

    /// Writes the bytes before an href's path and the new beginning of the path. Returns the
    /// remaining bytes.
    fn href<'b>(&self, (before, path): (&'b [u8], &'b [u8]), written: &mut Vec<u8>) -> &'b [u8] {
        written.extend(before);
        let as_requested = AS_REQUESTED.len_utf8();
        if let Some(rest) = path.strip_prefix(self.root.as_bytes()) {
            written.extend(self.below.as_bytes());
            rest
        } else if path.starts_with(AS_REQUESTED.encode_utf8(&mut [0; 4]).as_bytes()) {
            &path[as_requested..]
        } else {
            path
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_href_is_rewritten_wherever_the_chunks_end() {
        let text =
            "<D:href>/a/</D:href><D:href> /asof/6/b</D:href><D:href>/</D:href><x:href></x:href>:href>:href>/b:href>/";
        let whole = text.replace(":href>/", ":href>/asof/7/").replace(":href> ", ":href>");
        for length in 1..=text.len() {
            let mut hrefs = Hrefs::new("/".to_owned(), "/asof/7/".to_owned());
            let mut written: Vec<u8> = text.as_bytes().chunks(length).flat_map(|chunk| hrefs.take(chunk)).collect();
            written.extend(hrefs.end());
            assert_eq!(String::from_utf8(written).unwrap(), whole, "{length}");
        }
    }
}
