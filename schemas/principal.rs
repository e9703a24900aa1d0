//! Facts about principals: people, rooms, resources, groups.

use serde::{Deserialize, Serialize};

use crate::{
    PasswordId, PrincipalId,
    collection::{Property, PropertyName},
};

/// `CALDAV:calendar-user-type` (RFC 6638 §2.4.2), and `CUTYPE` (RFC 5545 §3.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// A person.
    Individual,
    /// A group: several principals under one address.
    Group,
    /// Something that can be booked: a projector, a car.
    Resource,
    /// A room.
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
    /// Accept every invitation.
    AcceptAlways,
    /// Decline every invitation.
    DeclineAlways,
    /// Accept if free; leave the rest to a person.
    AcceptIfFree,
    /// Decline if busy; leave the rest to a person.
    DeclineIfBusy,
}

/// Whether an account can log in and takes part in scheduling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalState {
    /// Logs in and takes part in scheduling.
    #[default]
    Active,
    /// Cannot log in. Invitations still arrive.
    Disabled,
    /// Has left: cannot log in and takes no messages. The name, the addresses and the calendars
    /// stay reserved for them.
    Retired,
}

/// What happens to the meetings of an organizer who leaves, if they are not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeetingsOfRetired {
    /// They stay as they are.
    #[default]
    Keep,
    /// They are cancelled, and their attendees are notified (RFC 5546 §3.2.5).
    Cancel,
    /// Another principal organizes them, and their attendees are notified (RFC 5546 §3.2.2.4).
    HandOver,
}

/// A principal was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalRegistered {
    /// Last segment of the principal's and the home's path, and the name to log in with.
    pub short_name: String,
    /// What it is.
    pub kind: PrincipalKind,
    /// Its profile.
    pub profile: Profile,
}

/// The profile of a principal. A later profile replaces the whole of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// `DAV:displayname`.
    pub display_name: String,
    /// Empty: not given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    /// Empty: not given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    /// Calendar user addresses as they were given, the preferred one first (RFC 6638 §2.4.1).
    #[serde(default)]
    pub addresses: Vec<String>,
    /// How invitations are answered without a person.
    #[serde(default)]
    pub automatic_answer: AutomaticAnswer,
    /// Gives every privilege on every resource.
    #[serde(default)]
    pub administrator: bool,
    /// Lets a person look at the history of everybody, without a right to change anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auditor: bool,
}

/// A password was set. Its hash is kept apart from the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalPasswordSet {
    /// The identity of the password: the vault keeps its hash under it.
    pub password: PasswordId,
}

/// The first version of [`PrincipalPasswordSet`], which held the hash itself.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstPasswordSet {
    /// The hash as a PHC string (argon2id).
    pub phc: String,
}

impl FirstPasswordSet {
    /// The type and version that it is stored under.
    pub const KIND: &'static str = "principal-password-set.v1";
}

impl std::fmt::Debug for FirstPasswordSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FirstPasswordSet { .. }")
    }
}

/// A password for one program was added. It opens the account like the account's own; its hash is
/// kept apart from the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalAppPasswordAdded {
    /// The identity of the password: the vault keeps its hash under it.
    pub password: PasswordId,
    /// Its purpose, in the words of the person: "Phone".
    pub name: String,
}

/// A password for one program was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalAppPasswordRevoked {
    /// The identity of the password.
    pub password: PasswordId,
}

/// The direct members of a group were set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalMembersSet {
    /// All members; they replace the earlier ones.
    pub members: Vec<PrincipalId>,
}

/// The name of a principal was changed. Earlier names stay reserved for the principal, and still
/// work in paths and logins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalRenamed {
    /// The new last segment of the principal's and the home's path, and the name to log in with.
    pub short_name: String,
}

/// A principal has left. Name, addresses and calendars stay the principal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalRetired {
    /// What happens to the meetings that the principal has organized.
    pub meetings: MeetingsOfRetired,
    /// The principal who organizes them from now on; only if they are handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<PrincipalId>,
}

/// How much the home of a principal may hold was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalQuotaSet {
    /// Bytes; 0: no limit. `None`: the limit in the settings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_bytes: Option<u64>,
}

/// Properties of a principal were set and removed (`PROPPATCH`, RFC 4918 §9.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalPropertiesChanged {
    /// The new properties.
    #[serde(default)]
    pub set: Vec<Property>,
    /// The names of those that were removed.
    #[serde(default)]
    pub removed: Vec<PropertyName>,
}
