//! What an `ATTENDEE` or `ORGANIZER` property says of its calendar user.
//!
//! **Invariant:** what is not written has its default (RFC 5545 §3.2, RFC 6638 §7).

use ical::Property;

/// Who carries messages to this calendar user (RFC 6638 §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
            // RFC 6638 §7.1: what is not recognised is treated as NONE.
            Some(_) => Self::None,
        }
    }

    /// Why the server tells this calendar user nothing.
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

/// The participation status, in upper case.
pub(crate) fn partstat(attendee: Property<'_>) -> String {
    attendee.param("PARTSTAT").map_or_else(|| NEEDS_ACTION.to_owned(), |partstat| partstat.to_ascii_uppercase())
}
