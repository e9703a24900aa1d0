//! Facts about the scheduling messages of calendar objects: sent, not sent, arrived, delivered.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Ignored, PrincipalId, object::Place};

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
