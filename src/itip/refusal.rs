//! Why a change is refused (RFC 6638 §3.2.4).
//!
//! **Invariant:** names what was refused: the property, and the instance where there is one.

/// The preconditions of RFC 6638 §3.2.4 that a change of the calendar data can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// §3.2.4.2
    SameOrganizerInAllComponents,
    /// §3.2.4.3
    AllowedOrganizerSchedulingObjectChange,
    /// §3.2.4.4
    AllowedAttendeeSchedulingObjectChange,
}

impl Condition {
    /// The name of the condition's element, in the CalDAV namespace.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameOrganizerInAllComponents => "same-organizer-in-all-components",
            Self::AllowedOrganizerSchedulingObjectChange => "allowed-organizer-scheduling-object-change",
            Self::AllowedAttendeeSchedulingObjectChange => "allowed-attendee-scheduling-object-change",
        }
    }
}

/// A change that may not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub condition: Condition,
    pub property: String,
    /// The `RECURRENCE-ID` of the instance; `None`: the whole.
    pub instance: Option<String>,
    pub why: String,
}
