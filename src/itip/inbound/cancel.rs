//! CANCEL: marks the copy, or instances of it, as cancelled (RFC 5546 §3.2.5).
//!
//! **Invariant:** cancelled components stay in the attendee's copy, with `STATUS:CANCELLED`.
//! Instances without an override disappear if a CANCEL with THISANDFUTURE ends their series.

use super::order::is_stale;
use super::{Effect, OrganizersComments, Received, TagEffect, ignored, ignored_with_notice, range, same_organizer};
use crate::Context;
use crate::line::Line;
use crate::meeting::{Meeting, Part};
use crate::outgoing::{EXPLAINS, PRODID};
use crate::times::InstanceKey;
use ical::{Document, Edit};
use schemas::Ignored;

pub(super) fn receive(
    message: &Meeting<'_>,
    copy: Option<&Meeting<'_>>,
    comments: &OrganizersComments,
    context: &Context<'_>,
) -> Received {
    let Some(copy) = copy else {
        // `NothingToCancel` records that the whole meeting is cancelled, in case the owner stores a
        // copy later.
        return ignored(if message.master.is_some() { Ignored::NothingToCancel } else { Ignored::UnknownObject });
    };
    if !same_organizer(message, copy) {
        return ignored(Ignored::AnotherOrganizer);
    }
    let mut cancel = Cancel { copy, comments, context, edit: copy.document.edit() };
    let mut stale = false;
    match &message.master {
        Some(master) => stale = cancel.whole(master),
        None => {
            for (key, part) in &message.overrides {
                let take = if part.component.is_this_and_future() { Cancel::following } else { Cancel::instance };
                stale |= take(&mut cancel, *key, part);
            }
        }
    }
    let mut edit = cancel.edit;
    if edit.is_empty() {
        return if stale { ignored(Ignored::Stale) } else { ignored_with_notice(Ignored::AlreadySo) };
    }
    if let Some(prodid) = copy.document.root().property("PRODID") {
        edit.set_value(prodid.id(), PRODID);
    }
    Received { effect: Effect::Changed { ics: edit.finish(), tag: TagEffect::Changes }, notify: true }
}

/// Returns `copy`, which its owner stores while they have none, with an earlier cancellation
/// applied. `removed` is the copy that they removed before, if there was one. `is_whole` is true if
/// a CANCEL cancelled the whole meeting; otherwise the cancellation counts only if every component
/// of `removed` was cancelled.
///
/// Returns `None` if the cancellation does not count, if `copy` has a later revision than
/// `removed`, or if every component of `copy` is cancelled already.
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

/// A cancellation of a copy, or of instances of it.
struct Cancel<'c, 'a> {
    copy: &'c Meeting<'a>,
    comments: &'c OrganizersComments,
    context: &'c Context<'c>,
    edit: Edit<'a>,
}

impl Cancel<'_, '_> {
    /// Cancels the whole copy. Returns whether the message is stale, and so changes nothing.
    fn whole(&mut self, said: &Part<'_>) -> bool {
        let master = self.copy.master.as_ref();
        if master.is_some_and(|known| is_stale(said, known, self.copy, self.context)) {
            return true;
        }
        if let Some(known) = master.filter(|known| known.cancelled) {
            self.explain_again(known, said);
        }
        for (_, part) in self.copy.parts().filter(|(_, part)| !part.cancelled) {
            // An override has its own SEQUENCE.
            let sequence = if part.recurrence_id().is_none() { said.sequence() } else { part.sequence() };
            self.cancel(part, said, sequence);
        }
        false
    }

    /// Cancels an instance and all after it. Returns true if the message is stale, or if the copy
    /// has no series.
    fn following(&mut self, key: InstanceKey, said: &Part<'_>) -> bool {
        let copy = self.copy;
        let Some(master) = copy.master.as_ref().filter(|master| !is_stale(said, master, copy, self.context)) else {
            return true;
        };
        for (_, part) in copy.overrides.range(key..).filter(|(_, part)| !part.cancelled) {
            self.cancel(part, said, said.sequence());
        }
        if range::end_before(key, copy, &mut self.edit) {
            revise(master, said, said.sequence(), &mut self.edit);
        } else {
            self.cancel(master, said, said.sequence());
        }
        false
    }

    /// Cancels one instance. Returns whether the message is stale, and so changes nothing.
    fn instance(&mut self, key: InstanceKey, said: &Part<'_>) -> bool {
        if let Some(known) = self.copy.overrides.get(&key) {
            let stale = is_stale(said, known, self.copy, self.context);
            if !stale && known.cancelled {
                self.explain_again(known, said);
            } else if !stale {
                if let Some(id) = known.recurrence_id() {
                    // The CANCEL has no RANGE, so it does not cancel the instances after this one.
                    self.edit.remove_param(id.id(), "RANGE");
                }
                self.cancel(known, said, said.sequence());
            }
            return stale;
        }
        // An instance that the attendee removed stays removed.
        let Some(mut body) = self.copy.derive(key) else { return false };
        body.set(Line::new("STATUS", "CANCELLED"));
        for (name, told) in explanations(said) {
            let known = body.lines.iter().filter(|line| self.is_explained(line, name)).map(Line::normal);
            if !known.eq(told.iter().map(Line::normal)) {
                body.lines.retain(|line| !self.is_explained(line, name));
                body.lines.extend(told);
            }
        }
        body.set(Line::new("SEQUENCE", &said.sequence().to_string()));
        if let Some(stamp) = said.component.property("DTSTAMP") {
            body.set(Line::of(stamp));
        }
        self.edit.append_component(self.copy.document.root().id(), &body.text());
        false
    }

    fn cancel(&mut self, known: &Part<'_>, said: &Part<'_>, sequence: i32) {
        set(known, "STATUS", "CANCELLED", &mut self.edit);
        if known.recurrence_id().is_some() == said.recurrence_id().is_some() {
            self.explain(known, said);
        }
        revise(known, said, sequence, &mut self.edit);
    }

    /// Takes over the texts and the revision of a message about a component that was cancelled
    /// before. A message that repeats the texts changes nothing.
    fn explain_again(&mut self, known: &Part<'_>, said: &Part<'_>) {
        if self.explain(known, said) {
            revise(known, said, said.sequence(), &mut self.edit);
        }
    }

    /// Takes over the texts of the message, which may say why the meeting is cancelled (RFC 5546
    /// §3.2.5). Returns whether a text changed.
    fn explain(&mut self, known: &Part<'_>, said: &Part<'_>) -> bool {
        let mut changes = false;
        for (name, told) in explanations(said) {
            let before = known.component.properties_named(name);
            let before: Vec<_> = before.filter(|property| self.is_explained(&Line::of(*property), name)).collect();
            if before.iter().map(|before| Line::of(*before).normal()).eq(told.iter().map(Line::normal)) {
                continue;
            }
            changes = true;
            for line in &before {
                self.edit.remove(line.id());
            }
            for line in &told {
                self.edit.append_property(known.component.id(), line.as_str());
            }
        }
        changes
    }

    /// Returns whether an explanation with this name replaces the line. The attendee's comments
    /// stay.
    fn is_explained(&self, line: &Line<'_>, name: &str) -> bool {
        line.is(name) && (!line.is("COMMENT") || self.comments.say(line))
    }
}

/// Returns the lines that explain a cancellation, by name.
fn explanations<'a>(said: &Part<'a>) -> impl Iterator<Item = (&'static str, Vec<Line<'a>>)> {
    let told = |name| (name, said.component.properties_named(name).map(Line::of).collect());
    EXPLAINS.into_iter().map(told).filter(|(_, told): &(_, Vec<_>)| !told.is_empty())
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
