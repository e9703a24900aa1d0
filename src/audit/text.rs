//! A timeline as text, for people.
//!
//! **Invariant:** one line for each event and change, whatever clients wrote: see [`visible`].

use std::fmt::Write;

use chrono::DateTime;
use schemas::Timestamp;

use crate::{Change, Entry, Timeline, visible::visible};

/// Several lines, the last one ended.
pub fn timeline(timeline: &Timeline) -> String {
    let Timeline { uid, title, homes, entries } = timeline;
    if entries.is_empty() {
        return format!("Nothing is known of a meeting with the UID {}.\n", visible(uid));
    }
    let (title, uid) = (visible(title), visible(uid));
    let mut text = format!("“{title}” ({uid}): {} events in {homes} homes\n", entries.len());
    let mut began = Timestamp::default();
    for entry in entries {
        if entry.depth == 0 {
            began = entry.at;
            text.push('\n');
        }
        line(&mut text, entry, began);
        for change in &entry.changes {
            let _ = writeln!(text, "{:indent$}{}", "", self::change(change), indent = 10 + 2 * (entry.depth + 1));
        }
    }
    text
}

/// `#12  2026-01-05 09:00:00 Alice …`; effects say how much later they came.
fn line(text: &mut String, entry: &Entry, began: Timestamp) {
    let number = format!("#{}", entry.position);
    let (sentence, depth) = (visible(&entry.sentence), &entry.depth);
    let _ = if *depth == 0 {
        writeln!(text, "{number:<8}{}  {sentence}{}", moment(entry.at), client(entry))
    } else {
        let later = (entry.at.0 - began.0) / 1000;
        writeln!(text, "{number:<8}{:indent$}→ {sentence}  (+{later} ms)", "", indent = 2 * depth)
    };
}

fn client(entry: &Entry) -> String {
    match (entry.via.as_str(), entry.agent.as_str()) {
        ("", "") => String::new(),
        (via, "") => format!("  [{via}]"),
        (via, agent) => format!("  [{via}, {}]", visible(agent)),
    }
}

/// `DTSTART: 1 → 2`.
pub(crate) fn change(change: &Change) -> String {
    let Change { instance, what, before, after } = change;
    let which = if instance.is_empty() { String::new() } else { format!("{}: ", visible(instance)) };
    let (what, before, after) = (visible(what), before.as_deref().map(visible), after.as_deref().map(visible));
    match (before, after) {
        (Some(before), Some(after)) => format!("{which}{what}: {before} → {after}"),
        (None, Some(after)) => format!("{which}{what}: {after}"),
        (Some(before), None) => format!("{which}{what}: {before} → (nothing)"),
        (None, None) => format!("{which}{what}"),
    }
}

/// UTC, to the second.
fn moment(at: Timestamp) -> String {
    let moment = DateTime::from_timestamp(at.seconds(), 0).unwrap_or_default();
    moment.format("%Y-%m-%d %H:%M:%S").to_string()
}
