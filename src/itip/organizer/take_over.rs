//! Hands a meeting over from an organizer who leaves to a successor (RFC 5546 §3.2.2.4).
//!
//! **Invariant:** the answers of the attendees other than the successor stay. Alarms belong to a
//! person, so those of the predecessor are removed.

use super::messages;
use crate::calendar_user_role::is_scheduled;
use crate::line::Line;
use crate::meeting::Meeting;
use crate::participation::{ACCEPTED, NEEDS_ACTION, partstat};
use crate::sent_by::become_owner;
use crate::{Change, Context, Owner};
use ical::{Address, Component, Document, Edit, Property};

/// Returns the meeting with `successor` as its organizer, and the REQUESTs that notify the
/// attendees; `None` if neither the predecessor nor the successor organizes the meeting. `context`
/// is that of the successor's home.
///
/// `SEQUENCE` increases (RFC 5546 §3.2.2.4). `own` is the copy that the successor had as an
/// attendee; its alarms stay.
pub fn take_over(
    object: &Document,
    own: Option<&Document>,
    successor: Owner<'_>,
    is_predecessor: &dyn Fn(&Address) -> bool,
    context: &Context<'_>,
) -> Option<Change> {
    let mut edit = object.edit();
    for component in object.root().components().filter(|component| is_scheduled(*component)) {
        let organizer = component.property("ORGANIZER").filter(|line| is_of(*line, is_predecessor));
        if let Some(organizer) = organizer {
            become_owner(&mut edit, organizer, successor);
            edit.remove_param(organizer.id(), "SENT-BY");
        }
        attendees(component, successor, is_predecessor, context, &mut edit);
        raise_sequence(component, &mut edit);
        alarms(component, own, &mut edit);
    }
    let text = edit.finish();
    let document = Document::parse(text).expect("an edited document is as well-formed as it was");
    let taken = Meeting::of(&document, context);
    let is_theirs = taken.organizer.as_ref().is_some_and(context.owns);
    let messages = is_theirs.then(|| messages::hand_over(&taken, context))?;
    Some(Change { messages, stored: Some(document.into_string()), ..Change::default() })
}

fn is_of(line: Property<'_>, whose: &dyn Fn(&Address) -> bool) -> bool {
    line.address().is_some_and(|address| whose(&address))
}

/// Removes the predecessor's ATTENDEE line, and lets the successor take part: they accept, unless
/// they have answered otherwise.
fn attendees(
    component: Component<'_>,
    successor: Owner<'_>,
    is_predecessor: &dyn Fn(&Address) -> bool,
    context: &Context<'_>,
    edit: &mut Edit<'_>,
) {
    let mut takes_part = false;
    for line in component.properties_named("ATTENDEE") {
        if is_of(line, is_predecessor) {
            edit.remove(line.id());
        } else if is_of(line, context.owns) {
            takes_part = true;
            for param in ["RSVP", "SCHEDULE-STATUS"] {
                edit.remove_param(line.id(), param);
            }
            if partstat(line) == NEEDS_ACTION {
                edit.set_param(line.id(), "PARTSTAT", ACCEPTED);
            }
        }
    }
    if !takes_part && component.property("ATTENDEE").is_some() {
        let mut line = Line::new("ATTENDEE", successor.address.as_written());
        if !successor.name.is_empty() {
            line.set_param("CN", successor.name);
        }
        line.set_param("PARTSTAT", ACCEPTED);
        edit.append_property(component.id(), line.as_str());
    }
}

fn raise_sequence(component: Component<'_>, edit: &mut Edit<'_>) {
    match component.property("SEQUENCE") {
        Some(line) => {
            let next = line.value().trim().parse::<i32>().unwrap_or(0).saturating_add(1);
            edit.set_value(line.id(), &next.to_string());
        }
        None => edit.append_property(component.id(), "SEQUENCE:1"),
    }
}

fn alarms(component: Component<'_>, own: Option<&Document>, edit: &mut Edit<'_>) {
    for alarm in component.components_named("VALARM") {
        edit.remove_component(alarm.id());
    }
    let instance = |component: Component<'_>| component.property("RECURRENCE-ID").map(|id| id.value().to_owned());
    let mut owns = own.into_iter().flat_map(|own| own.root().components());
    let copy = owns.find(|copy| copy.name() == component.name() && instance(*copy) == instance(component));
    for alarm in copy.into_iter().flat_map(|copy| copy.components_named("VALARM")) {
        edit.append_component(component.id(), alarm.text());
    }
}
