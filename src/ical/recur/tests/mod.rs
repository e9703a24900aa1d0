//! Tests of the expansion of series.

mod classes;
mod dateutil;
mod golden;
mod instances;
mod laws;
mod oracle;
mod rfc5545;
mod skip;

use super::{Budget, Instance};
use crate::Document;
use crate::series::Series;
use crate::time::{Window, local};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};

/// Returns a calendar object of events with one UID. Spaces in `events` become line ends.
pub(super) fn events(events: &[&str]) -> Document {
    let event = |lines: &&str| format!("BEGIN:VEVENT\nUID:1\n{}\nEND:VEVENT\n", lines.replace(' ', "\n"));
    let events: Vec<String> = events.iter().map(event).collect();
    let events = events.concat();
    Document::parse(specimens::calendar(&events)).expect("the text is well-formed")
}

pub(super) fn instant(text: &str) -> i64 {
    let value = DateTime::parse(text, None).expect("it is a time");
    crate::time::civil(value.local())
}

pub(super) fn utc(instant: i64) -> String {
    local(instant).format("%m%dT%H%M").to_string()
}

pub(super) fn window(from: &str, to: &str) -> Window {
    Window::new(instant(from), instant(to))
}

/// Returns the instances in the window as text, such as `0105T1200-1300`. An instance of an
/// override has a star.
pub(super) fn show(document: &Document, floating: &Zone, window: Window) -> String {
    let zones = Zones::of(document);
    let shown = |instance: &Instance<'_>| {
        let (start, end) = (utc(instance.start), utc(instance.end));
        let end = if start[..4] == end[..4] { &end[5..] } else { &end };
        format!("{start}-{end}{}", if instance.is_override { "*" } else { "" })
    };
    let mut all: Vec<String> = Vec::new();
    for series in Series::of(document, &zones) {
        let found = super::instances(&series, &zones, floating, window, &Budget::default());
        all.extend(found.expect("there are few").iter().map(shown));
    }
    all.join(" ")
}
