//! Facts about shares: a calendar that its owner offers to one person or group (the sharee), and
//! the sharee's answer and changes.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    CollectionId, ObjectId, PrincipalId,
    collection::{Property, PropertyName, Settings},
    object::Place,
};

/// The access that is offered to a sharee (caldav-sharing §5.5.1). The privileges themselves are in
/// the access control list of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShareAccess {
    /// The sharee reads the calendar.
    Read,
    /// The sharee also adds, changes and removes objects.
    ReadWrite,
}

/// A calendar was offered to a sharee, or the offer was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareOffered {
    /// The sharee. After they accept, the calendar appears in their home. If it is a group, its
    /// members get offers of their own.
    pub home: PrincipalId,
    /// The owner of the calendar.
    pub owner: PrincipalId,
    /// The calendar that is offered.
    pub calendar: CollectionId,
    /// Id of the invitation, to which the answer refers (`CS:uid`).
    pub invitation: Uuid,
    /// The access that is offered.
    pub access: ShareAccess,
    /// The owner's text about the calendar (`CS:summary`); empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
}

/// The sharee accepted the offer, or the server did so for them. If the server accepts for a group,
/// it also accepts for each member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareAccepted {
    /// The name of the calendar in the sharee's home.
    pub name: String,
    /// The display name in the sharee's home, until they choose another one. If empty, the owner's
    /// display name is used.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
}

/// The sharee renamed a shared calendar in their home (`MOVE`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareMoved {
    /// The new name of the calendar in the sharee's home.
    pub name: String,
}

/// The sharee set and removed properties of a shared calendar. Only they see these properties
/// (`PROPPATCH`, caldav-sharing §5.5.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharePropertiesChanged {
    /// The properties that were set, with their new values.
    #[serde(default)]
    pub set: Vec<Property>,
    /// The names of the properties that were removed. The owner's values are visible again.
    #[serde(default)]
    pub removed: Vec<PropertyName>,
    /// The parsed values of those changed properties that the server itself uses.
    #[serde(default)]
    pub settings: Settings,
}

/// The sharee stored personal data for an object of a shared calendar: alarms, TRANSP, snoozes
/// (`PUT`, caldav-sharing §5.5.4). The data replace the earlier data. They are removed when the
/// object leaves the calendar, and when the share ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharePersonalDataChanged {
    /// The id of the object.
    pub object: ObjectId,
    /// The path of the object at that time, in the calendar of its owner.
    pub place: Place,
    /// The iCalendar UID of the object.
    pub uid: String,
    /// The data for each instance; empty if the data were removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<PersonalData>,
}

/// The personal data of one sharee for an object, or for one instance of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalData {
    /// The original start of the instance: a date, a floating time, or a time in UTC. `None` if the
    /// data are for the object itself, and for all instances without separate data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Unfolded content lines: TRANSP, X-MOZ-LASTACK, X-MOZ-SNOOZE-TIME.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<String>,
    /// The texts of the alarms, each from `BEGIN:VALARM` to `END:VALARM`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alarms: Vec<String>,
}
