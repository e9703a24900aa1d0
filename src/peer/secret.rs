//! A secret text, which debug output never shows.

use std::fmt;

/// A password or another secret, for example from a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Returns the first line of a file's text as a secret.
    pub fn first_line(text: &str) -> Self {
        Self(text.lines().next().unwrap_or_default().to_owned())
    }

    /// Returns true if the secret is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the text of the secret, so that it can be sent to the server that it belongs to.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
