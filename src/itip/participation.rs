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

/// The participation statuses of events and tasks (RFC 5545 §3.2.12).
const STATUSES: [&str; 7] = [NEEDS_ACTION, ACCEPTED, DECLINED, "TENTATIVE", "DELEGATED", "COMPLETED", "IN-PROCESS"];

/// Returns the participation status in upper case. An unknown one counts as NEEDS-ACTION (RFC 5545
/// §3.2.12).
pub(crate) fn partstat(attendee: Property<'_>) -> String {
    let written = attendee.param("PARTSTAT").unwrap_or_default();
    let known = STATUSES.into_iter().find(|status| status.eq_ignore_ascii_case(&written));
    known.unwrap_or(NEEDS_ACTION).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ical::Document;

    #[test]
    fn an_unknown_status_counts_as_needs_action() {
        let rows = [
            ("", NEEDS_ACTION),
            (";PARTSTAT=accepted", ACCEPTED),
            (";PARTSTAT=In-Process", "IN-PROCESS"),
            (";PARTSTAT=X-MAYBE", NEEDS_ACTION),
            (";PARTSTAT=BUSY", NEEDS_ACTION),
        ];
        for (param, expected) in rows {
            let text = specimens::event("1", &format!("DTSTART:20260107T120000Z\nATTENDEE{param}:mailto:a@x\n"));
            let document = Document::parse(text).expect("it is well-formed");
            let event = document.root().components().next().expect("an event");
            let attendee = event.property("ATTENDEE").expect("an attendee");
            assert_eq!(partstat(attendee), expected, "{param}");
        }
    }
}
