//! `daybook check-config`: the settings as `serve` would use them.

use std::fmt::Write as _;

use crate::config::{Config, SETTINGS};

/// Every setting, tables last, as a file that says the same, but for the password of a journal elsewhere.
pub(crate) fn text(config: &Config) -> String {
    let mut text = String::new();
    let mut table = "";
    for setting in SETTINGS {
        let (of, key) = setting.name.split_once('.').unwrap_or(("", setting.name));
        if of != table {
            table = of;
            let _ = writeln!(text, "\n[{table}]");
        }
        let _ = writeln!(text, "# {} ({})", setting.about, setting.variable());
        let _ = writeln!(text, "{key} = {}", (setting.show)(config));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_a_file_of_the_same_settings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("printed.toml");
        let config = Config { realm: "Ours".to_owned(), ..Config::default() };
        std::fs::write(&file, text(&config)).unwrap();
        assert_eq!(crate::config::load(Some(&file), folder.path(), []).unwrap(), config);
    }

    #[test]
    fn no_password_is_printed() {
        let journal = "kurrentdb://daybook:secret@journal.example.org:2113?tls=true".to_owned();
        let printed = text(&Config { journal, ..Config::default() });
        assert!(!printed.contains("secret"), "{printed}");
        assert!(printed.contains("journal = \"kurrentdb://daybook:…@journal.example.org:2113?tls=true\""), "{printed}");
    }

    #[test]
    fn every_setting_is_documented_with_its_default() {
        let guide = include_str!("../../docs/configuration.md");
        for setting in SETTINGS {
            let row = format!("| `{}` | `{}` |", setting.name, (setting.show)(&Config::default()));
            assert!(guide.contains(&row), "docs/configuration.md needs a row that begins {row}");
        }
    }
}
