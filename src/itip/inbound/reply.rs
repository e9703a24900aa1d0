//! REPLY: the organizer's object learns what an attendee answered (RFC 6638 §4.2, RFC 5546 §3.2.3).
//!
//! **Invariant:** touches the entry of the one who answers, and nothing else; who was not invited changes nothing.

use super::{Answers, Effect, Received, TagEffect, ignored};
use crate::Context;
use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{Meeting, Part, Slot};
use crate::people::{NEEDS_ACTION, partstat};
use crate::times::Key;
use ical::{Address, Edit, Property};

pub(super) fn receive(
    message: &Meeting<'_>,
    copy: Option<&Meeting<'_>>,
    answers: &Answers,
    context: &Context<'_>,
) -> Received {
    let Some(copy) = copy else { return ignored("unknown-object") };
    let owned = copy.parts().filter_map(|(_, part)| part.component.organizer());
    if !owned.into_iter().any(|organizer| (context.owns)(&organizer)) {
        return ignored("not-the-organizer");
    }
    // Some answers come without an ORGANIZER; one that names another is for him.
    if message.organizer.is_some() && message.organizer != copy.organizer {
        return ignored("another-organizer");
    }
    let mut edit = copy.document.edit();
    let mut refused = None;
    for (slot, said) in message.parts() {
        if has_later(answers, slot, said) {
            refused = Some("stale");
            continue;
        }
        if let Err(reason) = take(slot, said, message, copy, &mut edit, context) {
            refused = Some(reason);
        }
    }
    match (edit.is_empty(), refused) {
        (false, _) => Received { effect: Effect::Changed { ics: edit.finish(), tag: TagEffect::Stays }, notify: true },
        (true, Some(reason)) => ignored(reason),
        (true, None) => Received { effect: Effect::Unchanged { reason: "already-so" }, notify: true },
    }
}

/// RFC 5546 §2.1.5: he has changed his mind since.
fn has_later(answers: &Answers, slot: Slot, said: &Part<'_>) -> bool {
    let address = said.component.property("ATTENDEE").and_then(Property::address);
    address.is_some_and(|address| answers.has_later(&address, slot, said))
}

fn take(
    slot: Slot,
    said: &Part<'_>,
    message: &Meeting<'_>,
    copy: &Meeting<'_>,
    edit: &mut Edit<'_>,
    context: &Context<'_>,
) -> Result<(), &'static str> {
    let (address, entry) = replier(said, context).ok_or("not-an-attendee")?;
    let known = copy.at(slot).ok_or("unknown-instance")?;
    if known.guest(&address).is_none() {
        return Err("not-an-attendee");
    }
    if is_stale(slot, said, message, copy) {
        return Err("stale");
    }
    let status = request_status(said);
    match (copy.part(slot), slot) {
        (Some(part), _) => {
            let guest = part.guest(&address).ok_or("not-an-attendee")?;
            let mut line = Line::of(guest.property);
            answer(&mut line, entry, &status);
            edit.replace(guest.property.id(), line.as_str());
            delegate(entry, said, part, copy, edit, context);
            Ok(())
        }
        (None, Slot::Master) => Err("unknown-instance"),
        // An answer to the series tells of this instance nothing else.
        (None, Slot::Instance(_)) if stands_in_series(&address, entry, message) => Ok(()),
        (None, Slot::Instance(key)) => derive(key, &address, entry, &status, copy, edit, context),
    }
}

fn stands_in_series(address: &Address, entry: Property<'_>, message: &Meeting<'_>) -> bool {
    let series = message.master.as_ref().and_then(|master| master.guest(address));
    series.is_some_and(|series| partstat(series.property) == partstat(entry))
}

/// An answer to one instance of a series makes that instance a component of its own.
fn derive(
    key: Key,
    address: &Address,
    entry: Property<'_>,
    status: &str,
    copy: &Meeting<'_>,
    edit: &mut Edit<'_>,
    context: &Context<'_>,
) -> Result<(), &'static str> {
    let mut body = copy.derive(key).ok_or("unknown-instance")?;
    let same = |line: &Line<'_>| line.address().is_some_and(|other| (context.same)(&other) == *address);
    let line = body.lines.iter_mut().find(|line| line.is("ATTENDEE") && same(line)).ok_or("not-an-attendee")?;
    answer(line, entry, status);
    edit.append_component(copy.document.root().id(), &body.text());
    Ok(())
}

/// Who answers: RFC 5546 §3.2.3 has exactly one ATTENDEE in a reply; where there are two, the second is a delegate.
fn replier<'a>(said: &Part<'a>, context: &Context<'_>) -> Option<(Address, Property<'a>)> {
    let mut attendees = said.component.properties_named("ATTENDEE");
    let entry = attendees.find(|attendee| attendee.address().is_some())?;
    Some(((context.same)(&entry.address()?), entry))
}

/// RFC 6638 §4.2
fn answer(line: &mut Line<'_>, entry: Property<'_>, status: &str) {
    let said = partstat(entry);
    if said != NEEDS_ACTION {
        line.remove_param("RSVP");
    }
    line.set_param("PARTSTAT", &said);
    for name in ["DELEGATED-TO", "SENT-BY"] {
        match entry.param(name) {
            Some(value) => line.set_param(name, &value),
            None => line.remove_param(name),
        }
    }
    line.set_param("SCHEDULE-STATUS", status);
}

/// RFC 5546 §3.2.2.3: who is to come in his place becomes an attendee.
fn delegate(
    entry: Property<'_>,
    said: &Part<'_>,
    known: &Part<'_>,
    copy: &Meeting<'_>,
    edit: &mut Edit<'_>,
    context: &Context<'_>,
) {
    let Some(to) = entry.param("DELEGATED-TO").and_then(|to| Address::parse(&to)) else { return };
    let address = (context.same)(&to);
    let is_there = known.guest(&address).is_some() || copy.organizer.as_ref() == Some(&address);
    if is_there || partstat(entry) != "DELEGATED" {
        return;
    }
    let introduced = said.guest(&address).map(|delegate| Line::of(delegate.property));
    let mut line = introduced.unwrap_or_else(|| Line::new("ATTENDEE", to.as_written()));
    line.set_param("DELEGATED-FROM", entry.value());
    line.set_param("PARTSTAT", NEEDS_ACTION);
    line.set_param("RSVP", "TRUE");
    edit.append_property(known.component.id(), line.as_str());
}

/// The codes of the REQUEST-STATUS properties, or success.
fn request_status(said: &Part<'_>) -> String {
    let codes = said.component.properties_named("REQUEST-STATUS").map(|status| {
        let value = status.value();
        value.split_once(';').map_or(value, |(code, _)| code).trim()
    });
    let codes: Vec<_> = codes.filter(|code| !code.is_empty()).collect();
    if codes.is_empty() { "2.0".to_owned() } else { codes.join(",") }
}

/// An answer to an earlier revision counts, unless it answers another time than the one that is asked for now.
fn is_stale(slot: Slot, said: &Part<'_>, message: &Meeting<'_>, copy: &Meeting<'_>) -> bool {
    let Some(sequence) = copy.at(slot).map(Part::sequence) else { return false };
    if said.sequence() >= sequence {
        return false;
    }
    let Some(body) = copy.body_at(slot) else { return false };
    let said = Body::of(said.component);
    said.line("DTSTART").is_none() || diff::time_changed(&body, &said, &copy.times, &message.times).is_some()
}
