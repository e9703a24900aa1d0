//! Facts about principals: people, rooms, resources, groups.

use serde::{Deserialize, Serialize};

use crate::{
    PasswordId, PrincipalId,
    collection::{Property, PropertyName},
};

/// The kind of a principal, as in `CALDAV:calendar-user-type` (RFC 6638 §2.4.2) and `CUTYPE` (RFC
/// 5545 §3.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalKind {
    /// A person.
    Individual,
    /// A group: several principals with a common address.
    Group,
    /// A thing that can be booked: a projector, a car.
    Resource,
    /// A room.
    Room,
}

/// The way in which the server answers invitations for a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AutomaticAnswer {
    /// Do not answer any invitation automatically.
    #[default]
    None,
    /// Accept if the principal is free, decline if busy.
    Automatic,
    /// Accept every invitation.
    AcceptAlways,
    /// Decline every invitation.
    DeclineAlways,
    /// Accept if the principal is free; otherwise do not answer automatically.
    AcceptIfFree,
    /// Decline if the principal is busy; otherwise do not answer automatically.
    DeclineIfBusy,
}

/// The state of an account. It determines whether the account can log in, and whether it takes part
/// in scheduling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalState {
    /// The account can log in and takes part in scheduling.
    #[default]
    Active,
    /// The account cannot log in. Invitations still arrive.
    Disabled,
    /// The principal has left: the account cannot log in and receives no messages. Its name,
    /// addresses and calendars remain reserved.
    Retired,
}

/// The treatment of an organizer's unfinished meetings when the organizer leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeetingsOfRetired {
    /// The meetings remain unchanged.
    #[default]
    Keep,
    /// The meetings are cancelled, and their attendees are notified (RFC 5546 §3.2.5).
    Cancel,
    /// Another principal becomes the organizer, and the attendees are notified (RFC 5546 §3.2.2.4).
    HandOver,
}

/// A principal was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalRegistered {
    /// The login name. It is also the last segment of the paths of the principal and the home.
    pub short_name: String,
    /// The kind of principal.
    pub kind: PrincipalKind,
    /// The profile of the principal.
    pub profile: Profile,
}

/// The profile of a principal. A later profile replaces all fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The name that people see, `DAV:displayname`.
    pub display_name: String,
    /// The first name; empty if it is not given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    /// The last name; empty if it is not given.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    /// Calendar user addresses as they were given. The preferred one comes first (RFC 6638 §2.4.1).
    #[serde(default)]
    pub addresses: Vec<String>,
    /// The way in which the server answers invitations for the principal.
    #[serde(default)]
    pub automatic_answer: AutomaticAnswer,
    /// True if the principal has the privileges of the owner on every resource.
    #[serde(default)]
    pub administrator: bool,
    /// True if the person may read the history of all principals. This does not include any right
    /// to change something.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub auditor: bool,
}

/// A password was set. Its hash is not in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalPasswordSet {
    /// Id of the password, under which the vault has its hash.
    pub password: PasswordId,
}

/// The first version of [`PrincipalPasswordSet`], which contained the hash itself.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstPasswordSet {
    /// The hash as a PHC string (argon2id).
    pub phc: String,
}

impl FirstPasswordSet {
    /// The type and version under which the event is stored.
    pub const KIND: &'static str = "principal-password-set.v1";
}

impl std::fmt::Debug for FirstPasswordSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FirstPasswordSet").finish_non_exhaustive()
    }
}

/// An app password, which is for a single program, was added. Nobody can log in to the web pages
/// with it. Its hash is not in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalAppPasswordAdded {
    /// Id of the password, under which the vault has its hash.
    pub password: PasswordId,
    /// The purpose of the password, as the person wrote it: "Phone".
    pub name: String,
}

/// An app password was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalAppPasswordRevoked {
    /// Id of the password.
    pub password: PasswordId,
}

/// The direct members of a group were set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalMembersSet {
    /// All direct members. They replace the earlier ones.
    pub members: Vec<PrincipalId>,
}

/// The name of a principal was changed. Earlier names remain reserved for the principal, and can
/// still be used in paths and logins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalRenamed {
    /// The new login name. It is also the last segment of the paths of the principal and the home.
    pub short_name: String,
}

/// A principal has left. The name, addresses and calendars remain reserved for the principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalRetired {
    /// The treatment of the meetings of which the principal is the organizer.
    pub meetings: MeetingsOfRetired,
    /// The principal who becomes the organizer; `None` unless the meetings are handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<PrincipalId>,
}

/// The maximum size of a principal's home was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalQuotaSet {
    /// Maximum size in bytes; 0 means no limit. `None` means that the limit in the settings
    /// applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_bytes: Option<u64>,
}

/// Properties of a principal were set and removed, such as by `PROPPATCH` (RFC 4918 §9.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalPropertiesChanged {
    /// The properties that were set, with their new values.
    #[serde(default)]
    pub set: Vec<Property>,
    /// The names of the properties that were removed.
    #[serde(default)]
    pub removed: Vec<PropertyName>,
}
