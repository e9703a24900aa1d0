//! The update of a copy to the revision of a REQUEST, component by component.
//!
//! **Invariant:** the attendee's own properties stay in the components that stay (see
//! [`request`](super)).

mod exclusions;

use super::super::sync::{Extent, OwnAnswer, PARTICIPATION, keep_answer, sync};
use super::super::{Effect, OrganizersComments, Received, TagEffect, redefined};
use super::{add_zones, is_declined, replaces};
use crate::Context;
use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{ComponentKey, Meeting, Part};
use crate::organizers_part::differs;
use crate::outgoing::{PRODID, zones};
use crate::own_properties::{carry, keep_schedule, own};
use crate::participation::partstat;
use crate::times::{InstanceKey, Times};
use ical::Edit;
use schemas::Ignored;

/// The source of the owner's answer after an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answers {
    /// The answer comes from the copy if the message has the same revision, and from the message in
    /// a new revision (see [`Update::keeps_answer`]).
    ByRevision,
    /// The answer comes from the message, because the organizer's object contains the answer of the
    /// copy already.
    OfTheObject,
}

/// An update of a copy to the message's revision.
pub(super) struct Update<'u, 'a> {
    message: &'u Meeting<'a>,
    copy: &'u Meeting<'a>,
    /// The times of the copy by its own time zones, before the message redefines some.
    former: &'u Times,
    context: &'u Context<'u>,
    answers: Answers,
    comments: &'u OrganizersComments,
    edit: Edit<'a>,
    pub(super) extent: Extent,
}

impl<'u, 'a> Update<'u, 'a> {
    /// Updates the copy. [`finish`](Self::finish) writes the new text.
    pub(super) fn of(
        message: &'u Meeting<'a>,
        (copy, former): (&'u Meeting<'a>, &'u Times),
        context: &'u Context<'u>,
        answers: Answers,
        comments: &'u OrganizersComments,
    ) -> Self {
        let (edit, extent) = (copy.document.edit(), Extent::Nothing);
        let mut update = Self { message, copy, former, context, answers, comments, edit, extent };
        update.run();
        update
    }

    fn run(&mut self) {
        // The copy does not change if all components of the message stay out of it: for example, if
        // the message has only instances that the attendee declined, of a cancelled series.
        if self.message.parts().all(|(component_key, part)| self.stays_out(component_key, part)) {
            return;
        }
        if replaces(self.message, self.copy, self.context) {
            self.forget_the_rest();
        }
        for (component_key, part) in self.message.parts() {
            self.take(component_key, part);
        }
        self.exdates();
        self.zones();
    }

    /// Removes the components of the copy that the message does not contain, or updates them to the
    /// series of the message (see [`settle`](Self::settle)).
    fn forget_the_rest(&mut self) {
        if let (Some(master), None) = (&self.copy.master, &self.message.master) {
            self.edit.remove_component(master.component.id());
            self.extent = Extent::More;
        }
        for (key, part) in &self.copy.overrides {
            if !self.message.overrides.contains_key(key) {
                self.settle(*key, part);
            }
        }
    }

    /// Updates an override of the copy that has no counterpart in the message. A cancelled override
    /// stays if the message excludes its instance, to show the cancellation.
    ///
    /// An override stays, updated to the series of the message, if it holds an answer that is still
    /// on its way, or own properties, comments or alarms of the attendee that differ from those of
    /// its series in the copy (RFC 6638 §3.2.2.1, 2, 5 and 11). Any other override is removed, and
    /// so is an override of an instance that the series of the message does not contain.
    fn settle(&mut self, key: InstanceKey, part: &Part<'a>) {
        if part.cancelled && self.message.exdates.contains_key(&key) {
            return;
        }
        let described = self.message.derive(key).or_else(|| self.message.derive(self.shifted(key)?));
        let known = Body::of(part.component);
        let Some(mut said) = described else { return self.drop_override(part, Extent::More) };
        let series = self.copy.derive(key);
        let has_own =
            series.as_ref().is_none_or(|series| own(series) != own(&known) || self.comments.leave_more(&known, series));
        let answers = !part.cancelled && self.has_pending_answer(key, part);
        carry(&mut said, &known, self.context);
        self.comments.carry(&mut said, &known);
        if !has_own && !answers {
            // The removal changes the Schedule-Tag only if the override differs from the instance
            // as the message describes it (RFC 6638 §3.2.10).
            return self.drop_override(part, self.novelty(&known, &said));
        }
        if answers {
            for attendee in part.lines().filter(|attendee| attendee.is_owned(self.context)) {
                let mine = said
                    .lines
                    .iter_mut()
                    .find(|line| line.is("ATTENDEE") && line.address() == attendee.property.address());
                if let Some(line) = mine {
                    keep_answer(attendee.property, line);
                }
            }
        }
        self.keep_organizer(&mut said);
        if !same_lines(&known, &said) {
            self.extent = self.extent.max(self.novelty(&known, &said));
            self.edit.remove_component(part.component.id());
            self.edit.append_component(self.copy.document.root().id(), &said.text());
        }
    }

    fn drop_override(&mut self, part: &Part<'_>, extent: Extent) {
        self.edit.remove_component(part.component.id());
        self.extent = self.extent.max(extent);
    }

    /// Returns whether the override holds an answer to its instance alone that the message does not
    /// know yet. A new revision supersedes such an answer.
    fn has_pending_answer(&self, key: InstanceKey, part: &Part<'_>) -> bool {
        let revision = self.message.master.as_ref().zip(self.copy.master.as_ref());
        let range = |meeting: &Meeting<'_>| meeting.ranging(key).map(|(from, part)| (from, part.sequence()));
        let is_revised = revision.is_none_or(|(new, old)| new.sequence() != old.sequence());
        if is_revised || range(self.message) != range(self.copy) {
            return false;
        }
        let Some(series) = self.copy.derive(key) else { return false };
        let times = &self.copy.times;
        let body = Body::of(part.component);
        let mine = |part: &Part<'_>| {
            let mine = part.attendees.iter().find(|attendee| attendee.is_owned(self.context));
            mine.map(|attendee| partstat(attendee.property))
        };
        let difference = diff::between(&series, &body, times, times);
        !differs(difference, &series, &body) && mine(part) != self.copy.master.as_ref().and_then(mine)
    }

    fn take(&mut self, component_key: ComponentKey, part: &Part<'a>) {
        if self.stays_out(component_key, part) {
            return;
        }
        let Some(known) = self.copy.part(component_key) else {
            return self.add(component_key, Body::of(part.component));
        };
        let answer = match self.answers {
            Answers::OfTheObject => OwnAnswer::Aligned,
            Answers::ByRevision if self.keeps_answer(part, known) => OwnAnswer::Kept,
            Answers::ByRevision => OwnAnswer::Said,
        };
        let (known, said) = ((known, &self.copy.times), (part, &self.message.times));
        let extent = sync(known, said, (answer, self.comments), &mut self.edit, self.context);
        self.extent = self.extent.max(extent);
    }

    /// Returns whether a component of the message is left out of the copy: it is cancelled or
    /// declined by the owner, and the copy excludes it or, without a series, lacks it. An override
    /// counts as present even if an EXDATE names it, because clients show it.
    fn stays_out(&self, component_key: ComponentKey, part: &Part<'_>) -> bool {
        let taken_out = match (component_key, &self.copy.master) {
            (ComponentKey::Instance(key), Some(_)) => {
                self.copy.exdates.contains_key(&key) && !self.copy.overrides.contains_key(&key)
            }
            (ComponentKey::Master | ComponentKey::Instance(_), None) => self.copy.part(component_key).is_none(),
            (ComponentKey::Master, Some(_)) => false,
        };
        taken_out && (part.cancelled || is_declined(part, self.context))
    }

    /// Returns whether the owner's answer in the copy stays, because it is the latest within one
    /// revision. It does not stay in a new revision, after a cancellation, at a new time, or if it
    /// did not reach the organizer.
    fn keeps_answer(&self, said: &Part<'_>, known: &Part<'_>) -> bool {
        let moved = || {
            let (before, after) = (Body::of(known.component), Body::of(said.component));
            diff::between(&before, &after, self.former, &self.message.times).rescheduled
        };
        said.sequence() == known.sequence() && !known.cancelled && !moved() && !is_untold(known, self.context)
    }

    fn add(&mut self, component_key: ComponentKey, mut said: Body<'a>) {
        let key = match component_key {
            ComponentKey::Master => None,
            ComponentKey::Instance(key) => Some(key),
        };
        let series = key.and_then(|key| self.copy.derive(key));
        let moved = key.filter(|_| series.is_none()).and_then(|key| self.moved_to(key));
        let known = series.as_ref().or(moved.as_ref());
        if let Some(known) = known {
            carry(&mut said, known, self.context);
        }
        // The attendee's own properties and progress do not count, because `carry` has made them
        // equal.
        self.extent = self.extent.max(known.map_or(Extent::More, |known| self.novelty(known, &said)));
        if let Some(moved) = &moved {
            self.comments.carry(&mut said, moved);
        }
        if component_key == ComponentKey::Master {
            said.lines.extend(self.left_out());
        }
        self.keep_organizer(&mut said);
        self.edit.append_component(self.copy.document.root().id(), &said.text());
    }

    /// Returns the instance of the message to which an instance of the copy moved together with its
    /// series; `None` if there is none, or if the copy or the message has an override for it.
    fn shifted(&self, key: InstanceKey) -> Option<InstanceKey> {
        let is_described =
            |key: &InstanceKey| [self.copy, self.message].iter().any(|it| it.overrides.contains_key(key));
        shifted(key, self.copy, self.message).filter(|key| !is_described(key))
    }

    /// Returns the override of the copy that moved to this instance together with its series;
    /// `None` if there is none.
    fn moved_to(&self, key: InstanceKey) -> Option<Body<'a>> {
        let former = shifted(key, self.message, self.copy)?;
        let part = self.copy.overrides.get(&former).filter(|_| self.message.describing(former).is_none())?;
        Some(Body::of(part.component))
    }

    fn keep_organizer(&self, said: &mut Body<'a>) {
        let organizer = self.copy.parts().find_map(|(_, part)| part.component.property("ORGANIZER"));
        let line = said.lines.iter_mut().find(|line| line.is("ORGANIZER"));
        if let Some((line, organizer)) = line.zip(organizer) {
            keep_schedule(organizer, line);
        }
    }

    /// Returns the extent to which a component from the message, `said`, differs from the component
    /// that describes the same instance in the copy, `known`: at least [`Extent::Participation`].
    fn novelty(&self, known: &Body<'_>, said: &Body<'_>) -> Extent {
        let others = |body: &Body<'_>| {
            let is_me =
                |line: &crate::line::Line<'_>| line.address().is_some_and(|address| (self.context.owns)(&address));
            let participation = |name: &str| name == "CN" || PARTICIPATION.contains(&name);
            let attendees = body.lines.iter().filter(|line| line.is("ATTENDEE"));
            let mut lines: Vec<_> = attendees
                .map(|line| {
                    if is_me(line) {
                        line.normal_but(|name| ["RSVP", "CN"].contains(&name))
                    } else {
                        line.normal_but(participation)
                    }
                })
                .collect();
            lines.sort();
            lines
        };
        let difference = diff::between(known, said, &self.copy.times, &self.message.times);
        let is_more = difference.status || differs(difference, known, said) || others(known) != others(said);
        if is_more { Extent::More } else { Extent::Participation }
    }

    /// Adds the time zones that the copy lacks, and replaces those that the message redefines.
    fn zones(&mut self) {
        let bodies: Vec<_> = self.message.parts().map(|(_, part)| Body::of(part.component)).collect();
        add_zones(&zones(&bodies, &[self.message.document]), self.copy, &mut self.edit);
        for zone in redefined::replaced(self.message, self.copy, self.former, self.context) {
            self.edit.replace_component(zone.known.id(), zone.said.text());
            self.extent = Extent::More;
        }
    }

    pub(super) fn finish(mut self) -> Received {
        if self.edit.is_empty() {
            return Received { effect: Effect::Unchanged { reason: Ignored::AlreadySo }, notify: true };
        }
        // PRODID states that this server wrote the copy, so that DTSTAMPs can be compared (see
        // `order`).
        if let Some(prodid) = self.copy.document.root().property("PRODID") {
            self.edit.set_value(prodid.id(), PRODID);
        }
        let tag = match self.extent {
            Extent::Nothing | Extent::Participation => TagEffect::Stays,
            Extent::More => TagEffect::Changes,
        };
        Received { effect: Effect::Changed { ics: self.edit.finish(), tag }, notify: true }
    }
}

/// Returns whether the owner's last reply did not reach an organizer of this system, as
/// SCHEDULE-STATUS states (RFC 6638 §3.2.9), for example because the owner answered before the
/// invitation arrived.
fn is_untold(known: &Part<'_>, context: &Context<'_>) -> bool {
    let Some(organizer) = known.component.property("ORGANIZER") else { return false };
    let is_known = organizer.address().is_some_and(|address| (context.knows)(&address));
    is_known && organizer.param("SCHEDULE-STATUS").is_some_and(|status| status.starts_with(['3', '5']))
}

/// Returns the instance of `to` that an instance of `from` became when its whole series moved;
/// `None` if there is none.
fn shifted(key: InstanceKey, from: &Meeting<'_>, to: &Meeting<'_>) -> Option<InstanceKey> {
    let (before, after) = (from.start()?, to.start()?);
    // A series that now begins with one of its later instances was cut, and did not move.
    if before.is_date() != after.is_date() || from.recurs_at(from.times.key(&after)) {
        return None;
    }
    let moved = after.local().signed_duration_since(before.local());
    let starts = from.times.spelled(key, &before).local().checked_add_signed(moved)?;
    Some(to.times.key(&after.at(starts))).filter(|key| to.recurs_at(*key))
}

/// Returns whether two components agree in every line, in canonical spelling, and nested component.
fn same_lines(one: &Body<'_>, other: &Body<'_>) -> bool {
    let lines = |body: &Body<'_>| {
        let mut lines: Vec<_> = body.lines.iter().map(Line::normal).collect();
        lines.sort();
        lines
    };
    lines(one) == lines(other) && one.nested == other.nested
}
