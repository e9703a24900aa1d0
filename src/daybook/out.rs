//! Prints results to standard output.

use std::{
    fmt::Display,
    io::{ErrorKind, Write, stdout},
};

use anyhow::{Context as _, Result};

/// Prints a result. A closed pipe, as with `| head`, is not an error.
pub(crate) fn print(text: &str) -> Result<()> {
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

/// Returns a number with its noun: `1 copy`, `2 copies`.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(number: N, one: &str, several: &str) -> String {
    let noun = if number == N::from(1) { one } else { several };
    format!("{number} {noun}")
}
