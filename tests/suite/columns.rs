//! Checks that comments and Markdown have at most 100 columns (CONTRIBUTING.md).

use std::{
    fs,
    path::{Path, PathBuf},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const COLUMNS: usize = 100;
/// The names of files and folders that are generated, or do not belong to the project.
const LEFT_OUT: [&str; 4] = ["target", "node_modules", ".git", "events.md"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        if LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "md") {
            found.push(path);
        }
    }
}

/// Returns the text of a line that contains only a comment; `None` for other lines.
fn comment(line: &str) -> Option<&str> {
    let text = line.trim_start();
    ["///", "//!", "//"].iter().find_map(|slashes| text.strip_prefix(slashes))
}

/// True if a line could be wrapped and is too long. Tables, code and long words cannot be wrapped.
fn is_too_long(line: &str, text: &str) -> bool {
    let is_whole = |text: &str| text.trim_start().starts_with(['|', '<', '[', '!', '#']) || text.starts_with("    ");
    let has_long_word = || text.split_whitespace().any(|word| word.len() > COLUMNS / 2);
    let has_long_code = || text.split('`').skip(1).step_by(2).any(|code| code.len() > COLUMNS / 2);
    line.chars().count() > COLUMNS && !is_whole(text) && !has_long_word() && !has_long_code()
}

#[test]
fn comments_and_markdown_keep_to_the_columns() {
    let (mut found, mut long) = (vec![], vec![]);
    files(Path::new(ROOT), &mut found);
    for path in &found {
        let is_rust = path.extension().is_some_and(|ending| ending == "rs");
        let mut is_code = false;
        for (number, line) in fs::read_to_string(path).unwrap().lines().enumerate() {
            let text = if is_rust { comment(line) } else { Some(line) };
            let fence = text.is_some_and(|text| text.trim_start().starts_with("```"));
            is_code ^= fence;
            if text.is_some_and(|text| !is_code && is_too_long(line, text)) {
                long.push(format!("{}:{}", path.display(), number + 1));
            }
        }
    }
    assert!(found.len() > 500, "only {} files were found", found.len());
    assert!(long.is_empty(), "longer than {COLUMNS} columns:\n{}", long.join("\n"));
}
