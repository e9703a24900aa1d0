//! The organizer's object as it is kept: the client's octets, but for what RFC 6638 gives to the server.
//!
//! **Invariant:** participation is what attendees said (§3.2.1) unless they are asked again (§3.2.8); `SCHEDULE-STATUS`
//! says nothing but what the server said (§7.3); `SCHEDULE-FORCE-SEND` is not kept (§7.2); `SEQUENCE`
//! never falls (RFC 5546 §2.1.4).

use super::revision::{Loss, Revision};
use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{Guest, Meeting, Part, Slot};
use crate::people::{Agent, NEEDS_ACTION, partstat};
use crate::times::Key;
use ical::{Address, Edit};
use std::collections::BTreeSet;

/// What is kept of what was sent.
#[derive(Debug)]
pub(super) struct Kept {
    /// `None`: all of it.
    pub(super) text: Option<String>,
    /// Whom the client wants to be told in any case.
    pub(super) forced: Vec<Address>,
}

pub(super) fn keep(revision: &Revision<'_, '_>, sent: &Meeting<'_>) -> Kept {
    let mut edit = sent.document.edit();
    let mut forced = Vec::new();
    let mut revised = revised(revision);
    for (slot, part) in sent.parts() {
        let known = revision.was.and_then(|was| was.at(slot));
        let difference = revision.differences.get(&slot).copied().flatten();
        let asked_again = difference.is_some_and(|difference| difference.rescheduled);
        for guest in &part.guests {
            if guest.property.param("SCHEDULE-FORCE-SEND").is_some() {
                force(guest, &mut edit, &mut forced);
            } else if guest.agent == Agent::Server {
                let known = known.and_then(|known| known.guest(&guest.address));
                if participation(guest, known, asked_again, &mut edit) {
                    revised.insert(slot);
                }
                status(guest, known, &mut edit);
            }
        }
        keep_sequence(part, known, revised.contains(&slot), &mut edit);
    }
    if let Some(was) = revision.was {
        let reset = revision.differences.get(&Slot::Master).copied().flatten().is_some_and(|master| master.rescheduled);
        let again = was.overrides.iter().filter_map(|(key, known)| recreate(*key, known, (was, sent), reset));
        again.for_each(|text| edit.append_component(sent.document.root().id(), &text));
    }
    let text = (!edit.is_empty()).then(|| edit.finish());
    Kept { text, forced }
}

fn force(guest: &Guest<'_>, edit: &mut Edit<'_>, forced: &mut Vec<Address>) {
    let id = guest.property.id();
    let method = guest.property.param("SCHEDULE-FORCE-SEND").unwrap_or_default();
    edit.remove_param(id, "SCHEDULE-FORCE-SEND");
    if guest.agent != Agent::Server {
        return;
    }
    if method.eq_ignore_ascii_case("REQUEST") {
        if !forced.contains(&guest.address) {
            forced.push(guest.address.clone());
        }
    } else {
        // RFC 6638 §7.2: success; invalid property parameter ignored
        edit.set_param(id, "SCHEDULE-STATUS", "2.3");
    }
}

/// RFC 6638 §3.2.1: the organizer may ask again, but not answer for others. Tells whether an answer is asked for anew.
fn participation(guest: &Guest<'_>, known: Option<&Guest<'_>>, asked_again: bool, edit: &mut Edit<'_>) -> bool {
    let id = guest.property.id();
    let settled = settled(guest, known, asked_again);
    let stood = known.map_or_else(|| NEEDS_ACTION.to_owned(), |known| partstat(known.property));
    if settled != partstat(guest.property) {
        edit.set_param(id, "PARTSTAT", &settled);
    }
    let reset = settled == NEEDS_ACTION && (stood != NEEDS_ACTION || partstat(guest.property) != NEEDS_ACTION);
    let waits = settled == NEEDS_ACTION && known.is_some_and(|known| known.property.param("RSVP").is_some());
    if reset {
        edit.set_param(id, "PARTSTAT", NEEDS_ACTION);
    }
    if reset || waits || asked_again {
        edit.set_param(id, "RSVP", "TRUE");
    }
    reset && stood != NEEDS_ACTION
}

/// How somebody stands after a change by the organizer.
fn settled(guest: &Guest<'_>, known: Option<&Guest<'_>>, asked_again: bool) -> String {
    let is_written = guest.property.param("PARTSTAT").is_some();
    if asked_again || (is_written && partstat(guest.property) == NEEDS_ACTION) {
        return NEEDS_ACTION.to_owned();
    }
    known.map_or_else(|| NEEDS_ACTION.to_owned(), |known| partstat(known.property))
}

/// An override the client took away leaves the instance to the series. Where its guests do not stand as those of the series do,
/// because they answered for it alone or because it moves back, it stays a component of its own.
fn recreate(key: Key, known: &Part<'_>, (was, sent): (&Meeting<'_>, &Meeting<'_>), reset: bool) -> Option<String> {
    if known.cancelled || sent.overrides.contains_key(&key) {
        return None;
    }
    let (master, mut body) = (sent.master.as_ref()?, sent.derive(key)?);
    let before = Body::of(known.component);
    let moves = diff::between(&before, &body, &sent.times, &sent.times).rescheduled;
    let mut differs = false;
    for guest in master.guests.iter().filter(|guest| guest.agent == Agent::Server) {
        let Some(known) = known.guest(&guest.address) else { continue };
        let line = body.lines.iter_mut().find(|line| line.as_str() == guest.property.content_line())?;
        let stands = if moves { NEEDS_ACTION.to_owned() } else { partstat(known.property) };
        let in_series = settled(guest, was.at(Slot::Master).and_then(|master| master.guest(&guest.address)), reset);
        differs |= stands != in_series;
        line.set_param("PARTSTAT", &stands);
        if stands == NEEDS_ACTION {
            line.set_param("RSVP", "TRUE");
        }
    }
    let revised = known.sequence().saturating_add(i32::from(moves));
    body.set(Line::new("SEQUENCE", &revised.max(master.sequence()).to_string()));
    differs.then(|| body.text())
}

/// What came of the last message is the server's to say; who leaves it out claims nothing else.
fn status(guest: &Guest<'_>, known: Option<&Guest<'_>>, edit: &mut Edit<'_>) {
    let id = guest.property.id();
    let Some(sent) = guest.property.param("SCHEDULE-STATUS") else { return };
    match known.and_then(|known| known.property.param("SCHEDULE-STATUS")) {
        Some(known) if sent != known => edit.set_param(id, "SCHEDULE-STATUS", &known),
        None => edit.remove_param(id, "SCHEDULE-STATUS"),
        Some(_) => {}
    }
}

/// The components that are new revisions: changed as RFC 5546 §2.1.4 says, or with somebody no longer invited.
fn revised(revision: &Revision<'_, '_>) -> BTreeSet<Slot> {
    let changed = |slot: &Slot| revision.differences[slot].is_some_and(diff::Difference::revises);
    let mut revised: BTreeSet<Slot> = revision.differences.keys().copied().filter(changed).collect();
    if revision.was.zip(revision.is).is_some_and(|(was, is)| moves_back(was, is)) {
        revised.insert(Slot::Master);
    }
    for (address, _) in revision.guests() {
        match revision.loss(address) {
            Loss::Nothing => {}
            Loss::Whole => revised.extend(revision.differences.keys()),
            Loss::Instances(keys) | Loss::Everything(keys) => {
                revised.extend(keys.into_iter().map(|key| described_by(revision, key)));
            }
        }
    }
    revised
}

/// Is there an instance that was elsewhere, and is now where the series has it?
fn moves_back(was: &Meeting<'_>, is: &Meeting<'_>) -> bool {
    let gone = was.overrides.iter().filter(|(key, known)| !known.cancelled && !is.overrides.contains_key(key));
    let mut moved = gone.filter_map(|(key, known)| Some((known, is.derive(*key)?)));
    moved.any(|(known, body)| diff::between(&Body::of(known.component), &body, &was.times, &is.times).rescheduled)
}

fn described_by(revision: &Revision<'_, '_>, key: Key) -> Slot {
    let slot = Slot::Instance(key);
    if revision.differences.contains_key(&slot) { slot } else { Slot::Master }
}

fn keep_sequence(part: &Part<'_>, known: Option<&Part<'_>>, revised: bool, edit: &mut Edit<'_>) {
    let Some(known) = known else { return };
    let (sent, known) = (part.sequence(), known.component.sequence());
    let least = if revised { known.saturating_add(1) } else { known };
    if sent >= least {
        return;
    }
    match part.component.property("SEQUENCE") {
        Some(property) => edit.set_value(property.id(), &least.to_string()),
        None => edit.append_property(part.component.id(), &format!("SEQUENCE:{least}")),
    }
}
