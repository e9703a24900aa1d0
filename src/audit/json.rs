//! A timeline for programs.

use chrono::{DateTime, SecondsFormat};
use schemas::Timestamp;
use serde_json::{Value, json};

use crate::{Change, Entry, Timeline};

pub fn timeline(timeline: &Timeline) -> Value {
    let Timeline { uid, title, homes, entries } = timeline;
    json!({ "uid": uid, "title": title, "homes": homes, "events": entries.iter().map(entry).collect::<Vec<_>>() })
}

fn entry(entry: &Entry) -> Value {
    json!({
        "position": entry.position,
        "caused_by": entry.caused_by,
        "depth": entry.depth,
        "at": moment(entry.at),
        "type": entry.kind,
        "id": entry.event,
        "stream": entry.stream.to_string(),
        "revision": entry.revision,
        "request": entry.request,
        "owner": entry.owner,
        "actor": entry.actor,
        "via": entry.via,
        "agent": entry.agent,
        "sentence": entry.sentence,
        "changes": entry.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn change(change: &Change) -> Value {
    let Change { instance, what, before, after } = change;
    json!({ "instance": instance, "what": what, "before": before, "after": after })
}

fn moment(at: Timestamp) -> String {
    let moment = DateTime::from_timestamp_micros(at.0).unwrap_or_default();
    moment.to_rfc3339_opts(SecondsFormat::Micros, true)
}
