//! Summarises the changes of an act in a few lines.

use std::collections::BTreeMap;

use schemas::object::Role;

use super::fold::{ActEvent, is_content};
use crate::{
    Change, Entry,
    change::{self, Class, Value},
    foreign, moment,
    names::NamesAt,
    reasons::short_list,
    sentence::Context,
};

/// Maximum number of lines for the changes of one event. Further changes are only counted.
const SHOWN_CHANGES: usize = 8;

/// Returns two lists of lines: the changes that people made, and those that the server made to the
/// same objects.
pub(super) fn of(context: &Context<'_>, direct: &[ActEvent<'_>]) -> (Vec<String>, Vec<String>) {
    let (mut people, mut server) = (vec![], vec![]);
    for event in direct.iter().filter(|event| is_content(event)) {
        let names = context.names(event.recorded);
        if event.step.before.is_none() {
            people.extend(whole(&event.entry.changes, &names));
            continue;
        }
        let Entry { role, server_changes, edits, knows_sent, .. } = event.entry;
        let (lines, set_back) = changes(&event.entry.changes, &names, *role);
        people.extend(lines);
        // Without the recorded body of the request, it is unknown whether the client or the server
        // reset the answers. They are then listed as changes of the person.
        people.extend(set_back);
        if *knows_sent {
            let (_, set_back) = changes(server_changes, &names, *role);
            let others = edits.iter().filter(|_| set_back.is_empty());
            let rest = edits.iter().filter(|edit| !set_back.is_empty() && !edit.starts_with("set answers back"));
            server.extend(set_back.iter().cloned().chain(others.chain(rest).cloned()));
        }
    }
    (people, server)
}

/// Describes a new object: its title, time, recurrence rule, place, class and attendees.
fn whole(changes: &[Change], names: &NamesAt<'_>) -> Vec<String> {
    let master = |property: &str| {
        let found = changes.iter().find(|change| change.property == property && change.instance.is_none())?;
        Some(match found.after.as_ref()? {
            Value::Time(time) => moment::value(time),
            Value::Text(text) | Value::Raw(text) => foreign::quoted(text),
        })
    };
    let first: Vec<String> = ["SUMMARY", "DTSTART", "DUE"].iter().filter_map(|property| master(property)).collect();
    let mut line = first.join(", ");
    for (property, before) in [("RRULE", ", repeats "), ("LOCATION", ", at "), ("CLASS", ", class ")] {
        if let Some(value) = master(property) {
            line.push_str(before);
            line.push_str(&value);
        }
    }
    let attendees = changes.iter().filter(|change| change.property == "ATTENDEE" && change.instance.is_none());
    let mut attendees: Vec<String> =
        attendees.filter_map(|change| change.whose.as_deref()).map(|whose| names.address(whose)).collect();
    attendees.dedup();
    let mut lines = vec![line];
    if !attendees.is_empty() {
        lines.push(format!("attendees: {}", short_list(&attendees)));
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Returns two lists of lines: the changes of the person, and the answers (PARTSTAT) that were
/// reset with them.
fn changes(changes: &[Change], names: &NamesAt<'_>, role: Role) -> (Vec<String>, Vec<String>) {
    let is_set_back = |change: &Change| {
        change.property == "PARTSTAT"
            && role == Role::Organizer
            && change.after.as_ref().is_some_and(|after| after.for_programs() == "NEEDS-ACTION")
            && change.before.is_some()
    };
    let mut by_instance: BTreeMap<String, Vec<&Change>> = BTreeMap::new();
    let mut set_back: Vec<String> = vec![];
    let mut trivial: Vec<&str> = vec![];
    for change in changes {
        if is_set_back(change) {
            let name = change.whose.as_deref().map(|whose| names.address(whose)).unwrap_or_default();
            if !set_back.contains(&name) {
                set_back.push(name);
            }
        } else if change.class == Class::Trivial {
            if !trivial.contains(&change.property.as_str()) {
                trivial.push(&change.property);
            }
        } else {
            let instance = change.instance.as_ref().map(moment::value).unwrap_or_default();
            by_instance.entry(instance).or_default().push(change);
        }
    }
    let mut lines: Vec<String> = vec![];
    for (instance, changes) in &by_instance {
        let which = if instance.is_empty() { String::new() } else { format!("the instance of {instance}: ") };
        lines.extend(phrases(changes, names).into_iter().map(|phrase| format!("{which}{phrase}")));
    }
    if lines.len() > SHOWN_CHANGES {
        let hidden = lines.len() - SHOWN_CHANGES;
        lines.truncate(SHOWN_CHANGES);
        lines.push(format!("and {hidden} further changes; `daybook timeline --all` shows them"));
    }
    if lines.is_empty() && !trivial.is_empty() {
        let trivial: Vec<String> = trivial.iter().map(|name| foreign::identifier(name)).collect();
        lines.push(format!("only {} differ", short_list(&trivial)));
    }
    let server = if set_back.is_empty() {
        vec![]
    } else {
        vec![format!("answers of {} set back to “no answer yet”", short_list(&set_back))]
    };
    (lines, server)
}

/// Returns the changes as phrases. The start comes first. An end that moved by the same duration as
/// the start is left out.
fn phrases(changes: &[&Change], names: &NamesAt<'_>) -> Vec<String> {
    let find = |property: &str| changes.iter().copied().find(|change| change.property == property);
    let moved_by = |change: &Change| match (&change.before, &change.after) {
        (Some(Value::Time(before)), Some(Value::Time(after))) if before.tzid() == after.tzid() => {
            Some(after.local() - before.local())
        }
        _ => None,
    };
    let start = find("DTSTART");
    let follows = |change: &Change| {
        matches!(change.property.as_str(), "DTEND" | "DUE")
            && start.and_then(moved_by).is_some_and(|by| moved_by(change) == Some(by))
    };
    let others = changes.iter().copied().filter(|change| change.property != "DTSTART" && !follows(change));
    start.into_iter().chain(others).map(|change| change::phrase(change, names)).collect()
}
