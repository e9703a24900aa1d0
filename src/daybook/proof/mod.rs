//! The commands about signed heads and proofs, which use `audit::proof`.

mod against;
mod check;
mod head;
mod heads;
mod keys;
mod prove;

use std::{path::Path, process::ExitCode};

use anyhow::Result;

pub(crate) use against::against;
pub(crate) use check::run as check;
pub(crate) use heads::{folder, last_signed};

use crate::{cli::proof::Proof, config::Config, verify};

/// Executes a command that proves or checks that the journal is complete and unchanged.
pub(crate) async fn run(folder: &Path, command: Proof, config: &Config) -> Result<ExitCode> {
    match command {
        Proof::Verify(asked) => return verify::run(folder, &asked, config).await,
        Proof::Head(asked) => head::run(folder, config, &asked).await?,
        Proof::Key(asked) => keys::run(folder, config, &asked).await?,
        Proof::Prove(asked) => prove::run(folder, config, &asked).await?,
        Proof::Check(asked) => check(&asked.file, &asked.key)?,
    }
    Ok(ExitCode::SUCCESS)
}
