//! Tests that docs/configuration.md and docs/limits.md say what the code does.

use std::{fmt::Write as _, fs, path::Path};

use crate::config::{Config, SETTINGS};

/// The table of docs/configuration.md, in the order of [`SETTINGS`].
fn settings() -> String {
    let mut rows = String::from("| setting | value | default | meaning |\n|---|---|---|---|\n");
    for setting in SETTINGS {
        let (name, value) = (setting.name(), setting.kind.description());
        let (default, text) = (setting.show(&Config::default()), setting.text);
        let _ = writeln!(rows, "| `{name}` | {value} | `{default}` | {text} |");
    }
    rows
}

#[test]
fn the_guide_to_the_configuration_has_the_table_of_settings() {
    let guide = include_str!("../../docs/configuration.md");
    let expected = settings();
    assert!(guide.contains(&expected), "docs/configuration.md needs this table:\n{expected}");
    let is_row = |line: &&str| SETTINGS.iter().any(|setting| line.starts_with(&format!("| `{}` |", setting.name())));
    assert_eq!(guide.lines().filter(is_row).count(), SETTINGS.len(), "each setting has one row");
}

const LIMITS: &str = include_str!("../../docs/limits.md");

/// The first two cells of each row of docs/limits.md that begins with a quoted name.
fn limits() -> impl Iterator<Item = (&'static str, &'static str)> {
    LIMITS.lines().filter_map(|line| {
        let (name, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        Some((name, rest.split(" | ").next()?.trim_matches('`')))
    })
}

#[test]
fn every_configurable_limit_is_documented_with_its_default() {
    let documented: Vec<_> = limits().filter(|(name, _)| name.starts_with("limits.")).collect();
    let rows = SETTINGS.iter().filter(|setting| setting.table == "limits");
    let expected: Vec<_> = rows.map(|setting| (setting.name(), setting.show(&Config::default()))).collect();
    let expected: Vec<_> = expected.iter().map(|(name, default)| (name.as_str(), default.as_str())).collect();
    assert_eq!(documented, expected);
}

#[test]
fn every_documented_constant_has_its_value() {
    let constants: Vec<_> = limits().filter_map(|(name, value)| Some((name.split_once("::")?, value))).collect();
    assert!(constants.len() >= 10, "the table of constants");
    for ((package, name), value) in constants {
        let mut found = vec![];
        // Beside this crate, or at the root; a constant of a type is named after it.
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = [own.join("..").join(package), own.join("../..").join(package)];
        let folder = folders.iter().find(|folder| folder.is_dir()).unwrap_or(&folders[0]);
        let name = name.rsplit("::").next().unwrap_or(name);
        values(folder, name, &mut found);
        assert!(!found.is_empty(), "{package} has no constant {name}");
        let documented: u64 = value.replace(',', "").parse().unwrap();
        assert!(found.iter().all(|value| *value == documented), "{package}::{name} is {found:?}, not {value}");
    }
}

/// Collects the values of the constants `name` in all source files below a folder.
fn values(folder: &Path, name: &str, found: &mut Vec<u64>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            values(&path, name, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(path).unwrap();
            let declared =
                text.lines().filter_map(|line| line.split_once(&format!("const {name}: "))?.1.split_once(" = "));
            found.extend(declared.map(|(_, value)| number(value.trim_end_matches(';'))));
        }
    }
}

/// The value of a literal, or of products and shifts of literals.
fn number(expression: &str) -> u64 {
    if let Some((left, right)) = expression.split_once(" << ") {
        return number(left) << number(right);
    }
    expression.split(" * ").map(|factor| factor.replace('_', "").parse::<u64>().unwrap()).product()
}
