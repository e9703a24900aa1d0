//! Facts about requests: refused requests, logins, and data that was read. They are kept in a
//! separate journal for a limited time. The metadata of an event name the principal who made the
//! request, if it is known.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{CollectionId, Hash, ObjectId, Position, PrincipalId};

/// A file of the access journal begins. Its hash chain continues the chain of the file before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentBegun {
    /// The name of the file: the Monday of its week, such as `2026-11-23`.
    pub segment: String,
    /// The end of the file before it; absent if there was no file before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<SegmentEnd>,
}

/// The end of a file of the access journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentEnd {
    /// The name of the file.
    pub segment: String,
    /// Number of events in the file.
    pub events: u64,
    /// Hash of the last event in the file: 64 hexadecimal digits.
    pub hash: String,
}

impl SegmentEnd {
    /// Returns the end of a file with `events` events. `hash` is the hash of the last one.
    pub fn new(segment: String, events: u64, hash: Hash) -> Self {
        Self { segment, events, hash: hash.to_string() }
    }
}

/// A request was refused. The metadata have its method and headers such as `If-Match`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRefused {
    /// The HTTP status of the response.
    pub status: u16,
    /// The path of the request as the client sent it, percent-encoded; cut to at most 2,048 bytes.
    pub path: String,
    /// The precondition that was violated, by the local name of its XML element:
    /// `valid-calendar-data`. Absent if the request was refused for another reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The reason in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The body of the request; absent if it was empty or was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<RefusedBody>,
}

/// The body of a refused request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedBody {
    /// SHA-256 of the body: 64 hexadecimal digits.
    pub sha256: String,
    /// Length of the body in bytes.
    pub bytes: u64,
    /// The body itself; absent if it is not UTF-8, or longer than 65,536 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A person logged in. Requests that repeat a recent login are not recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedIn {
    /// The login name or address that the client or a trusted proxy sent, or the account that a
    /// token or an OpenID Connect provider named.
    pub login: String,
}

/// A login failed: the name, the password or the token was not accepted, or too many logins had
/// failed before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginRefused {
    /// The login name or address that the client or a trusted proxy sent, or the account that a
    /// token or an OpenID Connect provider named.
    pub login: String,
    /// The reason in words.
    pub why: String,
}

/// Versions of calendar objects were served to a person's program. The server does not record a
/// version again for the same program until the version has left its cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionsServed {
    /// The home to which the objects belong.
    pub home: PrincipalId,
    /// The collection in which the objects were read.
    pub collection: CollectionId,
    /// The versions, one directly after the other. Each has the id of the object (32 hexadecimal
    /// digits) and the position of the event in the main journal that stored the version (12
    /// hexadecimal digits).
    pub versions: String,
}

impl VersionsServed {
    const OBJECT_DIGITS: usize = 32;
    const DIGITS: usize = Self::OBJECT_DIGITS + 12;

    /// Encodes versions in the form of the field `versions`.
    pub fn pack(versions: impl IntoIterator<Item = (ObjectId, Position)>) -> String {
        versions.into_iter().fold(String::new(), |mut packed, (object, position)| {
            let _ = write!(packed, "{}{:012x}", object.0.simple(), position.0);
            packed
        })
    }

    /// Decodes the field `versions`. Versions that cannot be decoded are left out.
    pub fn unpack(&self) -> impl Iterator<Item = (ObjectId, Position)> {
        let version = |digits: &[u8]| {
            let (object, position) = digits.split_at_checked(Self::OBJECT_DIGITS)?;
            let position = u64::from_str_radix(str::from_utf8(position).ok()?, 16).ok()?;
            Some((ObjectId(Uuid::try_parse_ascii(object).ok()?), Position(position)))
        };
        self.versions.as_bytes().chunks(Self::DIGITS).filter_map(version)
    }
}

/// A person requested free-busy times (RFC 6638 §5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreeBusyAsked {
    /// The calendar user addresses in the request, up to a maximum number; `addresses` counts all.
    pub about: Vec<String>,
    /// Number of calendar user addresses in the request.
    pub addresses: u64,
    /// Start of the requested time, in seconds since 1970-01-01T00:00:00Z.
    pub from: i64,
    /// End of the requested time, in seconds since 1970-01-01T00:00:00Z.
    pub until: i64,
}

/// A person requested a past state or a part of the transparency log, or an operator looked at the
/// history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryLookedAt {
    /// The method and the path of the request, or the operator's command line.
    pub question: String,
}

/// Events were only counted, not recorded one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordsOmitted {
    /// The type of the events that were not recorded, without version: `request-refused`. With the
    /// reason `busy` it is always `any`.
    pub of: String,
    /// Number of events that were not recorded.
    pub count: u64,
    /// The reason: `limit` (one person or address had caused the maximum of such events in an hour)
    /// or `busy` (the server could not write the events, or not fast enough).
    pub why: String,
}

/// The end of the access journal at this time. This event is stored in the main journal. It proves
/// later whether the access journal was changed before this end.
pub type AccessAnchored = SegmentEnd;
