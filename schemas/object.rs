//! Facts about calendar objects: one stream holds every resource of one home with one UID,
//! and the scheduling messages sent and received for it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    CollectionId, PrincipalId,
    access::AccessControlEntry,
    collection::{Property, PropertyName},
};

/// Where a resource stands: its collection, and its segment of the path below.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub collection: CollectionId,
    pub name: String,
}

/// What the owner of the copy is to the meeting (RFC 6638 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Not a scheduling object resource.
    #[default]
    None,
    Organizer,
    Attendee,
}

/// A resource's content, with what was told of it: tags are decisions, not derivations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    pub ics: String,
    /// Without quotes.
    pub etag: String,
    /// Without quotes; only on scheduling object resources (RFC 6638 §3.2.10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_tag: Option<String>,
    #[serde(default)]
    pub role: Role,
}

/// A person stored the resource (`PUT`, `COPY` to here), or the first delivery created it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectPut {
    pub home: PrincipalId,
    pub place: Place,
    pub uid: String,
    /// `VEVENT`, `VTODO`, `VJOURNAL`, `VFREEBUSY` or `VAVAILABILITY`.
    pub component: String,
    pub content: Content,
}

/// Why the server changed a resource by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RevisionReason {
    /// An organizer's message was applied to the attendee's copy.
    Request,
    /// Other attendees' answers were copied to an attendee's copy.
    Refresh,
    Cancel,
    /// An attendee's answer was applied to the organizer's object.
    Reply,
    /// What came of a delivery was written as `SCHEDULE-STATUS`.
    Status,
    /// The server answered in the owner's name.
    AutomaticAnswer,
}

/// The server changed the resource: a scheduling message or its outcome was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRevised {
    /// The home the object is in; `None` in what an earlier version stored ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in what an earlier version stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    pub place: Place,
    pub content: Content,
    pub reason: RevisionReason,
    /// The scheduling message that was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Uuid>,
}

/// `MOVE` within the home. Not a scheduling act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectMoved {
    /// The home the object is in; `None` in what an earlier version stored ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in what an earlier version stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    pub from: Place,
    pub to: Place,
    /// The Schedule-Tag from now on (RFC 6638 §3.2.10); `None`: as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_tag: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectRemoved {
    /// The home the object is in; `None` in what an earlier version stored ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in what an earlier version stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    pub place: Place,
}

/// Who may do what with a resource, beside what it inherits (RFC 3744 §8.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectAclChanged {
    /// The home the object is in; `None` in what an earlier version stored ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in what an earlier version stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    pub place: Place,
    /// All entries that a client set, in its order; those before are gone.
    pub entries: Vec<AccessControlEntry>,
}

/// `PROPPATCH` of a resource (RFC 4918 §9.2): the properties that clients keep there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectPropertiesChanged {
    /// The home the object is in; `None` in what an earlier version stored ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in what an earlier version stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    pub place: Place,
    #[serde(default)]
    pub set: Vec<Property>,
    #[serde(default)]
    pub removed: Vec<PropertyName>,
}

/// iTIP methods (RFC 5546 §1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Publish,
    Request,
    Reply,
    Add,
    Cancel,
    Refresh,
    Counter,
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

/// Whether the recipient is told, or only the copy brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// An inbox item appears.
    Inbox,
    /// No inbox item, no mail: a refresh.
    Silent,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// As it stands in the object.
    pub address: String,
    /// Known on this system; `None`: external or unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<PrincipalId>,
}

/// A scheduling message left. One event for all recipients of the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageIssued {
    /// The message's identity: recipients know a repeated delivery by it.
    pub message: Uuid,
    pub method: Method,
    pub uid: String,
    /// Calendar user address of the originator.
    pub sender: String,
    pub sender_home: PrincipalId,
    pub recipients: Vec<Recipient>,
    pub visibility: Visibility,
    /// Why, in words of the RFC: `invited`, `rescheduled`, `changed`, `uninvited`, `cancelled`, `answered`, `refreshed` …
    pub reason: String,
    /// `RECURRENCE-ID`s concerned; empty: the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<String>,
    pub ics: String,
}

/// A scheduling message that was not sent, and why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageSuppressed {
    /// The home the object is in; `None` in what an earlier version stored ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in what an earlier version stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    pub method: Method,
    pub recipient: Recipient,
    /// `agent-client`, `agent-none`, `not-significant`, `schedule-reply-false`, `unknown-address`, `no-privilege`, `own-address` …
    pub reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<String>,
    /// What it would have said; empty: it was not kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ics: String,
}

/// What receiving a message led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    Applied,
    /// Nothing changed; the reason in words: `stale`, `unknown-object`, `not-an-attendee` …
    Ignored {
        reason: String,
    },
}

/// A scheduling message arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageReceived {
    pub message: Uuid,
    pub home: PrincipalId,
    pub method: Method,
    pub uid: String,
    pub sender: String,
    pub outcome: Outcome,
    /// What appears in the inbox; `None` for silent refreshes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<InboxItem>,
    /// What a REPLY that is shown answers, read when it arrived; `None` for anything else, and in what an earlier
    /// version stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Vec<Answer>>,
}

/// What a REPLY says of one component: which answer of an attendee is the latest is told by these (RFC 5546 §2.1.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The attendee, as the REPLY names them.
    pub address: String,
    /// Original start of the instance, as a DATE-TIME in UTC or without zone (RFC 5545 §3.3.5); `None`: the series, or
    /// the only event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// `SEQUENCE`, 0 where there is none.
    pub sequence: i32,
    /// `DTSTAMP` as it is written, in UTC; empty where there is none.
    pub dtstamp: String,
}

/// A scheduling message waiting in an inbox (RFC 6638 §4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxItem {
    pub place: Place,
    pub component: String,
    pub ics: String,
    pub etag: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxItemRemoved {
    /// The home the object is in; `None` in what an earlier version stored ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in what an earlier version stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    pub place: Place,
}

/// What came of a message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    pub address: String,
    /// `1.2`, `3.7` … (RFC 6638 §3.2.9).
    pub status: String,
}

/// What came of an issued message, on the sender's object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryReported {
    /// The home the object is in; `None` in what an earlier version stored ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in what an earlier version stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    pub message: Uuid,
    pub deliveries: Vec<Delivery>,
}
