//! Reads passwords from standard input, a file or the terminal.

use std::{
    io::{self, BufRead, IsTerminal as _, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::cli::NewPassword;

/// Returns the password from the source that the options name; `None` if they name none.
pub(super) fn given(options: &NewPassword) -> Result<Option<String>> {
    if options.password_stdin {
        return first_line(io::stdin().lock(), "standard input").map(Some);
    }
    if let Some(file) = &options.password_file {
        return from_file(file).map(Some);
    }
    Ok(None)
}

/// Returns the password from the source that the options name, or asks for it at the terminal. An
/// error comes back if there is neither.
pub(super) fn given_or_asked(options: &NewPassword) -> Result<String> {
    match given(options)? {
        Some(password) => Ok(password),
        None if io::stdin().is_terminal() => ask_twice(),
        None => bail!("no password is given: use --password-stdin or --password-file"),
    }
}

fn from_file(file: &Path) -> Result<String> {
    let name = file.display().to_string();
    let opened = std::fs::File::open(file).with_context(|| name.clone())?;
    first_line(io::BufReader::new(opened), &name)
}

fn first_line(mut input: impl BufRead, name: &str) -> Result<String> {
    let mut line = String::new();
    input.read_line(&mut line).with_context(|| name.to_owned())?;
    let password = line.trim_end_matches(['\r', '\n']);
    ensure!(!password.is_empty(), "the first line of {name} is empty; write the password there");
    Ok(password.to_owned())
}

fn ask_twice() -> Result<String> {
    let (first, second) = (ask("New password: ")?, ask("New password again: ")?);
    ensure!(first == second, "the two passwords differ; nothing was written");
    Ok(first)
}

/// Reads a line from the terminal without showing the typed characters.
fn ask(prompt: &str) -> Result<String> {
    let terminal = io::stdin();
    let shown = tcgetattr(&terminal).context("cannot read the password from the terminal")?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    eprint!("{prompt}");
    io::stderr().flush().context("cannot read the password from the terminal")?;
    tcsetattr(&terminal, OptionalActions::Now, &hidden).context("cannot read the password from the terminal")?;
    let line = first_line(terminal.lock(), "the terminal");
    tcsetattr(&terminal, OptionalActions::Now, &shown)
        .context("the terminal cannot show typed characters again; type `stty echo`")?;
    eprintln!();
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line() {
        assert_eq!(first_line(&b"correct horse\r\nbattery\n"[..], "standard input").unwrap(), "correct horse");
        let error = first_line(&b"\n"[..], "standard input").unwrap_err().to_string();
        assert_eq!(error, "the first line of standard input is empty; write the password there");
    }
}
