//! Access control entries (RFC 3744 §5.5), as a client set them.

use serde::{Deserialize, Serialize};

use crate::PrincipalId;

/// Whom an entry names (RFC 3744 §5.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grantee {
    /// A person, room or resource; or a group, and with it everybody in it.
    Principal(PrincipalId),
    /// Everybody.
    All,
    /// Everybody who has logged in.
    Authenticated,
    /// Everybody who has not.
    Unauthenticated,
    /// Whoever `DAV:owner` names.
    Owner,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    Grant,
    Deny,
}

/// Who may, or may not, do what. The order of entries matters (RFC 3744 §6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessControlEntry {
    pub to: Grantee,
    /// For everybody but those it names.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inverted: bool,
    pub effect: Effect,
    /// Local names of RFC 3744 §3, RFC 4791 §6.1 and RFC 6638 §6, of which no two are the same, as they were asked for:
    /// what they contain is not written out.
    pub privileges: Vec<String>,
}
