//! Facts about calendar objects. One stream holds every resource of one home with one UID, and the
//! scheduling messages sent and received for it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    CollectionId, Ignored, PrincipalId,
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

/// The iTIP methods (RFC 5546 §1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// The organizer publishes an object, without inviting attendees.
    Publish,
    /// The organizer invites, or changes a meeting.
    Request,
    /// An attendee answers.
    Reply,
    /// The organizer adds instances.
    Add,
    /// The organizer cancels instances, or the whole meeting.
    Cancel,
    /// An attendee asks for the latest version.
    Refresh,
    /// An attendee proposes a change.
    Counter,
    /// The organizer declines the proposal.
    DeclineCounter,
}

impl Method {
    const ALL: [Self; 8] = [
        Self::Publish,
        Self::Request,
        Self::Reply,
        Self::Add,
        Self::Cancel,
        Self::Refresh,
        Self::Counter,
        Self::DeclineCounter,
    ];

    /// Returns the method of this name, ignoring case; `None` if iTIP defines no such method.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(name))
    }

    /// Returns the method's name as it is written in the METHOD property.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Request => "REQUEST",
            Self::Reply => "REPLY",
            Self::Add => "ADD",
            Self::Cancel => "CANCEL",
            Self::Refresh => "REFRESH",
            Self::Counter => "COUNTER",
            Self::DeclineCounter => "DECLINECOUNTER",
        }
    }
}

/// Whether the recipient is notified, or their copy is only brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// The message appears in the inbox.
    Inbox,
    /// The message appears nowhere: a refresh of the other attendees' answers.
    Silent,
}

/// A recipient of a scheduling message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// The calendar user address, as the object has it.
    pub address: String,
    /// The principal with that address; `None` if this server knows none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<PrincipalId>,
}

/// A scheduling message was issued. One event for all recipients of the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageIssued {
    /// The identity of the message, by which a recipient recognises a repeated delivery.
    pub message: Uuid,
    /// Its iTIP method.
    pub method: Method,
    /// The iCalendar UID.
    pub uid: String,
    /// Calendar user address of the originator.
    pub sender: String,
    /// The home whose object issued it.
    pub sender_home: PrincipalId,
    /// Calendar user address of the organizer whose meeting the sender took over (RFC 5546
    /// §3.2.2.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over_from: Option<String>,
    /// The recipients.
    pub recipients: Vec<Recipient>,
    /// Whether they are notified.
    pub visibility: Visibility,
    /// Why, in words of the RFCs: `invited`, `rescheduled`, `changed`, `uninvited`, `cancelled`,
    /// `removed`, `answered`, `refreshed`, `handed-over` …
    pub reason: String,
    /// The RECURRENCE-IDs it is about. Empty: the whole object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<String>,
    /// The iTIP message.
    pub ics: String,
}

/// A scheduling message was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageSuppressed {
    /// The home the object is in; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Its iTIP method.
    pub method: Method,
    /// The recipients it was meant for.
    pub recipients: Vec<Recipient>,
    /// Why it was not sent: `agent-client` and `agent-none` (RFC 6638 §7.1), `schedule-reply-false`
    /// (RFC 6638 §8.1), `not-significant` (nothing changed that concerns the recipients).
    pub reason: String,
    /// The RECURRENCE-IDs it is about. Empty: the whole object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<String>,
    /// The iTIP message that was not sent. Empty if the message would have had no content, or if an
    /// earlier version did not keep it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ics: String,
}

impl MessageIssued {
    /// The reason of a message that announces the removal of the sender's copy. The client may be
    /// moving the copy: some clients remove it first and store it elsewhere afterwards.
    pub const REMOVED: &str = "removed";
    /// The reason of a message that answers a REFRESH (RFC 5546 §3.2.6).
    pub const REFRESH_ASKED: &str = "refresh-asked";

    /// Returns true if the recipient has asked for the message.
    pub fn is_asked_for(&self) -> bool {
        self.reason == Self::REFRESH_ASKED
    }

    /// Returns true if the message announces the removal of the sender's copy.
    pub fn is_removal(&self) -> bool {
        self.reason == Self::REMOVED
    }
}

/// A scheduling message was withdrawn before anybody received it. It announced the removal of the
/// sender's copy, and the copy came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageWithdrawn {
    /// The home of the sender.
    pub home: PrincipalId,
    /// iCalendar UID; with the home the identity of the object.
    pub uid: String,
    /// The identity of the message.
    pub message: Uuid,
}

/// The outcome of a message in the recipient's home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    /// The recipient's copy was created or changed, or the server answered for the recipient.
    Applied,
    /// Nothing changed.
    Ignored {
        /// Why: `stale`, `unknown-object`, `not-an-attendee` …
        reason: Ignored,
    },
}

/// A scheduling message arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageReceived {
    /// The identity of the message.
    pub message: Uuid,
    /// Earlier refreshes that arrived together with this one; what they changed is in the same
    /// revision. Empty in events of earlier versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Uuid>,
    /// The home it arrived in.
    pub home: PrincipalId,
    /// Its iTIP method.
    pub method: Method,
    /// The iCalendar UID.
    pub uid: String,
    /// Calendar user address of the originator.
    pub sender: String,
    /// The outcome.
    pub outcome: Outcome,
    /// The resource that appears in the inbox; `None` for a silent refresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<InboxItem>,
    /// The answers of a REPLY that appears in the inbox, read when it arrived; `None` for other
    /// messages, and in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Vec<Answer>>,
}

/// The answer of a REPLY for one component. `SEQUENCE` and `DTSTAMP` decide which answer of an
/// attendee is the latest (RFC 5546 §2.1.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The attendee, as the REPLY names them.
    pub address: String,
    /// Original start of the instance, as a DATE-TIME in UTC or without zone (RFC 5545 §3.3.5);
    /// `None`: the series, or the only event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// `SEQUENCE`; 0 if it is missing.
    pub sequence: i32,
    /// `DTSTAMP` as it is written, in UTC; empty if it is missing.
    pub dtstamp: String,
}

/// A scheduling message in an inbox (RFC 6638 §4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxItem {
    /// Its path.
    pub place: Place,
    /// `VEVENT` or `VTODO`.
    pub component: String,
    /// The iTIP message.
    pub ics: String,
    /// The entity tag, without quotes.
    pub etag: String,
}

/// A scheduling message was removed from an inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxItemRemoved {
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

/// The outcome of a message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The recipient's calendar user address, as the message has it.
    pub address: String,
    /// The status code, `1.2`, `3.7` … (RFC 6638 §3.2.9).
    pub status: String,
}

/// The outcome of an issued message was recorded on the sender's object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryReported {
    /// The home the object is in; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The identity of the message.
    pub message: Uuid,
    /// The outcome for each recipient.
    pub deliveries: Vec<Delivery>,
}
