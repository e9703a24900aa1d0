//! The class of a change: whom it concerns.

/// Whom a change concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The other people of a meeting, or everybody who reads the calendar.
    Significant,
    /// The owner of the copy alone: alarms, colours, whether it takes time.
    Private,
    /// Concerns nobody: numbers and times by which programs order their copies.
    Trivial,
}

impl Class {
    /// Returns the word for it in JSON and CSV.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Significant => "significant",
            Self::Private => "private",
            Self::Trivial => "trivial",
        }
    }
}

/// Properties and components of the owner alone.
const PRIVATE: [&str; 7] = ["VALARM", "TRANSP", "CLASS", "CATEGORIES", "COLOR", "PRIORITY", "ACKNOWLEDGED"];
/// Private data of programs, and parameters of ORGANIZER and ATTENDEE without effect on people.
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
/// trivial; other unknown names may concern everybody.
pub(super) fn of(name: &str) -> Class {
    if PRIVATE.contains(&name) {
        Class::Private
    } else if TRIVIAL.contains(&name) || name.starts_with("X-") {
        Class::Trivial
    } else {
        Class::Significant
    }
}
