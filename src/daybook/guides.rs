//! Tests that docs/configuration.md and docs/limits.md agree with the code.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use crate::config::{Config, SETTINGS};

/// Returns the table of docs/configuration.md, in the order of [`SETTINGS`].
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

/// Returns the first two cells of each row of docs/limits.md that begins with a name in backticks.
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
        values(&folder(package), name.rsplit("::").next().unwrap(), &mut found);
        assert!(!found.is_empty(), "{package} has no constant {name}");
        let documented: u64 = value.replace(',', "").parse().unwrap();
        assert!(found.iter().all(|value| *value == documented), "{package}::{name} is {found:?}, not {value}");
    }
}

/// Returns the name and the folder of each crate, ordered by name.
fn crates() -> Vec<(String, PathBuf)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let inside = fs::read_dir(&source).unwrap().map(|entry| entry.unwrap().path());
    let outside = ["projections", "schemas"].map(|name| source.join("..").join(name));
    let mut all: Vec<_> = inside
        .chain(outside)
        .filter(|folder| folder.join("Cargo.toml").exists())
        .map(|folder| (folder.file_name().unwrap().to_str().unwrap().to_owned(), folder))
        .collect();
    all.sort();
    all
}

fn folder(package: &str) -> PathBuf {
    crates().into_iter().find(|(name, _)| name == package).unwrap_or_else(|| panic!("there is no crate {package}")).1
}

/// Collects the constants `MAX_…` in the source files below `folder`, without tests. Each becomes
/// the file relative to `root`, the name, the value, and the first sentence of its doc comment.
fn bounds(folder: &Path, root: &Path, found: &mut Vec<[String; 4]>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let is_test = path.file_stem().is_some_and(|name| name == "tests" || name == "examples" || name == "target");
        if path.is_dir() && !is_test {
            bounds(&path, root, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
            let file = path.strip_prefix(root).unwrap().display().to_string();
            let mut about = String::new();
            for line in fs::read_to_string(&path).unwrap().lines().map(str::trim) {
                if let Some(comment) = line.strip_prefix("/// ") {
                    about = if about.is_empty() { comment.to_owned() } else { format!("{about} {comment}") };
                    continue;
                }
                let declared = line.split_once("const MAX_").and_then(|(_, rest)| rest.split_once(": "));
                if let Some((name, (_, value))) =
                    declared.and_then(|(name, rest)| Some((name, rest.split_once(" = ")?)))
                {
                    let sentence = about.split(". ").next().unwrap().trim_end_matches('.').to_owned();
                    if value.starts_with('"') {
                        continue;
                    }
                    found.push([file.clone(), format!("MAX_{name}"), value.trim_end_matches(';').to_owned(), sentence]);
                }
                about.clear();
            }
        }
    }
}

#[test]
fn every_bound_in_the_source_is_documented() {
    let refusing: Vec<_> = limits().filter_map(|(name, _)| name.split_once("::")).collect();
    let mut rows = String::from("| file | bound | value | meaning |\n|---|---|---|---|\n");
    for (package, folder) in crates() {
        let mut found = vec![];
        bounds(&folder, &folder, &mut found);
        for [file, name, value, about] in found {
            let is_above =
                refusing.iter().any(|(of, known)| *of == package && known.rsplit("::").next() == Some(&name));
            if !is_above {
                let _ = writeln!(rows, "| `{package}/{file}` | `{name}` | `{value}` | {about} |");
            }
        }
    }
    assert!(LIMITS.contains(&rows), "docs/limits.md needs this table:\n{rows}");
}

/// Collects the values of all constants with the name `name` in the source files below `folder`.
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

/// Returns the value of a number, or of a product or a left shift of numbers.
fn number(expression: &str) -> u64 {
    if let Some((left, right)) = expression.split_once(" << ") {
        return number(left) << number(right);
    }
    expression.split(" * ").map(|factor| factor.replace('_', "").parse::<u64>().unwrap()).product()
}
