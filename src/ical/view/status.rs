//! STATUS (RFC 5545 §3.8.1.11).

use crate::Property;

/// Of an event: tentative, confirmed, cancelled. Of a task: needs action, in process, completed, cancelled. Of an entry of a
/// journal: draft, final, cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Tentative,
    Confirmed,
    Cancelled,
    NeedsAction,
    InProcess,
    Completed,
    Draft,
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
