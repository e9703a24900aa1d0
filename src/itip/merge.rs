//! A client saved what it had read before others answered (RFC 6638 §3.2.10.1).
//!
//! **Invariant:** the state of the other attendees is the server's; everything else is what was sent. An attendee's copy needs
//! nothing here: there the others' entries are kept with every change.

use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{Guest, Meeting, Part};
use crate::people::{Agent, NEEDS_ACTION, partstat};
use crate::times::Key;
use crate::{Context, Standing};
use ical::{Address, Document, Edit};

/// What of an entry is the other attendee's, or the server's.
const STATE: [&str; 5] = ["PARTSTAT", "RSVP", "DELEGATED-TO", "DELEGATED-FROM", "SCHEDULE-STATUS"];

/// `sent` with the other attendees' state as it is in `known`; `None`: it has it already.
pub fn keep_known(sent: &Document, known: &Document, standing: &Standing, context: &Context<'_>) -> Option<String> {
    match standing {
        Standing::NotScheduled | Standing::Attendee { .. } => return None,
        Standing::Organizer { .. } => {}
    }
    let (sent, known) = (Meeting::of(sent, context), Meeting::of(known, context));
    let mut edit = sent.document.edit();
    for (slot, part) in sent.parts() {
        let Some(known) = known.at(slot) else { continue };
        for guest in part.guests.iter().filter(|guest| guest.agent == Agent::Server && !is_asked_again(guest)) {
            if let Some(known) = known.guest(&guest.address) {
                restore(guest, known, &mut edit);
            }
        }
        for delegate in known.guests.iter().filter(|guest| part.guest(&guest.address).is_none()) {
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

/// RFC 6638 §3.2.7: whose entry is to be sent in any case is asked to reconsider what he said.
fn is_asked_again(guest: &Guest<'_>) -> bool {
    guest.property.param("SCHEDULE-FORCE-SEND").is_some() && partstat(guest.property) == NEEDS_ACTION
}

/// Somebody who came in by an answer, of which the client knew nothing when it read the one who sent him.
fn is_unseen_delegate(delegate: &Guest<'_>, sent: &Part<'_>, context: &Context<'_>) -> bool {
    let from = delegate.property.param("DELEGATED-FROM").and_then(|from| Address::parse(&from));
    let delegator = from.and_then(|from| sent.guest(&(context.same)(&from)));
    delegator.is_some_and(|delegator| delegator.property.param("DELEGATED-TO").is_none())
}

fn restore(guest: &Guest<'_>, known: &Guest<'_>, edit: &mut Edit<'_>) {
    let id = guest.property.id();
    for name in STATE {
        match (known.property.param(name), guest.property.param(name)) {
            (Some(known), sent) if sent.as_ref() != Some(&known) => edit.set_param(id, name, &known),
            (None, Some(_)) => edit.remove_param(id, name),
            (Some(_) | None, _) => {}
        }
    }
}

/// An instance that is a component of its own only because somebody answered for it: the client has not seen it yet.
fn unseen(key: Key, part: &Part<'_>, known: &Meeting<'_>, sent: &Meeting<'_>, context: &Context<'_>) -> Option<String> {
    if sent.overrides.contains_key(&key) {
        return None;
    }
    let (was, mut body) = (known.derive(key)?, sent.derive(key)?);
    let is = Body::of(part.component);
    let difference = diff::between(&was, &is, &known.times, &known.times);
    if difference.tells() || people(&was, context) != people(&is, context) {
        return None; // the organizer made it, and takes it away
    }
    for line in body.lines.iter_mut().filter(|line| line.is("ATTENDEE")) {
        let address = line.address().map(|address| (context.same)(&address));
        if let Some(guest) = address.and_then(|address| part.guest(&address)) {
            *line = Line::of(guest.property);
        }
    }
    Some(body.text())
}

fn people(body: &Body<'_>, context: &Context<'_>) -> Vec<Address> {
    let addresses = body.lines.iter().filter(|line| line.is("ATTENDEE")).filter_map(Line::address);
    let mut addresses: Vec<_> = addresses.map(|address| (context.same)(&address)).collect();
    addresses.sort();
    addresses
}
