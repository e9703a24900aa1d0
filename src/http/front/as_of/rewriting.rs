//! Puts the tree of a moment before the hrefs of an answer, chunk by chunk, so that a long answer is in memory at no time.

use std::{any::Any, future, io, pin::Pin};

use actix_web::{
    HttpResponse,
    body::{BodyStream, BoxBody, MessageBody as _},
    http::header::{CONTENT_TYPE, HeaderValue},
    web::Bytes,
};
use futures::stream;
use memchr::memmem::Finder;

use crate::base_path;

/// Puts the tree before every href of a multistatus. `kept` is dropped when the answer is sent.
pub(super) fn rewritten(response: HttpResponse, prefix: &str, kept: impl Any) -> HttpResponse {
    let is_xml = |value: &HeaderValue| value.as_bytes().windows(3).any(|part| part == b"xml");
    let base = base_path::printed();
    let replacing = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(is_xml)
        // Text that people wrote has no `<` or `>` in it, and closing tags have no path behind them.
        .then(|| Replacing::new(&format!(":href>{base}/"), format!(":href>{base}{prefix}/")));
    let (head, body) = response.into_parts();
    let body = match (body.try_into_bytes(), replacing) {
        (Ok(whole), None) => BoxBody::new(whole),
        (Ok(whole), Some(mut replacing)) => BoxBody::new([replacing.take(&whole), replacing.rest()].concat()),
        (Err(body), replacing) => {
            let answer = Answer { body: Some(body), replacing, _kept: Box::new(kept) };
            BoxBody::new(BodyStream::new(stream::unfold(answer, Answer::next)))
        }
    };
    head.set_body(body)
}

/// An answer that is being sent.
struct Answer {
    /// `None`: the end was read.
    body: Option<BoxBody>,
    replacing: Option<Replacing>,
    _kept: Box<dyn Any>,
}

impl Answer {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        let mut body = self.body.take()?;
        let chunk = future::poll_fn(|context| Pin::new(&mut body).poll_next(context)).await;
        let bytes = match (chunk, &mut self.replacing) {
            (Some(Ok(chunk)), replacing) => {
                self.body = Some(body);
                replacing.as_mut().map_or(Ok(chunk.clone()), |replacing| Ok(replacing.take(&chunk).into()))
            }
            (Some(Err(error)), _) => Err(io::Error::other(error.to_string())),
            (None, Some(replacing)) => Ok(replacing.rest().into()),
            (None, None) => return None,
        };
        Some((bytes, self))
    }
}

/// Replaces a text in bytes that come in chunks.
struct Replacing {
    from: Finder<'static>,
    to: Vec<u8>,
    /// The end of the chunks so far, in which the text may begin.
    pending: Vec<u8>,
}

impl Replacing {
    fn new(from: &str, to: String) -> Self {
        Self { from: Finder::new(&from).into_owned(), to: to.into_bytes(), pending: vec![] }
    }

    /// Takes a chunk, and returns what is certain by then.
    fn take(&mut self, chunk: &[u8]) -> Vec<u8> {
        self.pending.extend(chunk);
        let mut written = Vec::with_capacity(self.pending.len());
        let mut rest = self.pending.as_slice();
        while let Some(at) = self.from.find(rest) {
            written.extend(&rest[..at]);
            written.extend(&self.to);
            rest = &rest[at + self.from.needle().len()..];
        }
        let certain = rest.len().saturating_sub(self.from.needle().len() - 1);
        written.extend(&rest[..certain]);
        self.pending = rest[certain..].to_vec();
        written
    }

    /// Returns what is left at the end.
    fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_href_is_replaced_wherever_the_chunks_end() {
        let text = "<D:href>/a/</D:href><D:href>/</D:href>:href>:href>/b:hre";
        let whole = text.replace(":href>/", ":href>/asof/7/");
        for length in 1..=text.len() {
            let mut replacing = Replacing::new(":href>/", ":href>/asof/7/".to_owned());
            let mut written: Vec<u8> = text.as_bytes().chunks(length).flat_map(|chunk| replacing.take(chunk)).collect();
            written.extend(replacing.rest());
            assert_eq!(String::from_utf8(written).unwrap(), whole, "{length}");
        }
    }
}
