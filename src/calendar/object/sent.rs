//! The body of a request that stores a resource, as the client sent it.

use ical::repair::Repair;
use schemas::edit::{Body, Sent};
use sha2::{Digest, Sha256};

/// A body. Its octets are kept only as long as they differ from the parsed text.
#[derive(Debug, Clone)]
pub struct SentBody {
    sha256: String,
    size: u64,
    differing: Option<Body>,
}

impl SentBody {
    /// Describes the octets of a body, whose text needed these repairs.
    pub fn of(octets: &[u8], repairs: &[Repair]) -> Self {
        let is_kept = !repairs.is_empty() && octets.len() <= Sent::MAX_BODY_BYTES;
        let differing = is_kept.then(|| match std::str::from_utf8(octets) {
            Ok(text) => Body::Text(text.to_owned()),
            Err(_) => Body::Base64(octets.to_vec()),
        });
        Self { sha256: hex::encode(Sha256::digest(octets)), size: octets.len() as u64, differing }
    }

    /// Returns the digest of the octets, in hexadecimal digits.
    pub(super) fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Returns what is recorded of the body, of which `parsed` was read and `stored` was made.
    pub(super) fn recorded(&self, parsed: &str, stored: &str) -> Sent {
        let is_kept = parsed != stored && parsed.len() <= Sent::MAX_BODY_BYTES;
        let differs = || is_kept.then(|| Body::Text(parsed.to_owned()));
        Sent { sha256: self.sha256.clone(), size: self.size, body: self.differing.clone().or_else(differs) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_up_to_its_limit() {
        let most = "x".repeat(Sent::MAX_BODY_BYTES);
        for (text, is_kept) in [(most.clone(), true), (most + "x", false)] {
            let sent = SentBody::of(text.as_bytes(), &[]).recorded(&text, "other");
            assert_eq!((sent.size, sent.body.is_some()), (text.len() as u64, is_kept));
            assert_eq!(SentBody::of(text.as_bytes(), &[]).recorded(&text, &text).body, None, "stored as it was sent");
        }
    }
}
