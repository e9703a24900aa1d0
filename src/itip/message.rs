//! The scheduling messages that a change causes: those to send, and those that the server
//! suppresses.
//!
//! **Invariant:** a draft is complete: each of its recipients receives exactly its bytes.

pub use schemas::object::{Method, Visibility};

/// A message to send. Recipients of the same bytes share one draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The iTIP method.
    pub method: Method,
    /// The recipients' calendar user addresses, spelled as in the object unless their EMAIL
    /// parameter leads to another address (RFC 7986 §6.2).
    pub recipients: Vec<String>,
    /// The visibility of the message: whether it appears in the recipients' inboxes.
    pub visibility: Visibility,
    /// The reason why the message is sent: `invited`, `rescheduled`, `changed`, `uninvited`,
    /// `cancelled`, `answered`, `refreshed` …
    pub reason: &'static str,
    /// The values of the `RECURRENCE-ID`s, without their parameters, of the instances that the
    /// message concerns, as the message spells them; empty if it concerns the whole object.
    pub instances: Vec<String>,
    /// The iCalendar text of the message.
    pub ics: String,
}

/// A message that the server does not send, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// The iTIP method.
    pub method: Method,
    /// The recipients' calendar user addresses, as in [`Draft::recipients`].
    pub recipients: Vec<String>,
    /// The reason why the message is not sent: `agent-client`, `agent-none`,
    /// `schedule-reply-false`, `not-significant`.
    pub reason: &'static str,
    /// The values of the `RECURRENCE-ID`s, without their parameters, of the instances that the
    /// message concerns, as the message spells them; empty if it concerns the whole object.
    pub instances: Vec<String>,
    /// The iCalendar text that would have been sent; empty if the reason is `not-significant`.
    pub ics: String,
}

/// The reason of a message that is suppressed because the change does not concern its recipients
/// (RFC 6638 §3.2.1, §3.2.2).
const NOT_SIGNIFICANT: &str = "not-significant";

impl Suppressed {
    /// Turns a draft into a suppressed message.
    pub(crate) fn of(draft: Draft, reason: &'static str) -> Self {
        let Draft { method, recipients, instances, ics, .. } = draft;
        Self { method, recipients, reason, instances, ics }
    }

    /// Creates the record of a message that is not sent, because the change does not concern these
    /// recipients.
    pub(crate) fn not_significant(method: Method, recipients: Vec<String>) -> Self {
        Self { method, recipients, reason: NOT_SIGNIFICANT, instances: vec![], ics: String::new() }
    }
}

/// The result of a change that the owner of a calendar made to an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The text to store; `None` if the text that the client sent is stored unchanged, or if the
    /// object is removed.
    pub stored: Option<String>,
    /// Messages to send.
    pub messages: Vec<Draft>,
    /// Messages that are not sent, with the reasons.
    pub suppressed: Vec<Suppressed>,
}
