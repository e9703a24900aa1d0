//! Facts about scheduling messages of calendar objects: sent, not sent, arrived, delivered.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Ignored, PrincipalId, object::Place};

/// The iTIP methods (RFC 5546 §1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// The organizer publishes an object without inviting attendees.
    Publish,
    /// The organizer invites attendees, or changes a meeting.
    Request,
    /// An attendee answers.
    Reply,
    /// The organizer adds instances.
    Add,
    /// The organizer cancels instances, or the whole meeting.
    Cancel,
    /// An attendee asks for the latest version of a meeting.
    Refresh,
    /// An attendee proposes a change.
    Counter,
    /// The organizer declines an attendee's proposal.
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

/// The visibility of a message: it appears in the recipient's inbox, or it is processed silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// The message appears in the inbox, unless the recipient's server ignores it without notifying
    /// them.
    Inbox,
    /// The message does not appear in the inbox. It updates the answers of the other attendees in
    /// the copy, or asks the organizer for the latest version of a meeting (REFRESH).
    Silent,
}

/// A recipient of a scheduling message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// The calendar user address of the recipient, as it is in the object.
    pub address: String,
    /// The principal with that address; `None` if no principal of this server has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<PrincipalId>,
}

/// A scheduling message was issued. All recipients of the same bytes have one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageIssued {
    /// Id of the message, by which a recipient recognises a repeated delivery.
    pub message: Uuid,
    /// The iTIP method of the message.
    pub method: Method,
    /// The iCalendar UID.
    pub uid: String,
    /// Calendar user address of the sender.
    pub sender: String,
    /// The home of the object for which the message was issued.
    pub sender_home: PrincipalId,
    /// Calendar user address of the former organizer; `None` unless the sender took over the
    /// meeting (RFC 5546 §3.2.2.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_over_from: Option<String>,
    /// The recipients.
    pub recipients: Vec<Recipient>,
    /// The visibility of the message in the recipients' inboxes.
    pub visibility: Visibility,
    /// The reason of the message: `invited`, `rescheduled`, `changed`, `uninvited`, `cancelled`,
    /// `removed`, `answered`, `refreshed`, `handed-over` …
    pub reason: String,
    /// The RECURRENCE-IDs of the instances that the message is about. Empty if it is about the
    /// whole object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<String>,
    /// The text of the iTIP message.
    pub ics: String,
}

/// A scheduling message was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageSuppressed {
    /// The home of the object; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The iTIP method of the message.
    pub method: Method,
    /// The recipients to whom the message was not sent.
    pub recipients: Vec<Recipient>,
    /// The reason: `agent-client` and `agent-none` (RFC 6638 §7.1), `schedule-reply-false` (RFC
    /// 6638 §8.1), `not-significant` (nothing changed that concerns the recipients).
    pub reason: String,
    /// The RECURRENCE-IDs of the instances that the message is about. Empty if it is about the
    /// whole object, or if the reason is `not-significant`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<String>,
    /// The text of the iTIP message that was not sent. Empty if the reason is `not-significant`, or
    /// if an earlier version did not record it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ics: String,
}

impl MessageIssued {
    /// The reason of a message that announces the removal of the sender's copy. The client may only
    /// be moving the copy, because some clients remove it first and then store it elsewhere.
    pub const REMOVED: &str = "removed";
    /// The reason of a message that answers a REFRESH (RFC 5546 §3.2.6).
    pub const REFRESH_ASKED: &str = "refresh-asked";

    /// Returns true if the recipient asked for the message with a REFRESH.
    pub fn is_asked_for(&self) -> bool {
        self.reason == Self::REFRESH_ASKED
    }

    /// Returns true if the message announces the removal of the sender's copy.
    pub fn is_removal(&self) -> bool {
        self.reason == Self::REMOVED
    }
}

/// A scheduling message was withdrawn before it was delivered. It announced the removal of the
/// sender's copy, but the copy was stored again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageWithdrawn {
    /// The home of the sender.
    pub home: PrincipalId,
    /// The iCalendar UID. Home and UID identify the object.
    pub uid: String,
    /// Id of the message.
    pub message: Uuid,
}

/// The effect of a message in the recipient's home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    /// The recipient's copy was created, changed or removed; or the server answered a REFRESH, or
    /// answered an ADD with a REFRESH.
    Applied,
    /// The message changed nothing.
    Ignored {
        /// The reason: `stale`, `unknown-object`, `not-an-attendee` …
        reason: Ignored,
    },
}

/// A scheduling message arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageReceived {
    /// Id of the message.
    pub message: Uuid,
    /// Ids of earlier silent messages that arrived together with this one. Their changes are in the
    /// same revision of the copy. Empty in events of earlier versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Uuid>,
    /// The home in which the message arrived.
    pub home: PrincipalId,
    /// The iTIP method of the message.
    pub method: Method,
    /// The iCalendar UID.
    pub uid: String,
    /// Calendar user address of the sender.
    pub sender: String,
    /// The effect of the message.
    pub outcome: Outcome,
    /// The resource in the inbox that contains the message; `None` if the message is not shown
    /// there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<InboxItem>,
    /// The answers of a REPLY that appears in the inbox, as parsed when it arrived. `None` for
    /// other messages, for an unreadable text, and in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Vec<Answer>>,
}

/// The answer of a REPLY for one component. `SEQUENCE` and `DTSTAMP` decide which answer of an
/// attendee is the latest (RFC 5546 §2.1.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Calendar user address of the attendee, as it is in the REPLY.
    pub address: String,
    /// Original start of the instance, as a DATE-TIME in UTC or without zone (RFC 5545 §3.3.5);
    /// `None` if the component has no RECURRENCE-ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// `SEQUENCE` of the component; 0 if it is missing.
    pub sequence: i32,
    /// `DTSTAMP` of the component, as a DATE-TIME in UTC; the time of arrival if that is earlier.
    /// Empty if it is missing.
    pub dtstamp: String,
}

/// A scheduling message in an inbox (RFC 6638 §4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxItem {
    /// The path of the message.
    pub place: Place,
    /// The component type: `VEVENT` or `VTODO`.
    pub component: String,
    /// The text of the iTIP message.
    pub ics: String,
    /// The ETag, without quotes.
    pub etag: String,
}

/// A scheduling message was removed from an inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxItemRemoved {
    /// The home of the object; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The path of the message before it was removed.
    pub place: Place,
}

/// The delivery status of a message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The recipient's calendar user address, as it is in the message.
    pub address: String,
    /// The status code: `1.2`, `3.7` … (RFC 6638 §3.2.9).
    pub status: String,
}

/// The delivery status of a message was reported to the sender's object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryReported {
    /// The home of the object; `None` in events of earlier versions
    /// ([`ObjectEvent::home`](crate::ObjectEvent::home)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PrincipalId>,
    /// The iCalendar UID; `None` in events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// Id of the message.
    pub message: Uuid,
    /// The delivery status for each recipient.
    pub deliveries: Vec<Delivery>,
}
