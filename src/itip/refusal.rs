//! Refused changes, and the preconditions that they violate (RFC 6638 §3.2.4).
//!
//! **Invariant:** a refusal names the property or the nested component at fault.

/// The preconditions of RFC 6638 §3.2.4, except that a scheduling object resource must be unique
/// (§3.2.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// All components must name the same organizer (§3.2.4.2).
    SameOrganizerInAllComponents,
    /// The change must be one that an organizer may make (§3.2.4.3).
    AllowedOrganizerSchedulingObjectChange,
    /// The change must be one that an attendee may make (§3.2.4.4).
    AllowedAttendeeSchedulingObjectChange,
}

impl Condition {
    /// Returns the name of the precondition's XML element in the CalDAV namespace.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameOrganizerInAllComponents => "same-organizer-in-all-components",
            Self::AllowedOrganizerSchedulingObjectChange => "allowed-organizer-scheduling-object-change",
            Self::AllowedAttendeeSchedulingObjectChange => "allowed-attendee-scheduling-object-change",
        }
    }
}

/// A refused change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The violated precondition.
    pub condition: Condition,
    /// The name of the property at fault; `VLOCATION` if a nested component of RFC 9073 is.
    pub property: String,
    /// The `RECURRENCE-ID` of the override at fault; `None` if the refusal is about the master or
    /// the whole object.
    pub instance: Option<String>,
    /// The reason for the refusal, in words for the user.
    pub why: String,
}
