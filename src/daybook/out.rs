//! Prints results to standard output.

use std::io::{ErrorKind, Write, stdout};

use anyhow::{Context as _, Result};

/// Prints a result. A closed pipe, as with `| head`, is not an error.
pub(crate) fn print(text: &str) -> Result<()> {
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output"),
    }
}
