//! The short form of an expected `DAV:multistatus`: hrefs, and below each href its properties,
//! grouped by status.

use dav::xml::Element;

use super::{
    pattern::{self, Names},
    tree,
};

/// A line without indentation, with the indented lines below it.
struct Entry {
    head: String,
    below: Vec<String>,
}

/// Returns true if the expectation is written in the short form.
pub(super) fn is_short(expected: &[String]) -> bool {
    expected.iter().find(|line| !line.is_empty()).is_some_and(|line| is_head(line))
}

/// Compares a whole response with the short form. The line `/...` allows further response elements.
pub(super) fn compare(expected: &[String], body: &str, names: &mut Names) -> Result<(), String> {
    let actual = tree::parsed(body)?;
    if !actual.is_dav("multistatus") {
        return Err(format!("{} instead of DAV:multistatus", actual.name));
    }
    let mut responses: Vec<_> = actual.named("DAV:", "response").collect();
    let mut is_open = false;
    for entry in entries(expected) {
        match entry.head.as_str() {
            "/..." => is_open = true,
            "nothing" => {}
            head if head.starts_with("sync-token ") => sync_token(head, &actual, names)?,
            head => {
                let href = head.split(' ').next().unwrap_or_default();
                let found =
                    responses.iter().position(|response| pattern::match_line(href, &text(response, "href"), names));
                let found = found.ok_or_else(|| format!("no response for {href}"))?;
                response(&entry, responses.remove(found), names).map_err(|why| format!("{href}: {why}"))?;
            }
        }
    }
    match responses.first() {
        Some(extra) if !is_open => Err(format!("a response for {} as well", text(extra, "href"))),
        _ => Ok(()),
    }
}

fn is_head(line: &str) -> bool {
    line.starts_with('/') || line.starts_with("sync-token ") || line == "nothing"
}

fn entries(lines: &[String]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for line in lines {
        match entries.last_mut() {
            Some(entry) if !is_head(line) => entry.below.push(line.trim().to_owned()),
            _ => entries.push(Entry { head: line.clone(), below: vec![] }),
        }
    }
    entries
}

fn sync_token(head: &str, actual: &Element, names: &mut Names) -> Result<(), String> {
    let wanted = head.trim_start_matches("sync-token ");
    let token = text(actual, "sync-token");
    if pattern::match_line(wanted, &token, names) { Ok(()) } else { Err(format!("the sync-token is {token}")) }
}

/// Compares one response element: either a status after its href, or properties by status in the
/// lines below.
fn response(entry: &Entry, actual: &Element, names: &mut Names) -> Result<(), String> {
    if let Some((_, status)) = entry.head.split_once(' ') {
        return stated(status, actual);
    }
    let mut propstats: Vec<_> = actual.named("DAV:", "propstat").collect();
    for (status, xml) in wanted_propstats(&entry.below) {
        let number = status.split(' ').next().unwrap_or_default();
        let found = propstats.iter().position(|propstat| text(propstat, "status").contains(number));
        let propstat = propstats.remove(found.ok_or_else(|| format!("no propstat with {status}"))?);
        stated(&status, propstat)?;
        let prop = propstat.dav("prop").ok_or("a propstat without prop")?;
        tree::children(&tree::fragments(&xml)?, prop, names).map_err(|why| format!("{status}: {why}"))?;
    }
    match propstats.first() {
        Some(extra) => Err(format!("a propstat with {} as well", text(extra, "status"))),
        None => Ok(()),
    }
}

/// Returns each expected status with its XML, which follows on the same line and on the next lines.
fn wanted_propstats(lines: &[String]) -> Vec<(String, String)> {
    let mut wanted: Vec<(String, String)> = Vec::new();
    for line in lines {
        let is_status = line.len() >= 3 && line.as_bytes()[..3].iter().all(u8::is_ascii_digit);
        match wanted.last_mut() {
            Some((_, xml)) if !is_status => {
                xml.push('\n');
                xml.push_str(line);
            }
            _ => {
                let at = line.find(['<', '.']).unwrap_or(line.len());
                wanted.push((line[..at].trim().to_owned(), line[at..].to_owned()));
            }
        }
    }
    wanted
}

/// Checks the status of a response element or propstat, and its condition if one is expected.
fn stated(wanted: &str, actual: &Element) -> Result<(), String> {
    let (number, condition) = wanted.split_once(' ').unwrap_or((wanted, ""));
    let status = text(actual, "status");
    if !status.contains(number) {
        return Err(format!("the status is {status:?} instead of {number}"));
    }
    let element = actual.dav("error").and_then(|error| error.elements().next());
    let found = element.map(|element| element.name.to_string()).unwrap_or_default();
    if condition.is_empty() || condition == found { Ok(()) } else { Err(format!("the condition is {found:?}")) }
}

fn text(element: &Element, child: &str) -> String {
    element.dav(child).map(|child| child.text().trim().to_owned()).unwrap_or_default()
}
