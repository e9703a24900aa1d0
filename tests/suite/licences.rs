//! Checks the licence of every dependency against deny.toml. The test does not need cargo-deny.

use std::process::Command;

use serde_json::Value;

const RULES: &str = include_str!("../../deny.toml");

/// Returns the licences that deny.toml allows.
fn allowed() -> Vec<String> {
    let rules: toml::Table = RULES.parse().unwrap();
    let list = rules["licenses"]["allow"].as_array().unwrap();
    list.iter().map(|licence| licence.as_str().unwrap().to_owned()).collect()
}

/// True if a licence expression such as `A OR (B AND C)` is allowed: one side of each `OR`, and
/// both sides of each `AND`.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    match (split(&expression, " OR "), split(&expression, " AND ")) {
        (Some((left, right)), _) => is_allowed(left) || is_allowed(right),
        (None, Some((left, right))) => is_allowed(left) && is_allowed(right),
        (None, None) => match expression.trim().strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
            Some(inner) => is_allowed(inner),
            None => allowed().iter().any(|licence| licence == expression.trim()),
        },
    }
}

/// Splits an expression at the first `operator` that is outside of parentheses; `None` if there is
/// none.
fn split<'a>(expression: &'a str, operator: &str) -> Option<(&'a str, &'a str)> {
    let mut found = expression.match_indices(operator).map(|(at, _)| at);
    let is_outside = |at: &usize| {
        let before = &expression[..*at];
        before.matches('(').count() == before.matches(')').count()
    };
    let at = found.find(is_outside)?;
    Some((&expression[..at], &expression[at + operator.len()..]))
}

#[test]
fn licence_expressions_follow_spdx() {
    let rows = [
        ("one", "MIT", true),
        ("another", "GPL-3.0-only", false),
        ("a choice", "GPL-3.0-only OR MIT", true),
        ("both needed", "MIT AND GPL-3.0-only", false),
        ("both allowed", "MIT AND ISC", true),
        ("nested", "(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("nested and refused", "(MIT OR Apache-2.0) AND MPL-2.0", false),
        ("AND binds tighter", "MIT AND GPL-3.0-only OR ISC", true),
        ("the old way to write a choice", "MIT/GPL-3.0-only", true),
        ("an exception", "Apache-2.0 WITH LLVM-exception", true),
        ("nothing", "", false),
    ];
    for (title, expression, expected) in rows {
        assert_eq!(is_allowed(expression), expected, "{title}");
    }
}

fn cargo(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn every_dependency_has_an_allowed_licence() {
    let version = String::from_utf8(cargo(&["-vV"])).unwrap();
    // Only the dependencies of this platform are read, because Cargo may not have downloaded the
    // others.
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let metadata =
        cargo(&["metadata", "--format-version=1", "--offline", "--filter-platform", host, "--manifest-path", manifest]);
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "the list of packages is not what it should be");
    let refused: Vec<String> = packages
        .iter()
        .filter(|package| !is_allowed(package["license"].as_str().unwrap_or_default()))
        .map(|package| format!("{} ({})", package["name"], package["license"]))
        .collect();
    assert!(refused.is_empty(), "not on the list: {}", refused.join(", "));
}
