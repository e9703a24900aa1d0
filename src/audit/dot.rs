//! Writes a timeline as a graph in the DOT language of Graphviz: one node for each event, with an
//! arrow from its cause.

use std::fmt::Write;

use crate::{Clock, Entry, Timeline, foreign};

/// Maximum number of characters in a line of a label, except for a single longer word.
const LINE_CHARACTERS: usize = 60;

/// Returns the graph. Events whose cause is not in the timeline are boxes, all others ellipses.
/// Altered events are red.
pub fn graph(timeline: &Timeline, clock: &Clock) -> String {
    let mut text = "digraph timeline {\n  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=10];\n".to_owned();
    for entry in &timeline.entries {
        let shape = if entry.caused_by.is_none() { "box" } else { "ellipse" };
        let color = if entry.fault.is_some() { ", color=red" } else { "" };
        let _ = writeln!(text, "  e{} [shape={shape}{color}, label=\"{}\"];", entry.position, label(entry, clock));
        if let Some(cause) = entry.caused_by {
            let _ = writeln!(text, "  e{cause} -> e{};", entry.position);
        }
    }
    text.push_str("}\n");
    text
}

/// Returns the label of an event's node, such as `#12  Mon 5 Jan 2026 …\nAlice Ames stored …`.
/// Backslashes, quotation marks and line ends are escaped for a DOT string.
fn label(entry: &Entry, clock: &Clock) -> String {
    let altered = if entry.fault.is_some() { "ALTERED  " } else { "" };
    let mut label = format!("{altered}#{}  {}", entry.position, clock.long(entry.at));
    let sentence = foreign::visible(&entry.sentence);
    let mut line = String::new();
    for word in sentence.split(' ') {
        if !line.is_empty() && line.chars().count() + word.chars().count() >= LINE_CHARACTERS {
            label.push('\n');
            label.push_str(&std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    label.push('\n');
    label.push_str(&line);
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Detail, Evidence};

    #[test]
    fn a_graph_without_events_is_a_graph() {
        let timeline = Timeline::of(&Evidence::default(), Detail::Events);
        let clock = Clock::named("UTC").expect("a zone");
        assert!(graph(&timeline, &clock).ends_with("fontsize=10];\n}\n"));
    }
}
