//! Properties that hold for every input. libFuzzer calls these functions (`targets/`), and so do
//! the tests (`tests/fuzz`), on the seeds and on seeded mutations of them.
//!
//! **Invariant:** a function returns unless the crate that it calls has a fault. If an input has a
//! head, its octets select an operation on the text after the first line end.

pub mod edits;
pub mod filters;
pub mod requests;
pub mod rules;
pub mod scheduling;
pub mod text;
pub mod tokens;
pub mod zones;

use ical::value::DateTime;
use ical::{Component, Document};

/// Splits an input into the octets that select an operation and the text.
fn head_and_text(data: &[u8]) -> Option<(&[u8], &str)> {
    let at = data.iter().position(|octet| *octet == b'\n')?;
    Some((&data[..at], std::str::from_utf8(&data[at + 1..]).ok()?))
}

/// Returns a calendar with one component of these lines, if that is well-formed.
fn component(name: &str, lines: &str) -> Option<Document> {
    let text =
        format!("BEGIN:VCALENDAR\r\nBEGIN:{name}\r\nUID:1\r\n{}\r\nEND:{name}\r\nEND:VCALENDAR\r\n", lines.trim_end());
    Document::parse(text).ok()
}

/// Returns an instant of the document, so that queries are close to its times.
fn origin(document: &Document) -> i64 {
    let starts = document.components().filter_map(Component::start);
    starts.map(|start| civil(&start)).min().unwrap_or(0)
}

fn civil(time: &DateTime) -> i64 {
    time.local().and_utc().timestamp()
}
