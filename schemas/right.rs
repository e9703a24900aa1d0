//! The right by which an action was allowed.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};
use serde_json::Value;

use crate::{access::Grantee, words::words};

words! {
    /// The ground on which an action was allowed.
    Ground {
        /// The actor is the owner of the home.
        Owner = "owner",
        /// An administrator, who has the privileges of the owner on every resource.
        Administrator = "administrator",
        /// An access control entry grants the privilege (RFC 3744 §5.5).
        Entry = "entry",
        /// The actor runs the program on the server's machine.
        Operator = "operator",
        /// The server acts by itself.
        Server = "server",
    }
}

/// The right by which an action was allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Right {
    /// The ground on which the right is based.
    pub by: Ground,
    /// Name of the stream whose ACL contains the entry: that of the resource, or of a collection
    /// above it. Absent if the ground is not an entry, or if no single entry gives the right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The principals to whom the entry applies, including the actor. Absent if the ground is not
    /// an entry, if no single entry gives the right, or if the entry is inverted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Grantee>,
    /// The principals to whom the entry does not apply: it is inverted, and applies to all others
    /// (RFC 3744 §5.5.1, `DAV:invert`). Absent if `to` is there, or for the same reasons.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    pub except: Option<Grantee>,
}

impl Right {
    /// Creates a right that is not based on an access control entry.
    pub const fn of(by: Ground) -> Self {
        Self { by, on: None, to: None, except: None }
    }
}

/// Reads principals. Those of a later version, which this version does not know, count as absent.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Grantee>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Read {
        Known(Grantee),
        Unknown(IgnoredAny),
    }
    Ok(match Read::deserialize(deserializer)? {
        Read::Known(grantee) => Some(grantee),
        Read::Unknown(_) => None,
    })
}

/// Returns the clear part of metadata of a version after `version` without `right.to`, if it names
/// principals that this version does not know. `None` for all other metadata: the schema of
/// `version` names every value of `right.to`.
pub(crate) fn without_unknown(clear: &[u8], version: i32) -> Option<Value> {
    let mut clear: Value = serde_json::from_slice(clear).ok()?;
    let is_later = clear.get("version")?.as_i64()? > i64::from(version);
    let right = clear.get_mut("right").filter(|_| is_later)?.as_object_mut()?;
    let to = right.remove("to")?;
    Grantee::deserialize(&to).is_err().then_some(clear)
}
