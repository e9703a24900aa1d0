//! The body of a request that stores a resource, as the client sent it, or the text that the server
//! copied.

use ical::repair::Repair;
use schemas::edit::{Body, Sent};
use sha2::{Digest, Sha256};

use super::diff::diff;

/// The body of a request, or a copied text. Its bytes are kept only if they differ from the parsed
/// text.
#[derive(Debug, Clone)]
pub struct SentBody {
    sha256: String,
    size: u64,
    differing: Option<Body>,
    /// True if the bytes are not UTF-8, and are too many to be kept.
    is_lost: bool,
    source: TextSource,
}

/// The source of a text to store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextSource {
    /// The body of a request, or an imported file.
    Request,
    /// A copy of another resource, or of an earlier state of a resource.
    Copy,
}

impl SentBody {
    /// Describes the body of a request, whose text needed these repairs.
    pub fn of(octets: &[u8], repairs: &[Repair]) -> Self {
        Self::from(TextSource::Request, octets, repairs)
    }

    /// Describes a text from this source, which needed these repairs.
    pub fn from(source: TextSource, octets: &[u8], repairs: &[Repair]) -> Self {
        let (differing, is_lost) = match std::str::from_utf8(octets) {
            _ if repairs.is_empty() => (None, false),
            Ok(text) => (Some(Body::Text(text.to_owned())), false),
            Err(_) if octets.len() <= Sent::MAX_BODY_BYTES => (Some(Body::Base64(octets.to_vec())), false),
            Err(_) => (None, true),
        };
        Self { sha256: hex::encode(Sha256::digest(octets)), size: octets.len() as u64, differing, is_lost, source }
    }

    /// Returns the SHA-256 digest of the bytes, in hexadecimal digits.
    pub(super) fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Returns the record of a request's body for the event; `None` for a copy. `parsed` is the
    /// text that was read from the body, and `stored` is the text that the server made from it.
    pub(super) fn recorded(&self, parsed: &str, stored: &str) -> Option<Sent> {
        let body = || self.additional_body(parsed, stored);
        let sent = || Sent { sha256: self.sha256.clone(), size: self.size, body: body() };
        (self.source == TextSource::Request).then(sent)
    }

    /// Returns the record of a copied text for the event; `None` if it was stored unchanged, or if
    /// this is the body of a request.
    pub(super) fn copied(&self, parsed: &str, stored: &str) -> Option<Body> {
        if self.source == TextSource::Copy { self.additional_body(parsed, stored) } else { None }
    }

    /// Returns the part of the sent text that the event keeps in addition to the stored text;
    /// `None` if the sent text is the stored text, or if the body is not UTF-8 and too long to be
    /// kept.
    fn additional_body(&self, parsed: &str, stored: &str) -> Option<Body> {
        let text = match &self.differing {
            Some(Body::Text(text)) => text,
            Some(other) => return Some(other.clone()),
            None if self.is_lost || self.size != parsed.len() as u64 => return None,
            None => parsed,
        };
        if self.differing.is_none() && parsed == stored {
            return None;
        }
        Some(if text.len() <= Sent::MAX_BODY_BYTES {
            Body::Text(text.to_owned())
        } else {
            Body::Pieces(diff(text, stored))
        })
    }
}

#[cfg(test)]
mod tests {
    use ical::repair::RepairKind;

    use super::*;

    #[test]
    fn a_long_body_is_kept_by_the_pieces_in_which_it_differs() {
        let lines: Vec<_> = (0..60_000).map(|number| format!("X-LINE:{number} of many\r\n")).collect();
        let lines = lines.concat();
        let (before, stored) = (format!("A:sent\r\n{lines}Z:1\r\n"), format!("B:stored\r\n{lines}Z:1\r\nZ:2\r\n"));
        assert!(before.len() > Sent::MAX_BODY_BYTES);
        let sent = SentBody::of(before.as_bytes(), &[]).recorded(&before, &stored).expect("a body");
        assert!(matches!(&sent.body, Some(Body::Pieces(pieces)) if pieces.len() == 2), "{:?}", sent.size);
        assert_eq!(sent.octets(&stored).as_deref(), Some(before.as_bytes()));
        let same = SentBody::of(before.as_bytes(), &[]).recorded(&before, &before).expect("a body");
        assert_eq!((same.size, &same.body), (before.len() as u64, &None), "stored as it was sent");
    }

    #[test]
    fn a_short_body_is_kept_whole_and_a_copy_has_none() {
        let sent = SentBody::of(b"sent", &[]).recorded("sent", "stored").expect("a body");
        assert_eq!(sent.body, Some(Body::Text("sent".to_owned())));
        let copy = SentBody::from(TextSource::Copy, b"sent", &[]);
        assert_eq!(copy.recorded("sent", "stored"), None);
        assert_eq!(copy.copied("sent", "stored"), Some(Body::Text("sent".to_owned())));
        assert_eq!(copy.copied("sent", "sent"), None);
        assert_eq!(SentBody::of(b"sent", &[]).copied("sent", "stored"), None);
    }

    #[test]
    fn a_body_that_is_too_long_and_not_utf_8_is_not_recorded() {
        let octets = [vec![b'x'; Sent::MAX_BODY_BYTES], vec![0xFF]].concat();
        let repair = Repair { kind: RepairKind::FoldInsideCharacter, path: String::new() };
        // A fold that is moved out of a character changes the octets, but not their number.
        let parsed = "x".repeat(octets.len());
        for stored in [parsed.as_str(), "stored"] {
            let sent = SentBody::of(&octets, std::slice::from_ref(&repair)).recorded(&parsed, stored).expect("a body");
            assert!(sent.body.is_none() && sent.octets(stored).is_none());
        }
    }
}
