//! The body that a client sent for a resource, and the changes that the server made before storing
//! it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{file::encoded, principal::AutomaticAnswer};

/// The body of the request that stored a resource, or the text of an imported object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// SHA-256 of the body in hexadecimal digits.
    pub sha256: String,
    /// Length of the body in octets.
    pub size: u64,
    /// The body; `None` if it equals the stored text, or if it was not recorded. If `size` or
    /// `sha256` differs from that of the stored text, it was not recorded: it was longer than
    /// [`Sent::MAX_BODY_BYTES`], and not UTF-8 or stored by an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

impl Sent {
    /// Maximum octets of a body that is recorded as a whole. Of a longer one in UTF-8, only the
    /// pieces that differ from the stored text are recorded; one that is not UTF-8 is not recorded.
    pub const MAX_BODY_BYTES: usize = 1024 * 1024;

    /// Returns the octets of the body. `stored` must be the text that was stored. Returns `None` if
    /// `body` is `None` and `stored` has another length or SHA-256, or if a piece of the body
    /// refers to a part that `stored` does not have.
    pub fn octets<'a>(&'a self, stored: &'a str) -> Option<Cow<'a, [u8]>> {
        match &self.body {
            Some(body) => body.octets(stored),
            None => self.is_of(stored.as_bytes()).then_some(Cow::Borrowed(stored.as_bytes())),
        }
    }

    fn is_of(&self, octets: &[u8]) -> bool {
        self.size == octets.len() as u64 && self.sha256 == hex::encode(Sha256::digest(octets))
    }
}

/// The octets of a recorded body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Body {
    /// The octets are UTF-8.
    Text(String),
    /// The octets are not UTF-8. They are base64 in JSON.
    Base64(#[serde(with = "encoded")] Vec<u8>),
    /// The octets are UTF-8, and consist of these pieces one after the other.
    Pieces(Vec<Piece>),
}

impl Body {
    /// Returns the octets of the body. `stored` must be the text that was stored. Returns `None` if
    /// a piece refers to a part that `stored` does not have.
    pub fn octets<'a>(&'a self, stored: &'a str) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text.as_bytes())),
            Self::Base64(octets) => Some(Cow::Borrowed(octets)),
            Self::Pieces(pieces) => {
                let pieces: Option<Vec<&str>> = pieces.iter().map(|piece| piece.text(stored)).collect();
                Some(Cow::Owned(pieces?.concat().into_bytes()))
            }
        }
    }
}

/// A piece of a long body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Piece {
    /// A part of the stored text.
    Stored {
        /// Number of octets in the stored text before the part.
        after: u64,
        /// Number of octets in the part.
        size: u64,
    },
    /// A text that the event itself contains.
    Text(String),
}

impl Piece {
    fn text<'a>(&'a self, stored: &'a str) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Stored { after, size } => {
                let after = usize::try_from(*after).ok()?;
                stored.get(after..after.checked_add(usize::try_from(*size).ok()?)?)
            }
        }
    }
}

/// A change that the server made to a text before it stored it: to the text of a request, of an
/// import or of a copy, or to the text that was stored before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The reason of the change.
    pub reason: EditReason,
    /// The name of the repair, from the table in docs/ical.md; `None` for changes that are not
    /// repairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<String>,
    /// The component and property that was repaired: `VCALENDAR/VEVENT/DTSTAMP`. `None` for changes
    /// that are not repairs, and for a repair of the whole text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Edit {
    /// Creates an edit that only has a reason.
    pub const fn of(reason: EditReason) -> Self {
        Self { reason, repair: None, path: None }
    }
}

/// The reason for which the server changed a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EditReason {
    /// An error with one obvious meaning was repaired.
    Repaired,
    /// Answers that arrived after the client had read the object were kept (RFC 6638 §3.2.10).
    Merged,
    /// The client had edited an earlier version of the copy. Its changes were applied to the
    /// current version.
    Rebased,
    /// The members of a group became attendees.
    GroupsExpanded,
    /// PARTSTAT was set to `NEEDS-ACTION`: the attendees are asked to answer again (RFC 6638
    /// §3.2.8), or had not answered yet.
    AnswersReset,
    /// The PARTSTAT of an attendee was restored, because only the attendee may change it (RFC 6638
    /// §3.2.1).
    AnswersKept,
    /// `RSVP` of an attendee was set, to ask for an answer, or restored.
    ReplyRequested,
    /// `SEQUENCE` was changed: increased for a new revision (RFC 5546 §2.1.4), or restored.
    SequenceSet,
    /// `SCHEDULE-STATUS`, which only the server changes, was set, restored or removed (RFC 6638
    /// §7.3).
    StatusSet,
    /// `SCHEDULE-FORCE-SEND` was removed (RFC 6638 §7.2). An import removes it without sending a
    /// message.
    ForceSendRemoved,
    /// `SCHEDULE-AGENT` was restored.
    AgentKept,
    /// Other lines were changed, for example restored because they belong to the organizer or to
    /// another attendee.
    LinesKept,
    /// Instances or other components that the client had left out were restored.
    InstancesKept,
}

/// The facts on which the decision about an automatic answer was based.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Automatic {
    /// The owner's setting for automatic answers.
    pub mode: AutomaticAnswer,
    /// The times of the invitation at which the owner was busy, up to [`Automatic::MAX_CONFLICTS`]
    /// of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
}

impl Automatic {
    /// Maximum number of conflicts that are recorded.
    pub const MAX_CONFLICTS: usize = 5;
}

/// A time of the invitation at which the owner was busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// Start of that time, in seconds since 1970-01-01T00:00:00Z.
    pub start: i64,
    /// End of that time (exclusive), in seconds since 1970-01-01T00:00:00Z.
    pub end: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_text_of_the_same_length_is_not_the_body() {
        let sent = Sent { sha256: hex::encode(Sha256::digest("sent")), size: 4, body: None };
        assert_eq!(sent.octets("sent").as_deref(), Some(&b"sent"[..]));
        assert_eq!(sent.octets("text"), None);
        assert_eq!(sent.octets("stored"), None);
    }
}
