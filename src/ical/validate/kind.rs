//! The components a calendar object can be about.
//!
//! **Invariant:** exactly those that may be listed in `CALDAV:supported-calendar-component-set`.

use std::fmt;

/// A type of calendar object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComponentKind {
    Event,
    Todo,
    Journal,
    FreeBusy,
    /// RFC 7953
    Availability,
}

impl ComponentKind {
    pub const ALL: [Self; 5] = [Self::Event, Self::Todo, Self::Journal, Self::FreeBusy, Self::Availability];

    /// The kind of a component's name, in any case.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name))
    }

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
