//! Access control entries (ACEs, RFC 3744 §5.5), as a client or an operator set them.

use serde::{Deserialize, Serialize};

use crate::PrincipalId;

/// The principals to whom an entry applies (RFC 3744 §5.5.1).
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
    /// The principal in the resource's `DAV:owner` property.
    Owner,
}

/// The effect of an entry: it grants its privileges or denies them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The principals get the privileges, unless an earlier entry denied them.
    Grant,
    /// The principals do not get the privileges, unless an earlier entry granted them.
    Deny,
}

/// One entry of an ACL. The order of entries matters (RFC 3744 §6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessControlEntry {
    /// The principals to whom the entry applies.
    pub to: Grantee,
    /// True if the entry applies to all principals except those in `to` (RFC 3744 §5.5.1,
    /// `DAV:invert`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inverted: bool,
    /// The effect of the entry: it grants or denies the privileges.
    pub effect: Effect,
    /// Local names of the privileges (RFC 3744 §3, RFC 4791 §6.1, RFC 6638 §6), as they were set,
    /// without duplicates. An aggregate privilege is not expanded.
    pub privileges: Vec<String>,
}
