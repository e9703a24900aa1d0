//! What leaves, and what does not.
//!
//! **Invariant:** a draft is complete: its octets are what every one of its recipients gets.

/// The methods of iTIP (RFC 5546 §1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

    /// The method of that name, in whatever case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(name))
    }
}

/// Whether the recipient is told, or only the copy brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Visibility {
    /// The message appears in the inbox (RFC 6638 §4).
    Inbox,
    /// Nothing the recipient must know of: no inbox item, no mail.
    Silent,
}

/// A message to be sent: one for all recipients of the same octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub method: Method,
    /// Addresses as they stand in the object.
    pub recipients: Vec<String>,
    pub visibility: Visibility,
    /// Why: `invited`, `rescheduled`, `changed`, `uninvited`, `cancelled`, `answered`, `refreshed` …
    pub reason: &'static str,
    /// The `RECURRENCE-ID`s concerned, as the message writes them; empty: the whole.
    pub instances: Vec<String>,
    pub ics: String,
}

/// A message that was due and is not sent, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    pub method: Method,
    pub recipient: String,
    /// `agent-client`, `agent-none`, `schedule-reply-false` …
    pub reason: &'static str,
    pub instances: Vec<String>,
    /// What it would have said.
    pub ics: String,
}

impl Suppressed {
    /// A message of one recipient that stays here.
    pub(crate) fn of(draft: Draft, reason: &'static str) -> Self {
        let Draft { method, recipients, instances, ics, .. } = draft;
        Self { method, recipient: recipients.into_iter().next().unwrap_or_default(), reason, instances, ics }
    }
}

/// What a change by the owner leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// The octets to keep, where they are not those of `after`.
    pub stored: Option<String>,
    pub messages: Vec<Draft>,
    pub suppressed: Vec<Suppressed>,
}
