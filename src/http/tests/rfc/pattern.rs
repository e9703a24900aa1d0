//! Patterns for texts: `*` matches anything within a line, `...` matches any number of lines, and
//! `{name}` matches a value, which the name then has in later lines of the chapter.

use std::collections::BTreeMap;

/// The values of the names in a chapter.
pub(super) type Names = BTreeMap<String, String>;

/// Replaces the known names in a text by their values.
pub(super) fn filled(text: &str, names: &Names) -> String {
    names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// Compares a text of one or more lines. White space around lines is ignored. A new name gets the
/// value that it matches.
pub(super) fn matches(pattern: &str, actual: &str, names: &mut Names) -> bool {
    let (pattern, actual) = (lines(pattern), unfolded(actual));
    let mut tried = names.clone();
    let is_match = match_lines(&pattern, &lines(&actual), &mut tried);
    if is_match {
        *names = tried;
    }
    is_match
}

/// Returns the first line of `expected` that is missing. The lines must occur in `actual` in the
/// same order.
pub(super) fn first_missing<'a>(expected: &'a [String], actual: &str, names: &mut Names) -> Option<&'a str> {
    let actual = unfolded(actual);
    let mut rest = actual.lines();
    expected.iter().map(String::as_str).find(|line| !rest.any(|candidate| match_line(line, candidate.trim(), names)))
}

/// Compares one line with a pattern.
pub(super) fn match_line(pattern: &str, actual: &str, names: &mut Names) -> bool {
    let mut tried = names.clone();
    let is_match = match_rest(&filled(pattern.trim(), names), actual, &mut tried);
    if is_match {
        *names = tried;
    }
    is_match
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// Joins the folded lines of iCalendar (RFC 5545 §3.1).
fn unfolded(text: &str) -> String {
    text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
}

fn match_lines(pattern: &[&str], actual: &[&str], names: &mut Names) -> bool {
    match (pattern, actual) {
        ([] | ["*"], []) => true,
        (["...", rest @ ..], _) => (0..=actual.len()).any(|skipped| match_lines(rest, &actual[skipped..], names)),
        ([line, pattern @ ..], [first, actual @ ..]) => {
            match_line(line, first, names) && match_lines(pattern, actual, names)
        }
        ([], _) | (_, []) => false,
    }
}

fn match_rest(pattern: &str, actual: &str, names: &mut Names) -> bool {
    let Some(at) = pattern.find(['*', '{']) else { return pattern == actual };
    let Some(actual) = actual.strip_prefix(&pattern[..at]) else { return false };
    let (name, rest) = match pattern[at..].strip_prefix('{').and_then(|inside| inside.split_once('}')) {
        Some((name, rest)) => (Some(name), rest),
        None if pattern[at..].starts_with('{') => return pattern[at..] == *actual,
        None => (None, &pattern[at + 1..]),
    };
    actual.char_indices().map(|(end, _)| end).chain([actual.len()]).any(|end| {
        let is_match = match_rest(rest, &actual[end..], names);
        if let (true, Some(name)) = (is_match, name) {
            names.insert(name.to_owned(), actual[..end].to_owned());
        }
        is_match
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_stand_for_anything() {
        for (pattern, actual, expected) in [
            ("a*c", "abc", true),
            ("a*c", "abcd", false),
            ("*", "", true),
            ("BEGIN\n...\nEND", "BEGIN\r\nX\r\nEND\r\n", true),
            ("BEGIN\n...\nEND", "BEGIN\r\nX\r\nEND\r\nY\r\n", false),
            ("A\nB", "A\nC\nB", false),
            ("SUMMARY:Long", "SUMMARY:Lo\r\n ng", true),
        ] {
            assert_eq!(matches(pattern, actual, &mut Names::new()), expected, "{pattern:?} and {actual:?}");
        }
    }

    #[test]
    fn a_name_keeps_its_first_value() {
        let mut names = Names::new();
        assert!(match_line("\"{tag}\"", "\"1\"", &mut names));
        assert_eq!(filled("If-Match: \"{tag}\"", &names), "If-Match: \"1\"");
        assert!(!match_line("\"{tag}\"", "\"2\"", &mut names));
    }

    #[test]
    fn lines_are_found_in_order() {
        let missing = |expected: &[&str]| {
            let expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
            first_missing(&expected, "A:1\nB:2\nC:3\n", &mut Names::new()).map(str::to_owned)
        };
        assert_eq!(missing(&["A:*", "C:3"]), None);
        assert_eq!(missing(&["C:3", "A:1"]), Some("A:1".to_owned()));
    }
}
