//! Facts about what people asked for: refused requests, logins, what was read. They are kept in a
//! journal of their own, and for a limited time; the metadata of each event says who asked.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{CollectionId, Hash, ObjectId, Position, PrincipalId};

/// A file of the access journal begins. Its chain of hashes goes on where that of the file before
/// ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentBegun {
    /// The name of the file, which says when it began: `2026-11-23`.
    pub segment: String,
    /// The end of the file before it; absent if this is the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<SegmentEnd>,
}

/// The end of a file of the access journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentEnd {
    /// The name of the file.
    pub segment: String,
    /// Number of events in it.
    pub events: u64,
    /// Hash of the last one, 64 hexadecimal digits.
    pub hash: String,
}

impl SegmentEnd {
    /// Returns the end of a segment with `events` events, the last of which has the hash `hash`.
    pub fn new(segment: String, events: u64, hash: Hash) -> Self {
        Self { segment, events, hash: hash.to_string() }
    }
}

/// A request was refused. The metadata holds its method and conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRefused {
    /// The HTTP status of the response.
    pub status: u16,
    /// The path of the request, percent-encoded as the client sent it, shortened to a limit.
    pub path: String,
    /// The precondition that does not hold, by the name of its element: `valid-calendar-data`.
    /// Absent if no RFC names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The reason in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The body, if it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<RefusedBody>,
}

/// The body of a refused request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedBody {
    /// SHA-256, 64 hexadecimal digits.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
    /// The body itself, if it is text and no longer than a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Somebody logged in. The credentials were verified, not taken from the cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedIn {
    /// The name or address that was given.
    pub login: String,
}

/// A login failed: the name or the password was wrong, or too many logins had failed before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginRefused {
    /// The name or address that was given.
    pub login: String,
    /// The reason in words.
    pub why: String,
}

/// A person's program got versions of calendar objects that it had not had before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionsServed {
    /// The home that the objects belong to.
    pub home: PrincipalId,
    /// The collection they were read in.
    pub collection: CollectionId,
    /// The versions, one after the other: the identity of the object (32 hexadecimal digits), and
    /// the position of the event in the main journal that made the version what it was (12
    /// hexadecimal digits).
    pub versions: String,
}

impl VersionsServed {
    const OBJECT_DIGITS: usize = 32;
    const DIGITS: usize = Self::OBJECT_DIGITS + 12;

    /// Writes versions in the form of `versions`.
    pub fn pack(versions: impl IntoIterator<Item = (ObjectId, Position)>) -> String {
        versions.into_iter().fold(String::new(), |mut packed, (object, position)| {
            let _ = write!(packed, "{}{:012x}", object.0.simple(), position.0);
            packed
        })
    }

    /// Reads the versions. Text in another form is left out.
    pub fn unpack(&self) -> impl Iterator<Item = (ObjectId, Position)> {
        let version = |digits: &[u8]| {
            let (object, position) = digits.split_at_checked(Self::OBJECT_DIGITS)?;
            let position = u64::from_str_radix(str::from_utf8(position).ok()?, 16).ok()?;
            Some((ObjectId(Uuid::try_parse_ascii(object).ok()?), Position(position)))
        };
        self.versions.as_bytes().chunks(Self::DIGITS).filter_map(version)
    }
}

/// Somebody asked when people are free (RFC 6638 §5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FreeBusyAsked {
    /// The addresses that were asked about, at most as many as a limit says.
    pub about: Vec<String>,
    /// How many addresses were asked about.
    pub addresses: u64,
    /// Start of the window, in seconds since 1970-01-01T00:00:00Z.
    pub from: i64,
    /// End of the window, in seconds since 1970-01-01T00:00:00Z.
    pub until: i64,
}

/// Somebody looked at the history of other people's calendars.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryLookedAt {
    /// The command or path.
    pub question: String,
}

/// Events were counted instead of being recorded one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordsOmitted {
    /// The type of the events that were left out: `request-refused`.
    pub of: String,
    /// How many there were.
    pub count: u64,
    /// Why they were left out: `limit` (a person or address had caused as many as are recorded in
    /// an hour) or `busy` (the server could not write them in time).
    pub why: String,
}

/// The access journal had this end. The event is stored in the main journal, and proves later that
/// the access journal was not changed up to this end.
pub type AccessAnchored = SegmentEnd;
