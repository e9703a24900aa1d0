//! Checks the layers of this crate: each module uses only modules of lower layers.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The modules from the lowest layer to the highest.
const LAYERS: [&str; 18] = [
    "settings",
    "body",
    "base_path",
    "header",
    "response",
    "refusal",
    "person",
    "resource",
    "places",
    "state",
    "reader",
    "call",
    "audience",
    "property",
    "answer",
    "report",
    "method",
    "front",
];
/// Files that belong to no layer: the root of the crate, and its tests.
const OUTSIDE: [&str; 2] = ["lib", "tests"];

/// Returns the layer of a module; `None` if the module is not in the list.
fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| *layer == module)
}

/// Returns the modules of this crate that a source text uses: the first name after each `crate::`.
fn named(source: &str) -> Vec<String> {
    let code: String = source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let paths = code.split("crate::").skip(1);
    paths.flat_map(|path| path.strip_prefix('{').map_or_else(|| vec![identifier(path)], roots)).collect()
}

/// Returns the first identifier of each path in a list of imports, up to the closing brace of the
/// list.
fn roots(list: &str) -> Vec<String> {
    let (mut depth, mut roots, mut is_root) = (0, vec![], true);
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => is_root = true,
            character if is_root && character.is_alphabetic() => {
                roots.push(identifier(&list[at..]));
                is_root = false;
            }
            _ => {}
        }
    }
    roots
}

fn identifier(path: &str) -> String {
    path.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

/// Returns all Rust files in a folder and its subfolders.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.chain(folders.iter().flat_map(|folder| self::files(folder))).collect()
}

#[test]
fn each_module_names_only_the_layers_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut checked = 0;
    for file in files(root) {
        let inside = file.strip_prefix(root).expect("a file of this crate").with_extension("");
        let module = inside.iter().next().expect("a name").to_string_lossy().into_owned();
        if OUTSIDE.contains(&module.as_str()) {
            continue;
        }
        let own = layer(&module).unwrap_or_else(|| panic!("{module} is no layer: add it to the list"));
        let source = fs::read_to_string(&file).expect("a source file");
        for name in named(&source).into_iter().filter(|name| *name != module) {
            let other = layer(&name).unwrap_or_else(|| panic!("{}: `crate::{name}` is no layer", inside.display()));
            assert!(other < own, "{}: `{module}` is below `{name}` and must not name it", inside.display());
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} imports were found");
}

#[test]
fn imports_are_read_from_lists_and_from_paths() {
    let source = "use crate::{\n    call::Call,\n    header::{Depth, Prefer},\n    body,\n};\nuse crate::state::State;\n\
                  fn f() -> crate::person::Person {} // crate::front";
    assert_eq!(named(source), ["call", "header", "body", "state", "person"]);
}
