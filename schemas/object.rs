//! Facts about calendar objects. One stream holds every resource of one home with one UID, and the
//! scheduling messages sent and received for it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use crate::scheduling::{
    Answer, Delivery, DeliveryReported, InboxItem, InboxItemRemoved, MessageIssued, MessageReceived, MessageSuppressed,
    MessageWithdrawn, Method, Outcome, Recipient, Visibility,
};

use crate::{
    CollectionId, PrincipalId,
    access::AccessControlEntry,
    collection::{Property, PropertyName},
    edit::{Automatic, Body, Edit, Sent},
};

/// The path of a resource: its collection, and its name in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The collection that contains it.
    pub collection: CollectionId,
    /// The last segment of its path, not percent-encoded.
    pub name: String,
}

/// The part that the owner of a copy has in the meeting (RFC 6638 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Not a scheduling object resource.
    #[default]
    None,
    /// The owner organizes it.
    Organizer,
    /// The owner is invited.
    Attendee,
}

/// The content of a resource, with the tags that clients were given for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The iCalendar text.
    pub ics: String,
    /// The entity tag, without quotes.
    pub etag: String,
    /// The Schedule-Tag, without quotes; only on scheduling object resources (RFC 6638 §3.2.10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_tag: Option<String>,
    /// The owner's part in the meeting.
    #[serde(default)]
    pub role: Role,
}

/// A resource was stored: by a person (`PUT`, `COPY`), or by the first delivery of an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectPut {
    /// The home it belongs to.
    pub home: PrincipalId,
    /// Its path.
    pub place: Place,
    /// The iCalendar UID.
    pub uid: String,
    /// `VEVENT`, `VTODO`, `VJOURNAL`, `VFREEBUSY` or `VAVAILABILITY`.
    pub component: String,
    /// The stored content.
    pub content: Content,
    /// The body of the request; `None` if the server stored the resource without one (a copy, a
    /// first delivery), and in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    /// The changes that the server made to the body, in their order. Empty in events of earlier
    /// versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
    /// The file from which an import took it; `None` if it was not imported. An import sends no
    /// messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
    /// The text that the server took from another resource, or from the past (a copy, a move to
    /// another home, a restore); `None` if it was stored as it was, and in what an earlier version
    /// stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied: Option<Body>,
}

/// The place in a file from which an operator's import took a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    /// The name of the file, without its folders; for a file in an archive, the archive's name and
    /// the path in it.
    pub file: String,
    /// The line on which the object begins, from 1.
    pub line: u64,
}

/// Why the server changed a resource by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevisionReason {
    /// An organizer's message was applied to the attendee's copy.
    Request,
    /// The answers of other attendees were copied to an attendee's copy.
    Refresh,
    /// A cancellation was applied to the attendee's copy.
    Cancel,
    /// An attendee's answer was applied to the organizer's object.
    Reply,
    /// The outcome of a delivery was written as `SCHEDULE-STATUS`.
    Status,
    /// The server answered in the owner's name.
    AutomaticAnswer,
    /// An import brought another copy of the meeting, and both were made to agree.
    Import,
    /// An operator repaired copies of the meeting that differed.
    Repair,
}

/// The server changed a resource: it applied a scheduling message, or the outcome of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRevised {
    /// The home the object is in; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Its path.
    pub place: Place,
    /// The new content.
    pub content: Content,
    /// Why.
    pub reason: RevisionReason,
    /// The scheduling message that was applied; `None` for a status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Uuid>,
    /// The facts on which an automatic answer was decided; `None` for other reasons, and in events
    /// of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic: Option<Automatic>,
}

/// A resource was moved within its home (`MOVE`). No message is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectMoved {
    /// The home the object is in; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Its earlier path.
    pub from: Place,
    /// Its new path. A resource of the same object that was there is replaced.
    pub to: Place,
    /// The new Schedule-Tag (RFC 6638 §3.2.10); `None`: as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_tag: Option<String>,
}

/// A resource was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRemoved {
    /// The home the object is in; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Its earlier path.
    pub place: Place,
}

/// The ACL of a resource was replaced (RFC 3744 §8.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectAclChanged {
    /// The home the object is in; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Its path.
    pub place: Place,
    /// The new entries, in the client's order.
    pub entries: Vec<AccessControlEntry>,
}

/// Properties of a resource were set and removed (`PROPPATCH`, RFC 4918 §9.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectPropertiesChanged {
    /// The home the object is in; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Its path.
    pub place: Place,
    /// The new properties.
    #[serde(default)]
    pub set: Vec<Property>,
    /// The names of those that were removed.
    #[serde(default)]
    pub removed: Vec<PropertyName>,
}
