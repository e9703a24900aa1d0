//! Merges a text that a client based on an outdated copy with the replies that arrived since (RFC
//! 6638 §3.2.10.1).
//!
//! **Invariant:** the participation of the attendees to whom the server sends messages comes from
//! the server, unless the client asks them to answer again. Everything else comes from the client,
//! but for delegates and overrides that replies added. For an attendee's copy, see
//! [`rebase`](crate::attendee::rebase).

use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{Attendee, Meeting, Part};
use crate::participation::{Agent, NEEDS_ACTION, partstat};
use crate::times::InstanceKey;
use crate::{CalendarUserRole, Context};
use ical::{Address, Document, Edit};

/// Parameters of an ATTENDEE line that the attendee or the server sets.
const STATE: [&str; 4] = ["PARTSTAT", "DELEGATED-TO", "DELEGATED-FROM", "SCHEDULE-STATUS"];

/// Returns the organizer's object `sent` with the attendees' participation taken from `known`, the
/// current object; `None` if nothing differs, or if the owner does not organize the meeting.
pub fn merge_participation(
    sent: &Document,
    known: &Document,
    role: &CalendarUserRole,
    context: &Context<'_>,
) -> Option<String> {
    match role {
        CalendarUserRole::NotScheduled | CalendarUserRole::Attendee { .. } => return None,
        CalendarUserRole::Organizer { .. } => {}
    }
    let (sent, known) = (Meeting::of(sent, context), Meeting::of(known, context));
    let mut edit = sent.document.edit();
    for (component_key, part) in sent.parts() {
        let Some(known) = known.at(component_key) else { continue };
        let is_restored = |attendee: &&Attendee<'_>| attendee.agent == Agent::Server && !is_asked_again(attendee);
        for attendee in part.answered_lines().filter(is_restored) {
            if let Some(known) = known.line_of(attendee) {
                restore(attendee, known, &mut edit);
            }
        }
        for delegate in known.attendees.iter().filter(|attendee| part.attendee(&attendee.address).is_none()) {
            if is_unseen_delegate(delegate, part, context) {
                edit.append_property(part.component.id(), delegate.property.content_line());
            }
        }
    }
    for (key, part) in &known.overrides {
        if let Some(text) = unseen(*key, part, &known, &sent, context) {
            edit.append_component(sent.document.root().id(), &text);
        }
    }
    (!edit.is_empty()).then(|| edit.finish())
}

/// Returns whether the organizer asks the attendee to reconsider their answer: SCHEDULE-FORCE-SEND
/// with PARTSTAT=NEEDS-ACTION (RFC 6638 §3.2.7).
fn is_asked_again(attendee: &Attendee<'_>) -> bool {
    attendee.property.param("SCHEDULE-FORCE-SEND").is_some() && partstat(attendee.property) == NEEDS_ACTION
}

/// Returns whether `delegate` was added by a reply that the client had not seen when it read the
/// object.
fn is_unseen_delegate(delegate: &Attendee<'_>, sent: &Part<'_>, context: &Context<'_>) -> bool {
    let from = Line::of(delegate.property).addresses("DELEGATED-FROM");
    let mut delegators = from.iter().filter_map(|from| sent.attendee(&(context.canonical)(from)));
    delegators.any(|delegator| {
        let to = Line::of(delegator.property).addresses("DELEGATED-TO");
        !to.iter().any(|to| (context.canonical)(to) == delegate.address)
    })
}

fn restore(attendee: &Attendee<'_>, known: &Attendee<'_>, edit: &mut Edit<'_>) {
    let (known, mut line) = (Line::of(known.property), Line::of(attendee.property));
    for name in STATE {
        line.copy_param(name, &known);
    }
    if line.as_str() != attendee.property.content_line() {
        edit.replace(attendee.property.id(), line.as_str());
    }
}

/// Returns the override that `known` has only because an attendee answered for that instance,
/// derived again from the series of `sent`. `None` if `sent` has an override for the instance, if
/// one of the two series has no such instance, or if the override differs from its series in other
/// ways: then the organizer made it, and now removes it.
fn unseen(
    key: InstanceKey,
    part: &Part<'_>,
    known: &Meeting<'_>,
    sent: &Meeting<'_>,
    context: &Context<'_>,
) -> Option<String> {
    if sent.overrides.contains_key(&key) {
        return None;
    }
    let (was, mut body) = (known.derive(key)?, sent.derive(key)?);
    let is = Body::of(part.component);
    let difference = diff::between(&was, &is, &known.times, &known.times);
    if difference.tells() || people(&was, context) != people(&is, context) {
        return None; // the organizer made the override, and now removes it
    }
    for line in body.lines.iter_mut().filter(|line| line.is("ATTENDEE")) {
        let address = line.address().map(|address| (context.canonical)(&address));
        if let Some(attendee) = address.and_then(|address| part.attendee(&address)) {
            *line = Line::of(attendee.property);
        }
    }
    Some(body.text())
}

fn people(body: &Body<'_>, context: &Context<'_>) -> Vec<Address> {
    let addresses = body.lines.iter().filter(|line| line.is("ATTENDEE")).filter_map(Line::address);
    let mut addresses: Vec<_> = addresses.map(|address| (context.canonical)(&address)).collect();
    addresses.sort();
    addresses
}
