//! Facts about collections: homes, calendars, inboxes, outboxes, plain ones.

use serde::{Deserialize, Serialize};

use crate::{PrincipalId, access::AccessControlEntry};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CollectionKind {
    /// The calendar home (RFC 4791 §6.2.1).
    Home,
    /// A calendar collection (RFC 4791 §4.2).
    Calendar,
    /// The scheduling inbox (RFC 6638 §2.2).
    Inbox,
    /// The scheduling outbox (RFC 6638 §2.1).
    Outbox,
    /// A collection of files and of other collections: nothing in it is scheduled or expanded (RFC 4918 §9.3).
    Plain,
}

impl CollectionKind {
    /// Whether files and collections may lie in it. Calendars hold calendar objects only (RFC 4791 §4.2), an inbox what
    /// is delivered there, an outbox nothing.
    pub fn holds_anything(self) -> bool {
        match self {
            Self::Home | Self::Plain => true,
            Self::Calendar | Self::Inbox | Self::Outbox => false,
        }
    }
}

/// Whether a calendar's objects count as busy (RFC 6638 §9.1, `CALDAV:schedule-calendar-transp`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transparency {
    #[default]
    Opaque,
    Transparent,
}

/// The name of a WebDAV property.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropertyName {
    pub namespace: String,
    pub local: String,
}

/// A property a client set, kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    pub name: PropertyName,
    /// The whole element as XML that stands on its own: namespaces declared, `xml:lang` kept (RFC 4918 §4.3).
    pub xml: String,
}

impl Property {
    /// What a resource holds after a change: what is set takes the place of what had its name.
    pub fn change(held: &mut Vec<Self>, set: &[Self], removed: &[PropertyName]) {
        let is_replaced = |name: &PropertyName| removed.contains(name) || set.iter().any(|new| new.name == *name);
        held.retain(|property| !is_replaced(&property.name));
        held.extend(set.iter().cloned());
    }
}

/// Settings the server itself acts on, read from properties when they were set. Absent: not touched.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transparency: Option<Transparency>,
    /// An iCalendar object with one `VTIMEZONE` (RFC 4791 §5.2.2); empty: removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// On an inbox: name of the calendar that receives invitations (RFC 6638 §9.2); empty: removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_calendar: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionCreated {
    pub home: PrincipalId,
    /// Path below the home, segments joined by `/`; empty for the home itself.
    pub name: String,
    pub kind: CollectionKind,
    /// `CALDAV:supported-calendar-component-set`; empty: everything the server supports.
    #[serde(default)]
    pub components: Vec<String>,
    #[serde(default)]
    pub properties: Vec<Property>,
    #[serde(default)]
    pub settings: Settings,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionPropertiesChanged {
    #[serde(default)]
    pub set: Vec<Property>,
    #[serde(default)]
    pub removed: Vec<PropertyName>,
    #[serde(default)]
    pub settings: Settings,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionMoved {
    /// Path below the home, as in [`CollectionCreated`]. What lies in the collection goes with it.
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectionAclChanged {
    /// All entries that a client set, in its order; those before are gone (RFC 3744 §8.1).
    pub entries: Vec<AccessControlEntry>,
}
