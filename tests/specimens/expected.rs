//! Compares test results with files of expected results.

use std::{fmt::Write as _, fs, path::Path};

use similar::{ChangeTag, TextDiff};

/// The environment variable that accepts new results: `DAYBOOK_ACCEPT=1 cargo test`.
pub const ACCEPT: &str = "DAYBOOK_ACCEPT";

/// Number of unchanged lines that a failure shows around each difference.
const CONTEXT: usize = 3;

/// Compares `actual` with the content of `file`, line by line.
///
/// Panics with the difference if they are not the same. If [`ACCEPT`] is set, `actual` is written
/// to the file instead. If `CI` is set, too, the function panics instead.
pub fn compare(file: &Path, actual: &str) {
    let expected = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    if expected == actual {
        return;
    }
    if is_set(ACCEPT) {
        assert!(!is_set("CI"), "{ACCEPT} is set in CI, where nobody reads the difference");
        fs::write(file, actual).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        return;
    }
    panic!("{}", difference(file, &expected, actual));
}

fn difference(file: &Path, expected: &str, actual: &str) -> String {
    let mut text = format!("{} does not hold what came out.\n", file.display());
    let diff = TextDiff::from_lines(expected, actual);
    let diff = diff.unified_diff().context_radius(CONTEXT).header("expected", "actual").to_string();
    let _ =
        write!(text, "{diff}\nIf the new outcome is right, run the test again with {ACCEPT}=1 and commit the file.");
    text
}

/// Returns the lines that differ: `- ` and the line of `before`, or `+ ` and the line of `after`.
pub fn changed_lines(before: &str, after: &str) -> Vec<String> {
    let diff = TextDiff::from_lines(before, after);
    let line = |sign: &str, line: &str| Some(format!("{sign} {}", line.trim_end_matches('\n')));
    let changes = diff.iter_all_changes().filter_map(|change| match change.tag() {
        ChangeTag::Delete => line("-", change.value()),
        ChangeTag::Insert => line("+", change.value()),
        ChangeTag::Equal => None,
    });
    changes.collect()
}

#[expect(clippy::disallowed_methods, reason = "the person who runs the tests decides, not a configuration")]
fn is_set(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_lines_leave_out_what_is_the_same() {
        assert_eq!(changed_lines("a\nb\nc\n", "a\nB\nc\nd\n"), ["- b", "+ B", "+ d"]);
    }

    #[test]
    fn a_difference_names_the_file_and_shows_both_lines() {
        let text = difference(Path::new("lunch.txt"), "same\nold\n", "same\nnew\n");
        for part in ["lunch.txt", "\n same\n", "\n-old\n", "\n+new\n", "DAYBOOK_ACCEPT=1"] {
            assert!(text.contains(part), "no {part:?} in {text}");
        }
    }
}
