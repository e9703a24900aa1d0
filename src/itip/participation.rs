//! Parameters of `ATTENDEE` and `ORGANIZER`: participation status and scheduling agent.
//!
//! **Invariant:** an absent parameter has its default value (RFC 5545 §3.2, RFC 6638 §7).

use ical::Property;

/// The party that delivers messages to this calendar user (RFC 6638 §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Agent {
    Server,
    Client,
    None,
}

impl Agent {
    pub(crate) fn of(property: Property<'_>) -> Self {
        match property.param("SCHEDULE-AGENT").as_deref() {
            None => Self::Server,
            Some(agent) if agent.eq_ignore_ascii_case("SERVER") => Self::Server,
            Some(agent) if agent.eq_ignore_ascii_case("CLIENT") => Self::Client,
            // RFC 6638 §7.1: an unknown value means NONE.
            Some(_) => Self::None,
        }
    }

    /// Returns why the server sends this calendar user no messages; `None` if it does send them.
    pub(crate) const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Server => None,
            Self::Client => Some("agent-client"),
            Self::None => Some("agent-none"),
        }
    }
}

pub(crate) const NEEDS_ACTION: &str = "NEEDS-ACTION";
pub(crate) const DECLINED: &str = "DECLINED";
pub(crate) const ACCEPTED: &str = "ACCEPTED";

/// Returns the participation status in upper case.
pub(crate) fn partstat(attendee: Property<'_>) -> String {
    attendee.param("PARTSTAT").map_or_else(|| NEEDS_ACTION.to_owned(), |partstat| partstat.to_ascii_uppercase())
}
