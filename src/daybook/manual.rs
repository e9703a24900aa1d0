//! `daybook manual`: writes the manual pages, one for each command.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

use crate::cli::Cli;

/// Writes `daybook.1`, `daybook-serve.1` and so on into `folder`, which is created if it does not
/// exist.
pub(crate) fn run(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    clap_mangen::generate_to(Cli::command(), folder).with_context(|| folder.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_has_a_page() {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path()).unwrap();
        let page = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(page("daybook.1").contains("CalDAV scheduling server"));
        for command in Cli::command().get_subcommands() {
            assert!(page(&format!("daybook-{}.1", command.get_name())).contains(".TH"), "{}", command.get_name());
        }
        assert!(page("daybook-principal-add.1").contains("password"));
    }
}
