//! REPLY: records an attendee's answer in the organizer's object (RFC 6638 §4.2, RFC 5546 §3.2.3).
//!
//! **Invariant:** changes the line of the answering attendee and adds their delegates. A reply from a user who is not
//! invited changes nothing.

use super::{Effect, LatestReplies, Received, TagEffect, ignored};
use crate::Context;
use crate::attendee::{answers_too_many, is_answer_too_long};
use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{ComponentKey, Meeting, Part};
use crate::participation::{NEEDS_ACTION, partstat};
use crate::times::InstanceKey;
use ical::{Address, Edit, Property};
use schemas::Ignored;
use std::collections::BTreeSet;

pub(super) fn receive(
    message: &Meeting<'_>,
    copy: Option<&Meeting<'_>>,
    answers: &LatestReplies,
    context: &Context<'_>,
) -> Received {
    let Some(copy) = copy else { return ignored(Ignored::UnknownObject) };
    let owned = copy.parts().filter_map(|(_, part)| part.component.organizer());
    if !owned.into_iter().any(|organizer| (context.owns)(&organizer)) {
        return ignored(Ignored::NotTheOrganizer);
    }
    // Some replies have no ORGANIZER; one with another organizer is not for this object.
    if message.organizer.is_some() && message.organizer != copy.organizer {
        return ignored(Ignored::AnotherOrganizer);
    }
    if answers_too_many(Some(copy), message) {
        return ignored(Ignored::TooLarge);
    }
    let mut edit = copy.document.edit();
    let mut refused = None;
    for (component_key, said) in message.parts() {
        let component_key = answered_component(component_key, said, message, copy);
        if has_later(answers, component_key, said) {
            refused = Some(Ignored::Stale);
            continue;
        }
        if let Err(reason) = take(component_key, said, message, copy, &mut edit, context) {
            refused = Some(reason);
        }
    }
    match (edit.is_empty(), refused) {
        (false, _) => Received { effect: Effect::Changed { ics: edit.finish(), tag: TagEffect::Stays }, notify: true },
        (true, Some(reason)) => ignored(reason),
        (true, None) => Received { effect: Effect::Unchanged { reason: Ignored::AlreadySo }, notify: true },
    }
}

/// RFC 5546 §2.1.5: a later reply of this attendee was applied before.
fn has_later(answers: &LatestReplies, component_key: ComponentKey, said: &Part<'_>) -> bool {
    let address = said.component.property("ATTENDEE").and_then(Property::address);
    address.is_some_and(|address| answers.has_later(&address, component_key, said))
}

fn take(
    component_key: ComponentKey,
    said: &Part<'_>,
    message: &Meeting<'_>,
    copy: &Meeting<'_>,
    edit: &mut Edit<'_>,
    context: &Context<'_>,
) -> Result<(), Ignored> {
    let (address, entry) = replier(said, context).ok_or("not-an-attendee")?;
    if is_answer_too_long(said.component) {
        return Err(Ignored::TooLarge);
    }
    let known = copy.at(component_key).ok_or("unknown-instance")?;
    if known.attendee(&address).is_none() {
        return Err(Ignored::NotAnAttendee);
    }
    if is_stale(component_key, said, message, copy) {
        return Err(Ignored::Stale);
    }
    let status = request_status(said);
    match (copy.part(component_key), component_key) {
        (Some(part), _) => {
            record(&address, entry, &status, part, edit);
            delegate(entry, said, part, copy, edit, context);
            if component_key == ComponentKey::Master {
                for (_, part) in follow_series(&address, message, copy) {
                    record(&address, entry, &status, part, edit);
                    delegate(entry, said, part, copy, edit, context);
                }
            }
            Ok(())
        }
        (None, ComponentKey::Master) => Err(Ignored::UnknownInstance),
        // The answer to the series already covers this instance.
        (None, ComponentKey::Instance(_)) if stands_in_series(&address, entry, message) => Ok(()),
        (None, ComponentKey::Instance(key)) => derive(key, said, (&address, entry, &status), copy, edit, context),
    }
}

/// Returns the component that a reply answers. A reply without RECURRENCE-ID to a meeting of single instances answers the
/// instance with its start.
fn answered_component(
    component_key: ComponentKey,
    said: &Part<'_>,
    message: &Meeting<'_>,
    copy: &Meeting<'_>,
) -> ComponentKey {
    let start = said.component.start().filter(|_| component_key == ComponentKey::Master && copy.master.is_none());
    let instance = start.and_then(|start| copy.instance_at(message.times.key(&start)));
    instance.map_or(component_key, ComponentKey::Instance)
}

/// Writes an answer to every line of the attendee (RFC 6638 §4.2).
fn record(address: &Address, entry: Property<'_>, status: &str, part: &Part<'_>, edit: &mut Edit<'_>) {
    for attendee in part.lines_of(address) {
        let mut line = Line::of(attendee.property);
        answer(&mut line, entry, status);
        edit.replace(attendee.property.id(), line.as_str());
    }
}

/// Returns the overrides to which an answer to the series applies too: the reply does not mention them, they differ from the
/// series in answers only, and the attendee never answered them separately.
fn follow_series<'c, 'a>(
    address: &'c Address,
    message: &'c Meeting<'_>,
    copy: &'c Meeting<'a>,
) -> impl Iterator<Item = (&'c InstanceKey, &'c Part<'a>)> {
    let stands = |part: &Part<'_>| part.attendee(address).map(|attendee| partstat(attendee.property));
    let series = copy.master.as_ref().and_then(stands);
    copy.overrides.iter().filter(move |(key, part)| {
        !message.overrides.contains_key(key)
            && !part.cancelled
            && stands(part) == series
            && !diff::has_own_content(**key, &Body::of(part.component), copy)
    })
}

fn stands_in_series(address: &Address, entry: Property<'_>, message: &Meeting<'_>) -> bool {
    let series = message.master.as_ref().and_then(|master| master.attendee(address));
    series.is_some_and(|series| partstat(series.property) == partstat(entry))
}

/// Creates an override for an answer to a single instance.
fn derive(
    key: InstanceKey,
    said: &Part<'_>,
    (address, entry, status): (&Address, Property<'_>, &str),
    copy: &Meeting<'_>,
    edit: &mut Edit<'_>,
    context: &Context<'_>,
) -> Result<(), Ignored> {
    let known = copy.describing(key).ok_or("unknown-instance")?;
    let delegates = delegates(entry, said, known, copy, context);
    let mut body = copy.derive(key).ok_or("unknown-instance")?;
    let same = |line: &Line<'_>| line.address().is_some_and(|other| (context.canonical)(&other) == *address);
    for line in body.lines.iter_mut().filter(|line| line.is("ATTENDEE") && same(line)) {
        answer(line, entry, status);
    }
    body.lines.extend(delegates);
    edit.append_component(copy.document.root().id(), &body.text());
    Ok(())
}

/// Returns the answering attendee: the first ATTENDEE. RFC 5546 §3.2.3 allows one; further ones are delegates.
fn replier<'a>(said: &Part<'a>, context: &Context<'_>) -> Option<(Address, Property<'a>)> {
    let mut attendees = said.component.properties_named("ATTENDEE");
    let entry = attendees.find(|attendee| attendee.address().is_some())?;
    Some(((context.canonical)(&entry.address()?), entry))
}

/// Writes the answer to the attendee's line (RFC 6638 §4.2).
fn answer(line: &mut Line<'_>, entry: Property<'_>, status: &str) {
    let said = partstat(entry);
    if said != NEEDS_ACTION {
        // RFC 5545 §3.2.17: RSVP asks for a reply, and this is the reply.
        line.remove_param("RSVP");
    }
    line.set_param("PARTSTAT", &said);
    for name in ["DELEGATED-TO", "SENT-BY"] {
        line.copy_param(name, &Line::of(entry));
    }
    line.set_param("SCHEDULE-STATUS", status);
}

/// RFC 5546 §3.2.2.3: adds the delegates as attendees.
fn delegate(
    entry: Property<'_>,
    said: &Part<'_>,
    known: &Part<'_>,
    copy: &Meeting<'_>,
    edit: &mut Edit<'_>,
    context: &Context<'_>,
) {
    for line in delegates(entry, said, known, copy, context) {
        edit.append_property(known.component.id(), line.as_str());
    }
}

/// Returns the lines of the delegates who are not yet attendees of `known`.
fn delegates<'a>(
    entry: Property<'_>,
    said: &Part<'a>,
    known: &Part<'_>,
    copy: &Meeting<'_>,
    context: &Context<'_>,
) -> Vec<Line<'a>> {
    if partstat(entry) != "DELEGATED" {
        return vec![];
    }
    let (mut lines, mut added) = (vec![], BTreeSet::new());
    for to in Line::of(entry).addresses("DELEGATED-TO") {
        let address = (context.canonical)(&to);
        let is_there = known.attendee(&address).is_some() || copy.organizer.as_ref() == Some(&address);
        if is_there || !added.insert(address.clone()) {
            continue;
        }
        let introduced = said.attendee(&address).map(|delegate| Line::of(delegate.property));
        let mut line = introduced.unwrap_or_else(|| Line::new("ATTENDEE", to.as_written()));
        line.set_param("DELEGATED-FROM", entry.value());
        line.set_param("PARTSTAT", NEEDS_ACTION);
        line.set_param("RSVP", "TRUE");
        lines.push(line);
    }
    lines
}

/// Returns the codes of the REQUEST-STATUS properties, or success.
fn request_status(said: &Part<'_>) -> String {
    let codes = said.component.properties_named("REQUEST-STATUS").map(|status| {
        let value = status.value();
        value.split_once(';').map_or(value, |(code, _)| code).trim()
    });
    let codes: Vec<_> = codes.filter(|code| !code.is_empty()).collect();
    if codes.is_empty() { "2.0".to_owned() } else { codes.join(",") }
}

/// Returns whether the reply is outdated. A reply to an earlier revision counts unless the time has changed since.
fn is_stale(component_key: ComponentKey, said: &Part<'_>, message: &Meeting<'_>, copy: &Meeting<'_>) -> bool {
    let Some(sequence) = copy.at(component_key).map(Part::sequence) else { return false };
    if said.sequence() >= sequence {
        return false;
    }
    let Some(body) = copy.body_at(component_key) else { return false };
    let said = Body::of(said.component);
    said.line("DTSTART").is_none() || diff::time_changed(&body, &said, &copy.times, &message.times).is_some()
}
