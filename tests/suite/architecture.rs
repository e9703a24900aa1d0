//! Checks that the table of dependencies in ARCHITECTURE.md agrees with the manifests of the
//! crates.

use std::{collections::BTreeMap, fs, path::Path};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

type Dependencies = BTreeMap<String, Vec<String>>;

/// Returns the rows of the table, which have the form `| `crate` | `a`, `b` |`.
fn documented(guide: &str) -> Dependencies {
    let (_, table) = guide.split_once("## Who may depend on whom").unwrap();
    let rows = table.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    rows.map_while(|line| line.strip_prefix('|')?.split_once('|'))
        .map(|(name, others)| (quoted(name).remove(0), quoted(others)))
        .collect()
}

/// Returns the dependencies in the manifest of `name` that are crates of this project.
fn declared(name: &str, ours: &Dependencies) -> Vec<String> {
    let folder = if ["projections", "schemas"].contains(&name) { name.to_owned() } else { format!("src/{name}") };
    let manifest = fs::read_to_string(Path::new(ROOT).join(folder).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table).unwrap();
    dependencies.keys().filter(|dependency| ours.contains_key(*dependency)).cloned().collect()
}

#[test]
fn the_table_of_dependencies_agrees_with_the_manifests() {
    let documented = documented(&fs::read_to_string(Path::new(ROOT).join("ARCHITECTURE.md")).unwrap());
    assert_eq!(documented.len(), 21, "every crate of the program has a row");
    for (name, dependencies) in &documented {
        let mut declared = declared(name, &documented);
        declared.sort();
        assert_eq!(&declared, dependencies, "{name}");
    }
}
