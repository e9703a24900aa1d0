//! Facts about shares: a calendar that its owner offers to one person, and what that person makes
//! of it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    CollectionId, ObjectId, PrincipalId,
    collection::{Property, PropertyName, Settings},
    object::Place,
};

/// What somebody is offered (caldav-sharing §5.5.1). The access control list of the calendar
/// decides what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShareAccess {
    /// They read it.
    Read,
    /// They also add, change and remove.
    ReadWrite,
}

/// A calendar was offered to somebody, or what is offered was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareOffered {
    /// Whom it is offered to; in their home it appears once they accept.
    pub home: PrincipalId,
    /// Whose calendar it is.
    pub owner: PrincipalId,
    /// The calendar.
    pub calendar: CollectionId,
    /// The identity of the invitation, by which it is answered (`CS:uid`).
    pub invitation: Uuid,
    /// What is offered.
    pub access: ShareAccess,
    /// The owner's words for the calendar (`CS:summary`). Empty: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
}

/// Somebody accepted a calendar: it appears in their home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareAccepted {
    /// The name it has in their home.
    pub name: String,
    /// How it is called there, as long as they choose no other name. Empty: as its owner calls it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
}

/// Somebody gave a shared calendar another name in their home (`MOVE`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareMoved {
    /// The new name.
    pub name: String,
}

/// Somebody set and removed properties of a shared calendar, which count for them alone
/// (`PROPPATCH`, caldav-sharing §5.5.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharePropertiesChanged {
    /// The new properties.
    #[serde(default)]
    pub set: Vec<Property>,
    /// The names of those that were removed: the owner's values show again.
    #[serde(default)]
    pub removed: Vec<PropertyName>,
    /// The changed properties that the server acts on.
    #[serde(default)]
    pub settings: Settings,
}

/// Somebody stored data of their own for an object of a shared calendar: alarms, TRANSP, snoozes
/// (`PUT`, caldav-sharing §5.5.4). It replaces what they had there before, and ends with the object
/// and with the share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharePersonalDataChanged {
    /// The object.
    pub object: ObjectId,
    /// Where the object was then, in the calendar of its owner.
    pub place: Place,
    /// The UID of the object.
    pub uid: String,
    /// The data, instance by instance. Empty: none any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<PersonalData>,
}

/// Data of one person for an object, or for one instance of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalData {
    /// The original start of the instance: a date, a floating time, or a time in UTC. `None`: the
    /// object itself, and each instance without data of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Content lines, unfolded: TRANSP, X-MOZ-LASTACK, X-MOZ-SNOOZE-TIME.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<String>,
    /// The texts of the alarms, each from `BEGIN:VALARM` to `END:VALARM`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alarms: Vec<String>,
}
