//! Edits of a copy, as a client makes them.

/// Applies hunks to a text. Each line of a hunk begins with two characters: two spaces for a line
/// that stays, `- ` for a line that is removed, `+ ` for a line that is added. A line `...`
/// separates two hunks. Each hunk applies to the first matching place after the hunk before it.
pub fn edited(text: &str, hunks: &[&str]) -> String {
    let mut lines: Vec<String> = unfolded(text);
    let mut cursor = 0;
    for hunk in hunks.split(|line| *line == "...") {
        let side = |gone: &str| -> Vec<String> {
            hunk.iter().filter(|line| !line.starts_with(gone)).map(|line| content(line).to_owned()).collect()
        };
        let (old, new) = (side("+ "), side("- "));
        let at = (cursor..=lines.len().saturating_sub(old.len())).find(|at| lines[*at..].starts_with(&old));
        let at =
            at.unwrap_or_else(|| panic!("the copy does not contain\n{}\nbut is\n{}", old.join("\n"), lines.join("\n")));
        cursor = at + new.len();
        lines.splice(at..at + old.len(), new);
    }
    lines.into_iter().flat_map(|line| [line, "\r\n".to_owned()]).collect()
}

fn content(line: &str) -> &str {
    line.get(2..).unwrap_or_else(|| panic!("a line of an edit begins with two characters: {line:?}"))
}

/// Returns the copy with the PARTSTAT of `who` changed to `partstat` in each component.
pub fn answered(text: &str, who: &str, partstat: &str) -> String {
    let marker = format!(":mailto:{who}@");
    let line = |line: String| match line.split_once(&marker) {
        Some((start, domain)) if start.starts_with("ATTENDEE") => {
            let kept: Vec<_> = start.split(';').filter(|part| !part.starts_with("PARTSTAT=")).collect();
            format!("{};PARTSTAT={partstat}{marker}{domain}\r\n", kept.join(";"))
        }
        _ => format!("{line}\r\n"),
    };
    unfolded(text).into_iter().map(line).collect()
}

/// Returns the unfolded content lines of a text.
pub fn unfolded(text: &str) -> Vec<String> {
    text.replace("\r\n ", "").lines().map(str::to_owned).collect()
}
