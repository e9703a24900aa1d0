//! REPLY: records an attendee's answer in the organizer's object (RFC 6638 §4.2, RFC 5546 §3.2.3).
//!
//! **Invariant:** a reply changes the lines of the answering attendee, adds their delegates, and
//! creates overrides for answers to single instances. A reply from a user who is not invited
//! changes nothing.

use super::{Effect, LatestReplies, Received, TagEffect, ignored};
use crate::Context;
use crate::attendee::{MAX_ANSWERED_INSTANCES, is_answer_too_long, replies_too_many};
use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{ComponentKey, Meeting, Part};
use crate::participation::{DECLINED, NEEDS_ACTION, partstat};
use crate::times::InstanceKey;
use ical::{Address, Edit, Property};
use schemas::Ignored;
use std::collections::BTreeSet;

/// A REPLY that arrives at the organizer's object.
pub(super) struct Reply<'r, 'a> {
    pub(super) message: &'r Meeting<'a>,
    /// The canonical address of the sender; `None` if the server does not know it.
    pub(super) sender: Option<&'r Address>,
    pub(super) context: &'r Context<'r>,
}

impl<'a> Reply<'_, 'a> {
    pub(super) fn receive(&self, copy: Option<&Meeting<'_>>, answers: &LatestReplies) -> Received {
        let Some(copy) = copy else { return ignored(Ignored::UnknownObject) };
        let owned = copy.parts().filter_map(|(_, part)| part.component.organizer());
        if !owned.into_iter().any(|organizer| (self.context.owns)(&organizer)) {
            return ignored(Ignored::NotTheOrganizer);
        }
        // Some replies have no ORGANIZER. A reply with another organizer is not for this object.
        if self.message.organizer.is_some() && self.message.organizer != copy.organizer {
            return ignored(Ignored::AnotherOrganizer);
        }
        if replies_too_many(copy, self.message) {
            return ignored(Ignored::TooLarge);
        }
        let mut edit = copy.document.edit();
        let (mut refused, mut is_taken) = (None, false);
        for (component_key, said) in self.message.parts() {
            let component_key = answered_component(component_key, said, self.message, copy);
            match self.take(component_key, said, copy, answers, &mut edit) {
                Ok(()) => is_taken = true,
                Err(reason) => refused = Some(reason),
            }
        }
        match (edit.is_empty(), refused) {
            (false, _) => {
                Received { effect: Effect::Changed { ics: edit.finish(), tag: TagEffect::Stays }, notify: true }
            }
            // If the answer to one component is not ignored, the organizer sees the reply: its
            // comment may be news.
            (true, Some(reason)) if !is_taken => ignored(reason),
            (true, _) => Received { effect: Effect::Unchanged { reason: Ignored::AlreadySo }, notify: true },
        }
    }

    /// Records the answer to one component. Returns the reason as an error if the answer is
    /// ignored.
    fn take(
        &self,
        component_key: ComponentKey,
        said: &Part<'a>,
        copy: &Meeting<'_>,
        answers: &LatestReplies,
        edit: &mut Edit<'_>,
    ) -> Result<(), Ignored> {
        let (address, entry) = self.replier(said).ok_or(Ignored::NotAnAttendee)?;
        let present = copy.at(component_key).map_or(0, Part::sequence);
        // RFC 5546 §2.1.5: a later reply of this attendee was applied before.
        if entry.address().is_some_and(|written| answers.has_later(&written, component_key, said, present)) {
            return Err(Ignored::Stale);
        }
        if is_answer_too_long(said.component, copy.at(component_key)) {
            return Err(Ignored::TooLarge);
        }
        let known = copy.at(component_key).ok_or(Ignored::UnknownInstance)?;
        if known.attendee(&address).is_none() {
            return Err(Ignored::NotAnAttendee);
        }
        if is_stale(component_key, said, self.message, copy) {
            return Err(Ignored::Stale);
        }
        let answer = AttendeeReply { address, entry, partstat: partstat(entry), status: request_status(said), said };
        match (copy.part(component_key), component_key) {
            (Some(part), _) => {
                answer.record(part, copy, edit, self.context);
                if component_key == ComponentKey::Master {
                    for (_, part) in answer.follow_series(self.message, copy, answers) {
                        answer.record(part, copy, edit, self.context);
                    }
                    answer.decline_excluded(self.message, copy, edit, self.context);
                }
                Ok(())
            }
            (None, ComponentKey::Master) => Err(Ignored::UnknownInstance),
            // The answer to the series already covers this instance.
            (None, ComponentKey::Instance(_)) if stands_in_series(&answer.address, entry, self.message) => Ok(()),
            (None, ComponentKey::Instance(key)) => answer.derive(key, copy, edit, self.context),
        }
    }

    /// Returns the canonical address and the line of the attendee who replies. This is the sender,
    /// because nobody answers for another (RFC 6638 §11.2); further lines belong to delegates. If
    /// the sender is unknown, the first line counts, because RFC 5546 §3.2.3 allows only one
    /// attendee. `None` if there is no such line.
    fn replier(&self, said: &Part<'a>) -> Option<(Address, Property<'a>)> {
        let lines = said.component.properties_named("ATTENDEE");
        let mut named = lines.filter_map(|line| Some(((self.context.canonical)(&line.address()?), line)));
        named.find(|(address, _)| self.sender.is_none_or(|sender| sender == address))
    }
}

/// The answer of one attendee to one component.
struct AttendeeReply<'s, 'a> {
    /// The canonical address of the attendee.
    address: Address,
    entry: Property<'a>,
    partstat: String,
    /// The codes of the REQUEST-STATUS properties, separated by commas.
    status: String,
    said: &'s Part<'a>,
}

impl<'a> AttendeeReply<'_, 'a> {
    /// Writes the answer to every line that the attendee has in the component `part`, one for each
    /// of their addresses (RFC 6638 §4.2). Adds lines for the delegates (RFC 5546 §3.2.2.3).
    fn record(&self, part: &Part<'_>, copy: &Meeting<'_>, edit: &mut Edit<'_>, context: &Context<'_>) {
        for attendee in part.lines_of(&self.address) {
            let mut line = Line::of(attendee.property);
            self.write_to(&mut line);
            edit.replace(attendee.property.id(), line.as_str());
        }
        for line in self.delegates(part, copy, context) {
            edit.append_property(part.component.id(), line.as_str());
        }
    }

    /// Returns the overrides to which an answer to the series applies too: those that the reply
    /// neither contains nor excludes, that are not cancelled, that have the attendee's PARTSTAT and
    /// the content of the series ([`diff::has_own_content`]), and whose current revision the
    /// attendee did not answer separately.
    fn follow_series<'c, 'd>(
        &'c self,
        message: &'c Meeting<'_>,
        copy: &'c Meeting<'d>,
        answers: &'c LatestReplies,
    ) -> impl Iterator<Item = (&'c InstanceKey, &'c Part<'d>)> {
        let stands = |part: &Part<'_>| part.attendee(&self.address).map(|attendee| partstat(attendee.property));
        let series = copy.master.as_ref().and_then(stands);
        let written = self.entry.address();
        copy.overrides.iter().filter(move |(key, part)| {
            !message.overrides.contains_key(key)
                && !message.exdates.contains_key(key)
                && !part.cancelled
                && stands(part) == series
                && !written.as_ref().is_some_and(|written| answers.has_answered(written, **key, part))
                && !diff::has_own_content(**key, &Body::of(part.component), copy)
        })
    }

    /// Declines the instances that the reply excludes (at most [`MAX_ANSWERED_INSTANCES`]) and that
    /// the attendee has not declined in the organizer's object: the attendee removed them from
    /// their copy (RFC 6638 §3.2.2.1, 8). If the reply declines the series, only overrides are
    /// declined, because the series covers all other instances.
    fn decline_excluded(self, message: &Meeting<'_>, copy: &Meeting<'_>, edit: &mut Edit<'_>, context: &Context<'_>) {
        let is_open = |key: &InstanceKey, part: &Part<'_>| {
            let stands = part.attendee(&self.address).filter(|_| !part.cancelled).map(|it| partstat(it.property));
            let in_series = !copy.overrides.contains_key(key);
            stands.is_some_and(|stands| if in_series { self.partstat != DECLINED } else { stands != DECLINED })
        };
        let is_news = |key: &&InstanceKey| {
            !message.overrides.contains_key(key) && copy.describing(**key).is_some_and(|part| is_open(key, part))
        };
        let excluded: Vec<_> = message.exdates.keys().filter(is_news).take(MAX_ANSWERED_INSTANCES).collect();
        let decline = Self { partstat: DECLINED.to_owned(), ..self };
        for key in excluded {
            match copy.overrides.get(key) {
                Some(part) => decline.record(part, copy, edit, context),
                None => drop(decline.derive(*key, copy, edit, context)),
            }
        }
    }

    /// Creates an override for an answer to a single instance. Returns an error if the series has
    /// no such instance.
    fn derive(
        &self,
        key: InstanceKey,
        copy: &Meeting<'_>,
        edit: &mut Edit<'_>,
        context: &Context<'_>,
    ) -> Result<(), Ignored> {
        let known = copy.describing(key).ok_or(Ignored::UnknownInstance)?;
        let mut body = copy.derive(key).ok_or(Ignored::UnknownInstance)?;
        let same = |line: &Line<'_>| line.address().is_some_and(|other| (context.canonical)(&other) == self.address);
        for line in body.lines.iter_mut().filter(|line| line.is("ATTENDEE") && same(line)) {
            self.write_to(line);
        }
        body.lines.extend(self.delegates(known, copy, context));
        edit.append_component(copy.document.root().id(), &body.text());
        Ok(())
    }

    /// Writes the answer to the attendee's line (RFC 6638 §4.2).
    fn write_to(&self, line: &mut Line<'_>) {
        if self.partstat != NEEDS_ACTION {
            // RFC 5545 §3.2.17: RSVP asks for a reply, and this is the reply.
            line.remove_param("RSVP");
        }
        line.set_param("PARTSTAT", &self.partstat);
        for name in ["DELEGATED-TO", "SENT-BY"] {
            line.copy_param(name, &Line::of(self.entry));
        }
        line.set_param("SCHEDULE-STATUS", &self.status);
    }

    /// Returns the lines of the delegates who are neither attendees of `known` nor the organizer;
    /// empty unless PARTSTAT is DELEGATED.
    fn delegates(&self, known: &Part<'_>, copy: &Meeting<'_>, context: &Context<'_>) -> Vec<Line<'a>> {
        if self.partstat != "DELEGATED" {
            return vec![];
        }
        let (mut lines, mut added) = (vec![], BTreeSet::new());
        for to in Line::of(self.entry).addresses("DELEGATED-TO") {
            let address = (context.canonical)(&to);
            let is_there = known.attendee(&address).is_some() || copy.organizer.as_ref() == Some(&address);
            if is_there || !added.insert(address.clone()) {
                continue;
            }
            let introduced = self.said.attendee(&address).map(|delegate| Line::of(delegate.property));
            let mut line = introduced.unwrap_or_else(|| Line::new("ATTENDEE", to.as_written()));
            line.set_param("DELEGATED-FROM", self.entry.value());
            line.set_param("PARTSTAT", NEEDS_ACTION);
            line.set_param("RSVP", "TRUE");
            lines.push(line);
        }
        lines
    }
}

/// Returns the component that a reply answers. If the copy has only single instances, a reply
/// without RECURRENCE-ID answers the instance that starts at its DTSTART.
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

fn stands_in_series(address: &Address, entry: Property<'_>, message: &Meeting<'_>) -> bool {
    let series = message.master.as_ref().and_then(|master| master.attendee(address));
    series.is_some_and(|series| partstat(series.property) == partstat(entry))
}

/// Returns the codes of the REQUEST-STATUS properties, separated by commas; `2.0` (success) if
/// there are none.
fn request_status(said: &Part<'_>) -> String {
    let codes = said.component.properties_named("REQUEST-STATUS").map(|status| {
        let value = status.value();
        value.split_once(';').map_or(value, |(code, _)| code).trim()
    });
    let codes: Vec<_> = codes.filter(|code| !code.is_empty()).collect();
    if codes.is_empty() { "2.0".to_owned() } else { codes.join(",") }
}

/// Returns whether the reply is outdated. A reply to an earlier revision counts only if it repeats
/// the present times of the meeting.
fn is_stale(component_key: ComponentKey, said: &Part<'_>, message: &Meeting<'_>, copy: &Meeting<'_>) -> bool {
    let Some(sequence) = copy.at(component_key).map(Part::sequence) else { return false };
    if said.sequence() >= sequence {
        return false;
    }
    let Some(body) = copy.body_at(component_key) else { return false };
    let said = Body::of(said.component);
    said.line("DTSTART").is_none() || diff::time_changed(&body, &said, &copy.times, &message.times).is_some()
}
