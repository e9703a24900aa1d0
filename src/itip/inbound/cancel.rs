//! CANCEL: marks the copy, or instances of it, as cancelled (RFC 5546 §3.2.5).
//!
//! **Invariant:** cancelled components stay in the attendee's copy, with `STATUS:CANCELLED`.

use super::order::is_stale;
use super::{Effect, Received, TagEffect, ignored, ignored_with_notice, range, same_organizer};
use crate::Context;
use crate::line::Line;
use crate::meeting::{Meeting, Part};
use crate::outgoing::PRODID;
use crate::times::InstanceKey;
use ical::{Document, Edit};
use schemas::Ignored;

/// Properties that may explain a cancellation.
const EXPLAINS: [&str; 4] = ["SUMMARY", "DESCRIPTION", "COMMENT", "X-ALT-DESC"];

pub(super) fn receive(message: &Meeting<'_>, copy: Option<&Meeting<'_>>, context: &Context<'_>) -> Received {
    let Some(copy) = copy else {
        // `NothingToCancel` records that the whole meeting is cancelled, in case the owner stores a
        // copy later.
        return ignored(if message.master.is_some() { Ignored::NothingToCancel } else { Ignored::UnknownObject });
    };
    if !same_organizer(message, copy) {
        return ignored(Ignored::AnotherOrganizer);
    }
    let mut edit = copy.document.edit();
    let mut stale = false;
    match &message.master {
        Some(master) => stale = whole(master, copy, &mut edit, context),
        None => {
            for (key, part) in &message.overrides {
                let take = if part.component.is_this_and_future() { following } else { instance };
                stale |= take(*key, part, copy, &mut edit, context);
            }
        }
    }
    if edit.is_empty() {
        return if stale { ignored(Ignored::Stale) } else { ignored_with_notice(Ignored::AlreadySo) };
    }
    if let Some(prodid) = copy.document.root().property("PRODID") {
        edit.set_value(prodid.id(), PRODID);
    }
    Received { effect: Effect::Changed { ics: edit.finish(), tag: TagEffect::Changes }, notify: true }
}

/// Returns `copy`, which its owner stores again after they removed it, with an earlier cancellation
/// applied. `removed` is the copy as it was removed. `is_whole` is true if a CANCEL cancelled the
/// whole meeting; otherwise the cancellation counts only if every component of `removed` was
/// cancelled.
///
/// Returns `None` if the cancellation does not count, or if `copy` has a later revision than
/// `removed`.
pub fn cancelled_before(
    copy: &Document,
    removed: Option<&Document>,
    is_whole: bool,
    context: &Context<'_>,
) -> Option<String> {
    let (copy, removed) = (Meeting::of(copy, context), removed.map(|removed| Meeting::of(removed, context)));
    let is_left = removed.as_ref().is_none_or(|removed| removed.parts().any(|(_, part)| !part.cancelled));
    let revision = |meeting: &Meeting<'_>| meeting.parts().map(|(_, part)| part.sequence()).max();
    let is_later = removed.as_ref().is_some_and(|removed| revision(&copy) > revision(removed));
    if is_later || (is_left && !is_whole) {
        return None;
    }
    let mut edit = copy.document.edit();
    for (_, part) in copy.parts().filter(|(_, part)| !part.cancelled) {
        set(part, "STATUS", "CANCELLED", &mut edit);
    }
    (!edit.is_empty()).then(|| edit.finish())
}

/// Cancels the whole copy. Returns whether the message is stale.
fn whole(said: &Part<'_>, copy: &Meeting<'_>, edit: &mut Edit<'_>, context: &Context<'_>) -> bool {
    if copy.master.as_ref().is_some_and(|known| is_stale(said, known, copy, context)) {
        return true;
    }
    for (_, part) in copy.parts().filter(|(_, part)| !part.cancelled) {
        // An override keeps its own SEQUENCE.
        let sequence = if part.recurrence_id().is_none() { said.sequence() } else { part.sequence() };
        cancel(part, said, sequence, edit);
    }
    false
}

/// Cancels an instance and all after it. Returns whether the message is stale.
fn following(
    key: InstanceKey,
    said: &Part<'_>,
    copy: &Meeting<'_>,
    edit: &mut Edit<'_>,
    context: &Context<'_>,
) -> bool {
    let Some(master) = copy.master.as_ref().filter(|master| !is_stale(said, master, copy, context)) else {
        return true;
    };
    for (_, part) in copy.overrides.range(key..).filter(|(_, part)| !part.cancelled) {
        cancel(part, said, said.sequence(), edit);
    }
    if range::end_before(key, copy, edit) {
        revise(master, said, said.sequence(), edit);
    } else {
        cancel(master, said, said.sequence(), edit);
    }
    false
}

/// Cancels one instance. Returns whether the message is stale.
fn instance(key: InstanceKey, said: &Part<'_>, copy: &Meeting<'_>, edit: &mut Edit<'_>, context: &Context<'_>) -> bool {
    if let Some(known) = copy.overrides.get(&key) {
        let stale = is_stale(said, known, copy, context);
        if !stale && !known.cancelled {
            if let Some(id) = known.recurrence_id() {
                // The CANCEL concerns one instance only. With RANGE the override would cancel the
                // later instances too.
                edit.remove_param(id.id(), "RANGE");
            }
            cancel(known, said, said.sequence(), edit);
        }
        return stale;
    }
    // An instance that the attendee removed stays removed.
    let Some(mut body) = copy.derive(key) else { return false };
    body.set(Line::new("STATUS", "CANCELLED"));
    for name in EXPLAINS {
        let told: Vec<_> = said.component.properties_named(name).map(Line::of).collect();
        let known = body.lines.iter().filter(|line| line.is(name)).map(Line::normal);
        if !told.is_empty() && !known.eq(told.iter().map(Line::normal)) {
            body.remove(name);
            body.lines.extend(told);
        }
    }
    body.set(Line::new("SEQUENCE", &said.sequence().to_string()));
    if let Some(stamp) = said.component.property("DTSTAMP") {
        body.set(Line::of(stamp));
    }
    edit.append_component(copy.document.root().id(), &body.text());
    false
}

fn cancel(known: &Part<'_>, said: &Part<'_>, sequence: i32, edit: &mut Edit<'_>) {
    set(known, "STATUS", "CANCELLED", edit);
    if known.recurrence_id().is_some() == said.recurrence_id().is_some() {
        explain(known, said, edit);
    }
    revise(known, said, sequence, edit);
}

/// Copies the texts of the message, which may say why the meeting is cancelled (RFC 5546 §3.2.5).
fn explain(known: &Part<'_>, said: &Part<'_>, edit: &mut Edit<'_>) {
    for name in EXPLAINS {
        let told: Vec<_> = said.component.properties_named(name).map(Line::of).collect();
        let before: Vec<_> = known.component.properties_named(name).collect();
        let is_same = before.len() == told.len()
            && before.iter().zip(&told).all(|(before, told)| Line::of(*before).normal() == told.normal());
        if told.is_empty() || is_same {
            continue;
        }
        for line in &before {
            edit.remove(line.id());
        }
        for line in &told {
            edit.append_property(known.component.id(), line.as_str());
        }
    }
}

fn revise(known: &Part<'_>, said: &Part<'_>, sequence: i32, edit: &mut Edit<'_>) {
    set(known, "SEQUENCE", &sequence.to_string(), edit);
    if let Some(stamp) = said.component.property("DTSTAMP") {
        set(known, "DTSTAMP", stamp.value(), edit);
    }
}

fn set(known: &Part<'_>, name: &str, value: &str, edit: &mut Edit<'_>) {
    match known.component.property(name) {
        Some(property) => edit.set_value(property.id(), value),
        None => edit.append_property(known.component.id(), &format!("{name}:{value}")),
    }
}
