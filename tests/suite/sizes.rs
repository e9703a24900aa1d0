//! Checks the maximum length of files and functions (CONTRIBUTING.md). Tests and generated code
//! have no limit.

use std::{
    fs,
    path::{Path, PathBuf},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const MAX_FILE_LINES: usize = 350;
const MAX_FUNCTION_LINES: usize = 50;
/// The files that may be longer, with their maximum numbers of lines. The list may only get
/// shorter, and the numbers smaller.
const LONG_FILES: [(&str, usize); 1] = [("src/itip/organizer/messages.rs", 418)];
/// The functions that may be longer, with their maximum numbers of lines: tables in Rust or SQL,
/// and functions that have to be split.
const LONG_FUNCTIONS: [(&str, &str, usize); 2] =
    [("projections/search/mod.rs", "create", 62), ("src/http/refusal/domain.rs", "from", 83)];
/// The folders of tests, benchmarks, examples and generated code.
const LEFT_OUT: [&str; 7] = ["target", "tests", "unit_tests", "benches", "examples", "node_modules", ".git"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type().unwrap().is_dir() {
            if !LEFT_OUT.contains(&name.as_str()) {
                sources(&path, found);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") && !name.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// Returns the lines of a file before its module of tests.
fn lines(text: &str) -> Vec<&str> {
    let lines: Vec<_> = text.lines().collect();
    let is_test = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{');
    let end = lines.windows(2).position(is_test).unwrap_or(lines.len());
    lines[..end].to_vec()
}

/// Returns the functions of a formatted file, each with the number of lines from the signature to
/// the closing brace.
fn functions(lines: &[&str]) -> Vec<(String, usize)> {
    let mut found = vec![];
    for (start, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let Some((before, rest)) = line.split_once("fn ") else { continue };
        let is_signature = before
            .split_whitespace()
            .all(|word| word.starts_with("pub") || matches!(word, "const" | "async" | "unsafe") || word.ends_with(')'));
        if !is_signature || line.ends_with(['}', ';']) {
            continue;
        }
        let closing = format!("{}}}", " ".repeat(indent));
        let end = lines[start..].iter().position(|line| *line == closing).unwrap_or_default();
        let name = rest.split(['(', '<']).next().unwrap_or_default();
        found.push((name.to_owned(), end + 1));
    }
    found
}

/// Appends a text to `wrong` if something is longer than allowed, or has an exception that it no
/// longer needs.
fn judge(what: &str, length: usize, limit: usize, exception: Option<usize>, wrong: &mut Vec<String>) {
    match exception {
        None if length > limit => wrong.push(format!("{what} has {length} lines, more than {limit}: split it")),
        Some(allowed) if length > allowed => wrong.push(format!("{what} has grown from {allowed} to {length} lines")),
        Some(_) if length <= limit => wrong.push(format!("{what} has {length} lines: take it off the list")),
        _ => {}
    }
}

#[test]
fn files_and_functions_stay_short() {
    let (mut paths, mut wrong) = (vec![], vec![]);
    sources(Path::new(ROOT), &mut paths);
    assert!(paths.len() > 500, "only {} files were found", paths.len());
    for path in paths {
        let name = path.strip_prefix(ROOT).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let lines = lines(&text);
        let exception = LONG_FILES.iter().find(|(file, _)| *file == name).map(|(_, lines)| *lines);
        judge(&name, lines.len(), MAX_FILE_LINES, exception, &mut wrong);
        for (function, length) in functions(&lines) {
            let exception = LONG_FUNCTIONS.iter().find(|(file, named, _)| *file == name && *named == function);
            let exception = exception.map(|(.., lines)| *lines);
            judge(&format!("{function} in {name}"), length, MAX_FUNCTION_LINES, exception, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_exception_is_neither_exceeded_nor_kept_without_need() {
    let rows = [
        ("short", 50, None, 0),
        ("long", 51, None, 1),
        ("an exception", 60, Some(60), 0),
        ("a shorter exception", 55, Some(60), 0),
        ("a grown exception", 61, Some(60), 1),
        ("an exception that is not needed", 50, Some(60), 1),
    ];
    for (title, length, exception, expected) in rows {
        let mut wrong = vec![];
        judge(title, length, 50, exception, &mut wrong);
        assert_eq!(wrong.len(), expected, "{title}: {wrong:?}");
    }
    let text =
        "impl A {\n    pub(crate) async fn long(\n        a: u8,\n    ) {\n        b();\n    }\n}\n\nfn short() {}\n";
    assert_eq!(functions(&lines(text)), [("long".to_owned(), 5)]);
}
