//! The values of STATUS (RFC 5545 §3.8.1.11).

use crate::Property;

/// The STATUS of an event, a task or a journal entry. Each component type allows some of the
/// values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// TENTATIVE, of an event.
    Tentative,
    /// CONFIRMED, of an event.
    Confirmed,
    /// CANCELLED, of any component.
    Cancelled,
    /// NEEDS-ACTION, of a task.
    NeedsAction,
    /// IN-PROCESS, of a task.
    InProcess,
    /// COMPLETED, of a task.
    Completed,
    /// DRAFT, of a journal entry.
    Draft,
    /// FINAL, of a journal entry.
    Final,
}

impl Status {
    const ALL: [Self; 8] = [
        Self::Tentative,
        Self::Confirmed,
        Self::Cancelled,
        Self::NeedsAction,
        Self::InProcess,
        Self::Completed,
        Self::Draft,
        Self::Final,
    ];

    /// Returns the status as a value of STATUS.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tentative => "TENTATIVE",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
            Self::NeedsAction => "NEEDS-ACTION",
            Self::InProcess => "IN-PROCESS",
            Self::Completed => "COMPLETED",
            Self::Draft => "DRAFT",
            Self::Final => "FINAL",
        }
    }

    pub(super) fn of(property: Property<'_>) -> Option<Self> {
        let word = property.value().trim();
        Self::ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(word))
    }
}
