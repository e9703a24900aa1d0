//! `daybook vault backup`: copies the file of the vault.

use std::path::Path;

use anyhow::Result;

use crate::{cli::Vault, out, secrets};

pub(crate) fn run(folder: &Path, asked: &Vault) -> Result<()> {
    let Vault::Backup { file: to } = asked;
    vault::sqlite::backup(&secrets::file(folder), to)?;
    out::print(&format!("{} is a copy of the vault. Only your user account can read the file.\n", to.display()))
}
