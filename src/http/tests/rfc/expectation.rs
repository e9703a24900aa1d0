//! Compares a response with its expectation: status, headers, body.

use super::{
    multistatus,
    pattern::{self, Names},
    tree,
};
use crate::tests::server::Response;

/// Checks a response. `Err` with the first difference.
pub(super) fn check(expected: &[String], answer: &Response, names: &mut Names) -> Result<(), String> {
    let (first, rest) = expected.split_first().ok_or("nothing is expected")?;
    let (head, rest) = rest.split_at(rest.iter().position(String::is_empty).unwrap_or(rest.len()));
    status(first, answer)?;
    for line in head {
        header(line, answer, names)?;
    }
    body(rest.get(1..).unwrap_or_default(), &answer.body, names)
}

/// Checks the status line: `207`, `2xx` or `400 or 403`. A reason phrase may follow, or the
/// condition that the error body must contain.
fn status(line: &str, answer: &Response) -> Result<(), String> {
    let status = answer.status.as_u16().to_string();
    let condition = line.split(' ').find(|word| word.contains(':'));
    let wanted: Vec<_> = line
        .split(' ')
        .filter(|word| word.len() == 3 && word.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    let is_class = |wanted: &str| wanted.ends_with("xx") && status.starts_with(&wanted[..1]);
    if !wanted.iter().any(|wanted| *wanted == status || is_class(wanted)) {
        return Err(format!("status {status} instead of {line}"));
    }
    let Some(condition) = condition else { return Ok(()) };
    let error = tree::parsed(&answer.body)?;
    let conditions: Vec<_> = error.elements().map(|element| element.name.to_string()).collect();
    if error.is_dav("error") && conditions == [condition] {
        return Ok(());
    }
    Err(format!("{} with {conditions:?} instead of {condition}", error.name))
}

/// Checks a header: `Name: pattern`, or `no Name`. A repeated header matches if one of its lines
/// matches.
fn header(line: &str, answer: &Response, names: &mut Names) -> Result<(), String> {
    if let Some(name) = line.strip_prefix("no ") {
        return if answer.headers.contains_key(name) { Err(format!("a header {name}")) } else { Ok(()) };
    }
    let (name, wanted) = line.split_once(':').ok_or_else(|| format!("`{line}` is no header"))?;
    let mut values = answer.headers.get_all(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    if values.any(|value| pattern::match_line(wanted, &value, names)) {
        return Ok(());
    }
    Err(format!("the header {name} is {:?} instead of{wanted}", answer.headers.get(name)))
}

/// Checks the body: XML, the short form of a multistatus, or lines of text.
pub(super) fn body(expected: &[String], actual: &str, names: &mut Names) -> Result<(), String> {
    let (without, expected): (Vec<_>, Vec<_>) = expected.iter().cloned().partition(|line| line.starts_with("without "));
    for line in without {
        let absent = line.trim_start_matches("without ");
        if actual.contains(absent) {
            return Err(format!("{absent} is in the body"));
        }
    }
    if actual.is_empty() && expected.iter().all(|line| line == "nothing") {
        return Ok(());
    }
    if multistatus::is_short(&expected) {
        return multistatus::compare(&expected, actual, names);
    }
    if expected.first().is_some_and(|line| line.starts_with('<')) {
        let wanted = tree::parsed(&tree::declared(&expected.join("\n")))?;
        return tree::compare(&wanted, &tree::parsed(actual)?, names);
    }
    match pattern::first_missing(&expected, actual, names) {
        Some(line) => Err(format!("the body has not, in this place: {line}")),
        None => Ok(()),
    }
}
