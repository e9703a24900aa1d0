//! The body that a client sent for a resource, and the changes that the server made before storing
//! it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{file::encoded, principal::AutomaticAnswer};

/// The body of the request that stored a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// SHA-256 of the body's octets, in hexadecimal digits.
    pub sha256: String,
    /// Length of the body in octets.
    pub size: u64,
    /// The body; `None`: its octets are those that were stored, or `size` says that they are
    /// others: more than [`Sent::MAX_BODY_BYTES`], and not UTF-8 or sent to an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
}

impl Sent {
    /// Octets of a body that is kept as it is beside the text that was made of it. Of a longer one,
    /// the parts are kept in which it differs.
    pub const MAX_BODY_BYTES: usize = 1024 * 1024;

    /// Returns the octets of the body, of which `stored` was made; `None` if they are not recorded.
    pub fn octets<'a>(&'a self, stored: &'a str) -> Option<Cow<'a, [u8]>> {
        match &self.body {
            Some(body) => body.octets(stored),
            None => (self.size == stored.len() as u64).then_some(Cow::Borrowed(stored.as_bytes())),
        }
    }
}

/// The octets of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Body {
    /// They are UTF-8.
    Text(String),
    /// They are not UTF-8; base64 in JSON.
    Base64(#[serde(with = "encoded")] Vec<u8>),
    /// They are UTF-8, and these pieces one after the other.
    Pieces(Vec<Piece>),
}

impl Body {
    /// Returns the octets, of which `stored` was made; `None` if a piece is not in it.
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
    /// So many octets of the text that was stored, after the first `after`.
    Stored {
        /// Octets of the stored text before the piece.
        after: u64,
        /// Octets of the piece.
        size: u64,
    },
    /// Another text.
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

/// A change that the server made to what a client sent, or, without a client, to what was stored
/// before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The reason.
    pub reason: EditReason,
    /// The name of the repair, from the table of repairs in docs/ical.md; for a repair only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<String>,
    /// The repaired component and property, `VCALENDAR/VEVENT/DTSTAMP`; `None` for other changes,
    /// and for a repair of the whole text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Edit {
    /// An edit that the reason describes.
    pub const fn of(reason: EditReason) -> Self {
        Self { reason, repair: None, path: None }
    }
}

/// Why the server changed a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EditReason {
    /// An error with one obvious meaning was repaired.
    Repaired,
    /// Answers that arrived after the client had read the object were kept (RFC 6638 §3.2.10).
    Merged,
    /// The client had edited an earlier state of the copy: its changes were applied to the current
    /// one.
    Rebased,
    /// The members of a group became attendees.
    GroupsExpanded,
    /// Attendees are asked again: their participation became `NEEDS-ACTION` (RFC 6638 §3.2.8).
    AnswersReset,
    /// The answer of an attendee was put back: only the attendee may change it (RFC 6638 §3.2.1).
    AnswersKept,
    /// `RSVP=TRUE` was set, as the attendee has not answered.
    ReplyRequested,
    /// `SEQUENCE` was set: raised for a new revision (RFC 5546 §2.1.4), or put back.
    SequenceSet,
    /// `SCHEDULE-STATUS`, which only the server sets, was set or put back (RFC 6638 §7.3).
    StatusSet,
    /// `SCHEDULE-FORCE-SEND` was obeyed and removed (RFC 6638 §7.2).
    ForceSendRemoved,
    /// `SCHEDULE-AGENT` was put back.
    AgentKept,
    /// Lines that belong to the organizer or to another attendee were put back, or lines that the
    /// client left out were added.
    LinesKept,
    /// Instances that the client left out were put back.
    InstancesKept,
}

/// The facts on which an automatic answer was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Automatic {
    /// How the owner's invitations are answered.
    pub mode: AutomaticAnswer,
    /// The times of the invitation at which the owner was busy, the first
    /// [`Automatic::MAX_CONFLICTS`] of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
}

impl Automatic {
    /// The most conflicts that are recorded.
    pub const MAX_CONFLICTS: usize = 5;
}

/// A time at which the owner was busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conflict {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub start: i64,
    /// Seconds since 1970-01-01T00:00:00Z, exclusive.
    pub end: i64,
}
