//! Facts about shares: a calendar that its owner offers to one person, and what that person makes of it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    CollectionId, PrincipalId,
    collection::{Property, PropertyName, Settings},
};

/// What somebody is offered (caldav-sharing §5.5.1). The access control list of the calendar decides what
/// they may do.
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

/// Somebody set and removed properties of a shared calendar, which count for them alone (`PROPPATCH`, caldav-sharing
/// §5.5.3).
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
