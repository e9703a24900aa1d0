//! Errors of value types.

/// A value and why it is not of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{value}” {why}")]
pub struct ValueError {
    /// The value, shortened.
    pub value: String,
    /// What is wrong with it, as the end of a sentence.
    pub why: &'static str,
}

impl ValueError {
    /// Shortens the value for an error message.
    pub(crate) fn new(value: &str, why: &'static str) -> Self {
        const QUOTED_CHARACTERS: usize = 60;
        Self { value: value.chars().take(QUOTED_CHARACTERS).collect(), why }
    }
}
