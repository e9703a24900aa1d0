//! `daybook check-config`: checks the settings and prints them as `serve` would use them.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};

use crate::{
    config::{Config, SETTINGS},
    directory, openid, out,
};

/// Prints the settings. An error comes back instead if a file that they name cannot be used.
///
/// The ranges, the log filter and the syntax of every value were already checked when the settings
/// were read.
pub(crate) fn run(config: &Config) -> Result<()> {
    try_files(config)?;
    out::print(&text(config))
}

fn try_files(config: &Config) -> Result<()> {
    config
        .tls()
        .map_or(Ok(()), |tls| tls.check())
        .context("the files of tls.certificate and tls.key cannot be used")?;
    directory::check_files(config)?;
    openid::check_files(config)
}

/// Returns the settings in the form of a settings file. The password of a connection string is left
/// out.
fn text(config: &Config) -> String {
    let mut text = String::new();
    let mut table = "";
    for setting in SETTINGS {
        if setting.table != table {
            table = setting.table;
            let _ = writeln!(text, "\n[{table}]");
        }
        let _ = writeln!(text, "# {} ({}; {})", setting.text, setting.kind.description(), setting.variable());
        let _ = writeln!(text, "{} = {}", setting.key, setting.show(config));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Server;

    fn with(server: Server) -> Config {
        Config { server, ..Config::default() }
    }

    #[test]
    fn the_output_is_a_file_of_the_same_settings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("printed.toml");
        let config = with(Server { realm: "Ours".to_owned(), ..Server::default() });
        std::fs::write(&file, text(&config)).unwrap();
        assert_eq!(crate::config::load(Some(&file), folder.path(), []).unwrap(), config);
    }

    #[test]
    fn the_output_holds_no_password() {
        let journal = "kurrentdb://daybook:Ahnung7@journal.example.org:2113?tls=true".to_owned();
        let printed = text(&with(Server { journal, ..Server::default() }));
        assert!(!printed.contains("Ahnung7"), "{printed}");
        assert!(printed.contains("journal = \"kurrentdb://daybook:…@journal.example.org:2113?tls=true\""), "{printed}");
    }

    #[test]
    fn a_certificate_that_cannot_be_read_is_named() {
        let mut config = Config::default();
        config.tls.certificate = "/nowhere/chain.pem".to_owned();
        config.tls.key = "/nowhere/key.pem".to_owned();
        let error = format!("{:#}", try_files(&config).unwrap_err());
        assert!(
            error.starts_with("the files of tls.certificate and tls.key cannot be used: ")
                && error.contains(" /nowhere/chain.pem "),
            "{error}"
        );
    }
}
