//! Writes a timeline as a table, with one row for each act.

use crate::{Timeline, csv, moment, text};

const COLUMNS: [&str; 11] =
    ["position", "at", "actor", "program", "address", "request", "deed", "changes", "server", "told", "not told"];

/// Returns the acts as CSV, with the column names in the first line.
pub fn csv(timeline: &Timeline) -> String {
    let mut table = csv::line(&COLUMNS.map(str::to_owned));
    for act in &timeline.acts {
        table.push_str(&csv::line(&[
            act.position.to_string(),
            moment::rfc3339(act.at),
            act.actor.clone(),
            text::origin(act),
            act.address.clone(),
            act.request.to_string(),
            act.deed.clone(),
            act.details.join("; "),
            act.server.join("; "),
            act.notified.join("; "),
            act.not_notified.join("; "),
        ]));
    }
    table
}
