//! The component types of calendar objects.
//!
//! **Invariant:** these are exactly the types that `CALDAV:supported-calendar-component-set` may
//! contain on this server.

use std::fmt;

/// The component type of a calendar object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComponentKind {
    /// The component type VEVENT.
    Event,
    /// The component type VTODO.
    Todo,
    /// The component type VJOURNAL.
    Journal,
    /// The component type VFREEBUSY.
    FreeBusy,
    /// The component type VAVAILABILITY (RFC 7953).
    Availability,
}

impl ComponentKind {
    /// All component types.
    pub const ALL: [Self; 5] = [Self::Event, Self::Todo, Self::Journal, Self::FreeBusy, Self::Availability];

    /// Returns the type with that component name, ignoring case; `None` if it is none of these.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

    /// Returns the component name in upper case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "VEVENT",
            Self::Todo => "VTODO",
            Self::Journal => "VJOURNAL",
            Self::FreeBusy => "VFREEBUSY",
            Self::Availability => "VAVAILABILITY",
        }
    }
}

impl fmt::Display for ComponentKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
