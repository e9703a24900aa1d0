//! Why a value is none of its type.

/// The value and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{value}” {why}")]
pub struct ValueError {
    pub value: String,
    pub why: &'static str,
}

impl ValueError {
    /// Quotes no more of the value than a message can hold.
    pub(crate) fn new(value: &str, why: &'static str) -> Self {
        const QUOTED_CHARACTERS: usize = 60;
        Self { value: value.chars().take(QUOTED_CHARACTERS).collect(), why }
    }
}
