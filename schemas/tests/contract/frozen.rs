//! Tests that released files do not change: `frozen.txt` contains the hash of every schema and
//! fixture.

use std::{collections::BTreeMap, ffi::OsString, fmt::Write, fs};

use sha2::{Digest, Sha256};

use crate::files::{all_fixtures, folder, with_schemas};

/// SHA-256 hashes by path.
type Hashes = BTreeMap<String, String>;

fn asked() -> Option<OsString> {
    std::env::var_os("UPDATE_SCHEMAS")
}

/// Returns true if differences are to be written to the files instead of being reported.
pub(crate) fn updating() -> bool {
    asked().is_some()
}

#[test]
fn nothing_shipped_was_changed_or_removed() {
    let found = found();
    let mut frozen = frozen();
    if updating() {
        let refreeze = asked().is_some_and(|how| how == "refreeze");
        for (path, hash) in &found {
            if refreeze || !frozen.contains_key(path) {
                frozen.insert(path.clone(), hash.clone());
            }
        }
        frozen.retain(|path, _| !refreeze || found.contains_key(path));
        write(&frozen);
    }
    for (path, hash) in &frozen {
        assert_eq!(found.get(path), Some(hash), "{path} was shipped and may not change: make a new version");
    }
    let free: Vec<_> = found.keys().filter(|path| !frozen.contains_key(*path)).collect();
    assert!(free.is_empty(), "not frozen yet: {free:?}; run with UPDATE_SCHEMAS=1");
}

/// Returns the hashes of the present files.
fn found() -> Hashes {
    let schemas = with_schemas().into_iter().map(|kind| folder().join("events").join(format!("{kind}.json")));
    let fixtures = all_fixtures().map(|fixture| fixture.path);
    let hash = |path: std::path::PathBuf| {
        let name = path.strip_prefix(folder()).unwrap().to_str().unwrap().replace('\\', "/");
        (name, hex::encode(Sha256::digest(fs::read(path).unwrap())))
    };
    schemas.chain(fixtures).map(hash).collect()
}

fn frozen() -> Hashes {
    let lines = fs::read_to_string(folder().join("frozen.txt")).unwrap_or_default();
    let entry = |line: &str| line.split_once("  ").map(|(hash, path)| (path.to_owned(), hash.to_owned()));
    lines.lines().filter_map(entry).collect()
}

fn write(frozen: &Hashes) {
    let mut lines = String::new();
    for (path, hash) in frozen {
        writeln!(lines, "{hash}  {path}").unwrap();
    }
    fs::write(folder().join("frozen.txt"), lines).unwrap();
}
