//! The class of a change: which people it concerns.

/// The class of a change: which people it concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Concerns the other people of a meeting, or everybody who reads the calendar.
    Significant,
    /// Concerns only the owner of the copy, for example alarms, colours, and free or busy.
    Private,
    /// Concerns nobody: data that only programs use, for example to order their copies.
    Trivial,
}

impl Class {
    /// Returns the name of the class in JSON and CSV.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Significant => "significant",
            Self::Private => "private",
            Self::Trivial => "trivial",
        }
    }
}

/// Properties and components that concern only the owner of the copy.
const PRIVATE: [&str; 7] = ["VALARM", "TRANSP", "CLASS", "CATEGORIES", "COLOR", "PRIORITY", "ACKNOWLEDGED"];
/// Data that only programs use, and parameters of ORGANIZER and ATTENDEE that do not concern
/// people.
const TRIVIAL: [&str; 18] = [
    "DTSTAMP",
    "LAST-MODIFIED",
    "CREATED",
    "SEQUENCE",
    "PRODID",
    "VERSION",
    "CALSCALE",
    "METHOD",
    "VTIMEZONE",
    "CN",
    "RSVP",
    "EMAIL",
    "LANGUAGE",
    "DIR",
    "CUTYPE",
    "SCHEDULE-STATUS",
    "REQUEST-STATUS",
    "SCHEDULE-FORCE-SEND",
];

/// Returns the class of a property, component or parameter by its name. Extensions (`X-`) are
/// trivial, other unknown names significant.
pub(super) fn of(name: &str) -> Class {
    if PRIVATE.contains(&name) {
        Class::Private
    } else if TRIVIAL.contains(&name) || name.starts_with("X-") {
        Class::Trivial
    } else {
        Class::Significant
    }
}
