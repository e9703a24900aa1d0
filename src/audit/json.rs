//! Writes a timeline as JSON for programs.

use serde_json::{Value, json};

use crate::{Act, Change, Entry, Fault, Timeline, moment};

/// Returns the timeline as one JSON object, with its acts, and its events, each after its cause.
pub fn timeline(timeline: &Timeline) -> Value {
    let Timeline { uid, title, homes, entries, acts, faults, unlisted, paths: _, left_out } = timeline;
    json!({
        "uid": uid,
        "title": title,
        "homes": homes,
        "acts": acts.iter().map(act).collect::<Vec<_>>(),
        "events": entries.iter().map(entry).collect::<Vec<_>>(),
        "altered": faults.iter().map(fault).collect::<Vec<_>>(),
        "unlisted": unlisted,
        "left_out": left_out.acts,
    })
}

/// Returns an act as a JSON object.
pub fn act(act: &Act) -> Value {
    json!({
        "position": act.position,
        "at": moment::rfc3339(act.at),
        "request": act.request,
        "actor": act.actor,
        "by": act.by,
        "people": act.people,
        "via": act.via,
        "program": act.program,
        "address": act.address,
        "right": act.right,
        "deed": act.deed,
        "instances": act.instances,
        "details": act.details,
        "changes": act.changes.iter().map(change).collect::<Vec<_>>(),
        "server": act.server,
        "told": act.notified,
        "not_told": act.not_notified,
        "events": act.events,
        "altered": act.altered,
    })
}

/// Returns an event as a JSON object.
pub fn entry(entry: &Entry) -> Value {
    json!({
        "position": entry.position,
        "caused_by": entry.caused_by,
        "depth": entry.depth,
        "at": moment::rfc3339(entry.at),
        "type": entry.kind,
        "id": entry.event,
        "stream": entry.stream.to_string(),
        "revision": entry.revision,
        "hash": entry.hash,
        "request": entry.request,
        "correlation": entry.correlation,
        "owner": entry.owner,
        "actor": entry.actor,
        "actor_id": entry.actor_id,
        "on_behalf_of": entry.on_behalf_of,
        "via": entry.via,
        "agent": entry.agent,
        "address": entry.address,
        "href": entry.href,
        "etag": entry.etag,
        "schedule_tag": entry.schedule_tag,
        "recipients": entry.recipients,
        "sentence": entry.sentence,
        "changes": entry.changes.iter().map(change).collect::<Vec<_>>(),
        "server_changes": entry.server_changes.iter().map(change).collect::<Vec<_>>(),
        "edits": entry.edits,
        "right": entry.right,
        "altered": entry.fault,
    })
}

fn change(change: &Change) -> Value {
    let Change { instance, property, whose, before, after, class } = change;
    json!({
        "instance": instance.as_ref().map(ToString::to_string),
        "property": property,
        "whose": whose,
        "before": before.as_ref().map(crate::change::Value::for_programs),
        "after": after.as_ref().map(crate::change::Value::for_programs),
        "class": class.as_str(),
    })
}

fn fault(fault: &Fault) -> Value {
    json!({ "position": fault.position, "why": fault.why })
}
