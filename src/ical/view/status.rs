//! The values of STATUS (RFC 5545 §3.8.1.11).

use crate::Property;

/// The STATUS of an event, a task or a journal entry. Each component type allows some of the
/// values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// STATUS=TENTATIVE, for events.
    Tentative,
    /// STATUS=CONFIRMED, for events.
    Confirmed,
    /// STATUS=CANCELLED, for all component types.
    Cancelled,
    /// STATUS=NEEDS-ACTION, for tasks.
    NeedsAction,
    /// STATUS=IN-PROCESS, for tasks.
    InProcess,
    /// STATUS=COMPLETED, for tasks.
    Completed,
    /// STATUS=DRAFT, for journal entries.
    Draft,
    /// STATUS=FINAL, for journal entries.
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
