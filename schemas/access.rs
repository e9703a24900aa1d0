//! Access control entries (RFC 3744 §5.5), as a client set them.

use serde::{Deserialize, Serialize};

use crate::PrincipalId;

/// The principals an entry applies to (RFC 3744 §5.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grantee {
    /// A person, room or resource; or a group with all its members.
    Principal(PrincipalId),
    /// Every user, logged in or not (`DAV:all`).
    All,
    /// Every user who has logged in (`DAV:authenticated`).
    Authenticated,
    /// Every user who has not logged in (`DAV:unauthenticated`).
    Unauthenticated,
    /// The principal that the resource's `DAV:owner` names.
    Owner,
}

/// Whether an entry gives its privileges or takes them away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The principals get the privileges.
    Grant,
    /// The principals do not get the privileges, unless an earlier entry granted them.
    Deny,
}

/// One entry of an ACL. The order of entries matters (RFC 3744 §6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessControlEntry {
    /// The principals it applies to.
    pub to: Grantee,
    /// Applies the entry to all principals but these (RFC 3744 §5.5.1, `DAV:invert`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inverted: bool,
    /// Whether it grants or denies.
    pub effect: Effect,
    /// Local names of the privileges of RFC 3744 §3, RFC 4791 §6.1 and RFC 6638 §6, as the client
    /// sent them. All names differ, and the privileges an aggregate contains are not written out.
    pub privileges: Vec<String>,
}
