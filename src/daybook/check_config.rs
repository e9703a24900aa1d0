//! `daybook check-config`: the settings as `serve` would use them.

use std::io::Write;

use anyhow::Result;

use crate::config::{Config, SETTINGS};

/// Prints every setting, tables last, as a file that says the same.
pub(crate) fn print(config: &Config, out: &mut impl Write) -> Result<()> {
    let mut table = "";
    for setting in SETTINGS {
        let (of, key) = setting.name.split_once('.').unwrap_or(("", setting.name));
        if of != table {
            table = of;
            writeln!(out, "\n[{table}]")?;
        }
        writeln!(out, "# {} ({})", setting.about, setting.variable())?;
        writeln!(out, "{key} = {}", (setting.show)(config))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_a_file_of_the_same_settings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("printed.toml");
        let config = Config { realm: "Ours".to_owned(), ..Config::default() };
        let mut text = vec![];
        print(&config, &mut text).unwrap();
        std::fs::write(&file, text).unwrap();
        assert_eq!(crate::config::load(Some(&file), folder.path(), []).unwrap(), config);
    }
}
