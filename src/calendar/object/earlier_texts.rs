//! The texts of an attendee's copy before the organizer's updates. A client may have read any of
//! them when it sends an answer.
//!
//! **Invariant:** the latest text is kept whole, and each earlier text by its differences from the
//! next one. There are limits for the texts that are kept, and for those that are compared with one
//! request.

use ical::Document;
use schemas::edit::{Body, Piece};

use super::diff::diff;

/// The maximum number of earlier texts per resource.
const MAX_EARLIER_TEXTS: usize = 64;
/// The maximum number of bytes per resource for the differences between earlier texts.
const MAX_EARLIER_TEXT_BYTES: usize = 64 * 1024;
/// The maximum number of bytes of earlier texts that are compared with one request, the latest text
/// first. The text that reaches the limit is the last to be compared.
const MAX_COMPARED_BYTES: usize = 4 * 1024 * 1024;

/// Earlier texts of one resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EarlierTexts {
    latest: Option<String>,
    /// Each text before the latest one, as its difference from the text after it, the oldest first.
    before: Vec<Vec<Piece>>,
}

impl EarlierTexts {
    /// Adds a text, and removes the oldest ones that exceed the limits.
    pub(super) fn keep(&mut self, text: String) {
        if let Some(latest) = self.latest.take() {
            self.before.push(diff(&latest, &text));
        }
        self.latest = Some(text);
        let mut bytes = self.bytes_before();
        let excess = self.before.iter().enumerate().take_while(|(index, pieces)| {
            let exceeds = self.before.len() - index >= MAX_EARLIER_TEXTS || bytes > MAX_EARLIER_TEXT_BYTES;
            bytes -= size(pieces);
            exceeds
        });
        let excess = excess.count();
        self.before.drain(..excess);
    }

    /// Returns the size of the texts in memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.latest.as_ref().map_or(0, String::len) + self.bytes_before()
    }

    fn bytes_before(&self) -> usize {
        self.before.iter().map(|pieces| size(pieces)).sum()
    }

    /// Iterates over the texts that a request is compared with, the latest first.
    pub(super) fn compared(&self) -> impl Iterator<Item = Document> {
        let (mut next, mut before, mut left) = (self.latest.clone(), self.before.iter().rev(), MAX_COMPARED_BYTES);
        std::iter::from_fn(move || {
            let text = next.take()?;
            left = left.saturating_sub(text.len());
            let earlier = before.next().filter(|_| left > 0);
            next = earlier
                .and_then(|pieces| String::from_utf8(Body::Pieces(pieces.clone()).octets(&text)?.into_owned()).ok());
            Some(Document::parse(text).ok())
        })
        .flatten()
    }
}

fn size(pieces: &[Piece]) -> usize {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => text.len(),
        Piece::Stored { .. } => 0,
    };
    pieces.iter().map(|piece| size_of::<Piece>() + text(piece)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: usize, description: usize) -> String {
        let description = "x".repeat(description);
        specimens::event("1", &format!("SUMMARY:{number}\nDTSTART:20260105T120000Z\nDESCRIPTION:{description}"))
    }

    fn kept(texts: impl IntoIterator<Item = String>) -> EarlierTexts {
        let mut earlier = EarlierTexts::default();
        texts.into_iter().for_each(|text| earlier.keep(text));
        earlier
    }

    fn compared(earlier: &EarlierTexts) -> Vec<String> {
        earlier.compared().map(Document::into_string).collect()
    }

    #[test]
    fn the_latest_texts_are_kept_word_for_word() {
        let texts: Vec<_> = (0..MAX_EARLIER_TEXTS + 3).map(|number| text(number, 40_000)).collect();
        let earlier = kept(texts.clone());
        let latest: Vec<_> = texts.into_iter().rev().take(MAX_EARLIER_TEXTS).collect();
        assert_eq!(compared(&earlier), latest);
        assert!(earlier.bytes() < latest[0].len() + MAX_EARLIER_TEXTS * 300, "{}", earlier.bytes());
    }

    #[test]
    fn what_tells_them_apart_has_a_limit_and_the_latest_stays() {
        let long = |number: usize| text(number, 30_000).replace('x', ["y", "z"][number % 2]);
        let earlier = kept((0..9).map(long));
        assert_eq!(compared(&earlier), [8, 7, 6].map(long));
        assert!(earlier.bytes() <= long(8).len() + MAX_EARLIER_TEXT_BYTES, "{}", earlier.bytes());
    }

    #[test]
    fn a_request_is_compared_with_a_limited_number_of_bytes() {
        let earlier = kept((0..9).map(|number| text(number, 1_000_000)));
        assert_eq!(compared(&earlier).len(), 5, "the fifth goes over it");
    }
}
