//! Facts about calendar objects. One stream has the events of all resources in one home with the
//! same UID, and of the scheduling messages that were sent and received for them.

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

/// The path of a resource: its collection, and its name within the collection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The collection that contains the resource.
    pub collection: CollectionId,
    /// The last segment of the resource's path, not percent-encoded.
    pub name: String,
}

/// The role of a copy's owner in the meeting (RFC 6638 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The resource is not a scheduling object resource.
    #[default]
    None,
    /// The owner is the organizer.
    Organizer,
    /// The owner is an attendee.
    Attendee,
}

/// The content of a resource, with the tags that clients received for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The iCalendar text.
    pub ics: String,
    /// The ETag, without quotes.
    pub etag: String,
    /// The Schedule-Tag, without quotes; `None` unless the resource is a scheduling object resource
    /// (RFC 6638 §3.2.10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_tag: Option<String>,
    /// The owner's role in the meeting.
    #[serde(default)]
    pub role: Role,
}

/// A resource was stored: by a person (such as by `PUT` or `COPY`), by an operator (such as by an
/// import), by the server after the members of a group had changed, or by the first delivery of an
/// invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectPut {
    /// The home to which the resource belongs.
    pub home: PrincipalId,
    /// The path of the resource.
    pub place: Place,
    /// The iCalendar UID.
    pub uid: String,
    /// The component type: `VEVENT`, `VTODO`, `VJOURNAL`, `VFREEBUSY` or `VAVAILABILITY`.
    pub component: String,
    /// The stored content.
    pub content: Content,
    /// The body of the request, or the text of the imported object. `None` if there was neither,
    /// such as for a copy or a first delivery, and in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
    /// The changes that the server made to the text before it stored it. Empty in events of earlier
    /// versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edit>,
    /// The file from which an import took the resource; `None` if it was not imported. An import
    /// sends no messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
    /// The text that was copied from another resource or from the past (a copy, a move to another
    /// home, a restore). `None` if nothing was copied, if the text was stored unchanged, and in
    /// events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied: Option<Body>,
}

/// The place in a file from which an operator's import took a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    /// The name of the file, without its folders. For a file in an archive, the name of the archive
    /// and the path within it.
    pub file: String,
    /// The line on which the object begins, counted from 1.
    pub line: u64,
}

/// The reason for which the server changed a stored resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevisionReason {
    /// An invitation or a change by the organizer was applied to the attendee's copy.
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
    /// Another copy of the meeting was imported, and this copy was made to agree with it.
    Import,
    /// An operator repaired copies of the meeting that differed.
    Repair,
}

/// The server changed a stored resource, for example to apply a scheduling message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRevised {
    /// The home of the object; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The path of the resource.
    pub place: Place,
    /// The new content.
    pub content: Content,
    /// The reason of the change.
    pub reason: RevisionReason,
    /// Id of the scheduling message that was applied or answered; `None` if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Uuid>,
    /// The facts on which an automatic answer was based; `None` for other reasons, and in events of
    /// earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic: Option<Automatic>,
}

/// A resource was moved within its home: by `MOVE`, or by a client that stored it in another
/// calendar before removing it from the old one. The move itself sends no message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectMoved {
    /// The home of the object; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The earlier path of the resource.
    pub from: Place,
    /// The new path of the resource. A resource of the same object that was there is replaced.
    pub to: Place,
    /// The new Schedule-Tag (RFC 6638 §3.2.10), without quotes; `None` if the resource has none,
    /// and in version 1, in which it stayed the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_tag: Option<String>,
}

/// A resource was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRemoved {
    /// The home of the object; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The path of the resource before it was removed.
    pub place: Place,
}

/// The ACL of a resource was replaced (RFC 3744 §8.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectAclChanged {
    /// The home of the object; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The path of the resource.
    pub place: Place,
    /// The new access control entries, in the order in which they are evaluated.
    pub entries: Vec<AccessControlEntry>,
}

/// Properties of a resource were set and removed, such as by `PROPPATCH` (RFC 4918 §9.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectPropertiesChanged {
    /// The home of the object; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The path of the resource.
    pub place: Place,
    /// The properties that were set, with their new values.
    #[serde(default)]
    pub set: Vec<Property>,
    /// The names of the properties that were removed.
    #[serde(default)]
    pub removed: Vec<PropertyName>,
}
