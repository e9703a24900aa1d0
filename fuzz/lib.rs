//! Properties that must hold for every input. libFuzzer calls these functions (`targets/`). The
//! tests call them too (`tests/fuzz`), with the seeds and with seeded mutations of them.
//!
//! **Invariant:** a function panics only if the crate that it calls has a fault. The first line of
//! an input may be a head: its octets select operations on the text after it.

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

/// Splits an input after its first line into the head, whose octets select operations, and the
/// text. `None` if there is no line end or the text is not UTF-8.
fn head_and_text(data: &[u8]) -> Option<(&[u8], &str)> {
    let at = data.iter().position(|octet| *octet == b'\n')?;
    Some((&data[..at], std::str::from_utf8(&data[at + 1..]).ok()?))
}

/// Returns a calendar with one component that has these lines; `None` if it is not well-formed.
fn component(name: &str, lines: &str) -> Option<Document> {
    let text =
        format!("BEGIN:VCALENDAR\r\nBEGIN:{name}\r\nUID:1\r\n{}\r\nEND:{name}\r\nEND:VCALENDAR\r\n", lines.trim_end());
    Document::parse(text).ok()
}

/// Returns the earliest start in the document, in seconds since the epoch with local times read as
/// UTC, so that queries are close to its times. 0 if it has no start.
fn origin(document: &Document) -> i64 {
    let starts = document.components().filter_map(Component::start);
    starts.map(|start| civil(&start)).min().unwrap_or(0)
}

fn civil(time: &DateTime) -> i64 {
    time.local().and_utc().timestamp()
}
