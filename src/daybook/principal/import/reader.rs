//! Reads a TOML file of accounts one account at a time, so that large files need little memory.

use std::io::{BufRead, Read as _};

use anyhow::{Result, ensure};
use serde::Deserialize;

use super::super::Account;
use crate::config::one_line;

/// The version of the format of files with accounts.
const VERSION: u32 = 1;
/// The maximum size of one account in the file.
const MAX_ACCOUNT_BYTES: usize = 1_048_576;

/// The fields of the file before the first account.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: u32,
    /// A remark for people about the passwords, which the program ignores.
    #[serde(default, rename = "password")]
    _password: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    account: [Account; 1],
}

/// A reader of the accounts of a file, in their order.
#[derive(Debug)]
pub(super) struct Reader<R> {
    input: R,
    /// The number of lines that were read.
    lines: usize,
    /// The number of bytes that were read.
    bytes: u64,
    /// The first line of the next account, if it was read already.
    next: Option<String>,
}

impl<R: BufRead> Reader<R> {
    /// Creates a reader and reads the part of the file before the first account; an error if that
    /// part or its version is wrong.
    pub(super) fn new(input: R) -> Result<Self> {
        let mut reader = Self { input, lines: 0, bytes: 0, next: None };
        let head = reader.text()?;
        let Head { version, .. } = toml::from_str(&head).map_err(|error| one_line(&head, &error))?;
        ensure!(version == VERSION, "version {version} of this file is not supported; write `version = {VERSION}`");
        Ok(reader)
    }

    /// Returns the number of bytes that were read.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the next accounts, at most `count`; empty at the end of the file.
    pub(super) fn batch(&mut self, count: usize) -> Result<Vec<Account>> {
        let mut batch = vec![];
        while batch.len() < count
            && let Some(account) = self.account()?
        {
            batch.push(account);
        }
        Ok(batch)
    }

    fn account(&mut self) -> Result<Option<Account>> {
        if self.next.is_none() {
            return Ok(None);
        }
        let above = self.lines - 1;
        let text = self.text()?;
        match toml::from_str::<One>(&text) {
            Ok(One { account: [account] }) => Ok(Some(account)),
            Err(_) => Err(explain(above, &text)),
        }
    }

    /// Returns the text up to the next account, and keeps the first line of that account.
    fn text(&mut self) -> Result<String> {
        let mut text = self.next.take().unwrap_or_default();
        loop {
            let mut line = String::new();
            let limit = (MAX_ACCOUNT_BYTES + 1) as u64;
            let read = self.input.by_ref().take(limit).read_line(&mut line)?;
            if read == 0 {
                return Ok(text);
            }
            self.bytes += read as u64;
            self.lines += 1;
            if begins_account(&line) {
                self.next = Some(line);
                return Ok(text);
            }
            text.push_str(&line);
            ensure!(
                text.len() <= MAX_ACCOUNT_BYTES,
                "line {}: the text of one account has more than {MAX_ACCOUNT_BYTES} bytes",
                self.lines
            );
        }
    }
}

/// True if the line begins an account. If such a line is inside a multi-line string, it ends the
/// account early, which is then a syntax error and never a wrong account.
fn begins_account(line: &str) -> bool {
    let head = line.split('#').next().unwrap_or_default();
    head.chars().filter(|c| !c.is_whitespace()).eq("[[account]]".chars())
}

/// Returns the error of an account, with the line number in the whole file.
fn explain(lines_above: usize, text: &str) -> anyhow::Error {
    let whole = "\n".repeat(lines_above) + text;
    match toml::from_str::<One>(&whole) {
        Ok(_) => anyhow::anyhow!("line {}: the account cannot be read", lines_above + 1),
        Err(error) => one_line(&whole, &error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>> {
        let mut reader = Reader::new(text.as_bytes())?;
        let mut ids = vec![];
        loop {
            let batch = reader.batch(2)?;
            if batch.is_empty() {
                assert_eq!(reader.bytes(), text.len() as u64);
                return Ok(ids);
            }
            ids.extend(batch.into_iter().map(|account| account.id));
        }
    }

    #[test]
    fn accounts_are_read_in_their_order() {
        let text = "# staff\nversion = 1\npassword = 'is the id'\n\n[[account]]\nid = 'a'\n\n [[ account ]] # b\nid = 'b'\n\
                    [[account]]\nid = 'c'\nmembers = [\n  'a',\n  'b',\n]";
        assert_eq!(read(text).unwrap(), ["a", "b", "c"]);
        assert_eq!(read("version = 1").unwrap(), [""; 0]);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let long = format!("version = 1\n[[account]]\nid = '{}'", "a".repeat(MAX_ACCOUNT_BYTES));
        let rows = [
            ("", "line 1: missing field `version`"),
            ("version = 2", "version 2 of this file is not supported; write `version = 1`"),
            (
                "version = 1\n[[account]]\nid = 'a'\n\n[[account]]\nid = 'b'\nemial = 'x'",
                "line 7: unknown field `emial`",
            ),
            ("version = 1\n[[account]]\nid = 'a'\nkind = 'robot'", "line 4: unknown variant `robot`"),
            ("version = 1\n[[account]]\nid = '''\n[[account]]\n'''", "line 4"),
            ("version = 1\n[[account]]\n", "line 2: missing field `id`"),
            (&long, "line 3: the text of one account has more than 1048576 bytes"),
        ];
        for (text, expected) in rows {
            let error = format!("{:#}", read(text).unwrap_err());
            assert!(error.starts_with(expected), "{expected}: {error}");
        }
    }
}
