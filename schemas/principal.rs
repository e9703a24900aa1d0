//! Facts about principals: people, rooms, resources, groups.

use serde::{Deserialize, Serialize};

use crate::{
    PrincipalId,
    collection::{Property, PropertyName},
};

/// `CALDAV:calendar-user-type` (RFC 6638 §2.4.2), and `CUTYPE` (RFC 5545 §3.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    Individual,
    Group,
    Resource,
    Room,
}

/// How a principal answers invitations without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AutomaticAnswer {
    /// Leave every invitation to a person.
    #[default]
    None,
    /// Accept if free, decline if busy.
    Automatic,
    AcceptAlways,
    DeclineAlways,
    /// Accept if free; leave the rest to a person.
    AcceptIfFree,
    /// Decline if busy; leave the rest to a person.
    DeclineIfBusy,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalRegistered {
    /// Last segment of the principal's and the home's path; also the login.
    pub short_name: String,
    pub kind: PrincipalKind,
    pub profile: Profile,
}

/// What may be said of a principal, and said anew.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub display_name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    /// Calendar user addresses, the preferred one first (RFC 6638 §2.4.1), as they were given.
    #[serde(default)]
    pub addresses: Vec<String>,
    #[serde(default)]
    pub automatic_answer: AutomaticAnswer,
    /// May read and change everything of everybody.
    #[serde(default)]
    pub administrator: bool,
}

/// A PHC string (argon2id). Never a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalPasswordSet {
    pub phc: String,
}

impl std::fmt::Debug for PrincipalPasswordSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrincipalPasswordSet { .. }")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalMembersSet {
    pub members: Vec<PrincipalId>,
}

/// `PROPPATCH` of a principal (RFC 4918 §9.2): the properties that clients keep there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalPropertiesChanged {
    #[serde(default)]
    pub set: Vec<Property>,
    #[serde(default)]
    pub removed: Vec<PropertyName>,
}
