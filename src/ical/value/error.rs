//! Errors of value types.

/// An error: a value, and why it does not have its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` {why}")]
pub struct ValueError {
    /// The faulty value, shortened.
    pub value: String,
    /// The fault of the value, worded as the end of a sentence that begins with the value.
    pub why: &'static str,
}

impl ValueError {
    /// Returns an error that quotes the value, shortened to `QUOTED_CHARACTERS`.
    pub(crate) fn new(value: &str, why: &'static str) -> Self {
        const QUOTED_CHARACTERS: usize = 60;
        Self { value: value.chars().take(QUOTED_CHARACTERS).collect(), why }
    }
}
