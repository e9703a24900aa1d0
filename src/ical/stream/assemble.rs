//! Assembly of the components of one object into a text of its own.

use std::collections::BTreeSet;

use crate::Document;

/// The parts of a file that make up one object, as octets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// The lines `VERSION`, `PRODID` and `CALSCALE` of the object's `VCALENDAR`.
    pub head: Vec<String>,
    /// The object's VTIMEZONEs, each with the number of its first line in the file.
    pub zones: Vec<(Vec<u8>, u64)>,
    /// The object's components, each with the number of its first line in the file.
    pub components: Vec<(Vec<u8>, u64)>,
}

/// The text of one object, with a map from its lines to those of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assembled {
    /// The text of the object.
    pub octets: Vec<u8>,
    /// For each VTIMEZONE and each component of the object, the number of its first line in the
    /// text and in the file, both from 1.
    lines: Vec<(u64, u64)>,
}

impl Assembled {
    /// Returns the line number in the file for a line number of the text, both from 1.
    pub fn line_in_file(&self, line: u64) -> u64 {
        let part = self.lines.iter().rev().find(|(first, _)| *first <= line).or(self.lines.first());
        part.map_or(line, |(first, in_file)| in_file + line.saturating_sub(*first))
    }
}

/// The PRODID line of an object if its `VCALENDAR` in the file has none.
const NO_PRODID: &str = "PRODID:-//Daybook//Import//EN";

/// Returns the object as the text of a `VCALENDAR`. Its parts keep their octets.
pub fn assemble(parts: &Parts) -> Assembled {
    let is_lf =
        parts.components.first().is_some_and(|(octets, _)| !octets.ends_with(b"\r\n") && octets.ends_with(b"\n"));
    let line_end = if is_lf { "\n" } else { "\r\n" };
    let mut head: Vec<&str> = vec!["BEGIN:VCALENDAR"];
    let has = |name: &str| parts.head.iter().any(|line| line.to_ascii_uppercase().starts_with(name));
    head.extend((!has("VERSION")).then_some("VERSION:2.0"));
    head.extend((!has("PRODID")).then_some(NO_PRODID));
    head.extend(parts.head.iter().map(String::as_str));
    let mut octets = vec![];
    for line in &head {
        octets.extend(line.as_bytes());
        octets.extend(line_end.as_bytes());
    }
    let mut lines = vec![];
    let mut line = head.len() as u64 + 1;
    for (part, in_file) in parts.zones.iter().chain(&parts.components) {
        lines.push((line, *in_file));
        octets.extend(part);
        if !part.ends_with(b"\n") {
            octets.extend(line_end.as_bytes());
        }
        line += memchr::memchr_iter(b'\n', part).count().max(1) as u64;
    }
    octets.extend(format!("END:VCALENDAR{line_end}").as_bytes());
    Assembled { octets, lines }
}

/// Returns the TZID parameters in the components of a text, without quotation marks; an empty set
/// if the text cannot be parsed.
pub fn tzids(octets: &[u8]) -> BTreeSet<String> {
    let Ok(document) = Document::parse(String::from_utf8_lossy(octets).into_owned()) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    let mut open: Vec<_> = document.root().components().collect();
    while let Some(component) = open.pop() {
        let named = component.properties().filter_map(|property| property.param("TZID"));
        found.extend(named.map(|tzid| tzid.trim_matches('"').to_owned()));
        open.extend(component.components());
    }
    found
}
