//! The attendee's copy as it is kept: the client's octets, with what it lost put back.
//!
//! **Invariant:** the other attendees' entries are the organizer's word, and `SCHEDULE-STATUS` and `SEQUENCE` are not the
//! owner's to change.

use super::allowed::belongs_to_organizer;
use super::reply::me;
use crate::body::Body;
use crate::diff::{self, TIMES};
use crate::inner::replace_shared;
use crate::line::Line;
use crate::meeting::{Meeting, Part};
use crate::people::{Agent, NEEDS_ACTION, partstat};
use crate::times::Key;
use crate::{Context, progress};
use ical::{Component, Edit, Property};

/// What is kept of what was sent.
#[derive(Debug)]
pub(super) struct Kept {
    /// `None`: all of it.
    pub(super) text: Option<String>,
    /// The client wants the organizer to be told in any case.
    pub(super) forced: bool,
}

pub(super) fn keep(was: Option<&Meeting<'_>>, sent: &Meeting<'_>, context: &Context<'_>) -> Kept {
    let mut edit = sent.document.edit();
    let mut forced = false;
    for (slot, part) in sent.parts() {
        let known = was.and_then(|was| was.body_at(slot));
        if let Some(organizer) = part.component.property("ORGANIZER") {
            forced |= keep_organizer(organizer, known.as_ref(), &mut edit);
        }
        if let Some(known) = known {
            put_back(part, &known, context, &mut edit);
        }
    }
    if let Some(was) = was {
        put_back_exdates(was, sent, &mut edit);
        put_back_components(was, sent, context, &mut edit);
    }
    Kept { text: (!edit.is_empty()).then(|| edit.finish()), forced }
}

/// Whether a REPLY is asked for; `SCHEDULE-FORCE-SEND` itself is not kept (RFC 6638 §7.2).
fn keep_organizer(organizer: Property<'_>, known: Option<&Body<'_>>, edit: &mut Edit<'_>) -> bool {
    let id = organizer.id();
    if Agent::of(organizer) != Agent::Server {
        edit.remove_param(id, "SCHEDULE-FORCE-SEND");
        return false;
    }
    let known = known.and_then(|known| known.line("ORGANIZER")).and_then(|line| line.param("SCHEDULE-STATUS"));
    match known {
        Some(known) => edit.set_param(id, "SCHEDULE-STATUS", known),
        None => edit.remove_param(id, "SCHEDULE-STATUS"),
    }
    let Some(method) = organizer.param("SCHEDULE-FORCE-SEND") else { return false };
    edit.remove_param(id, "SCHEDULE-FORCE-SEND");
    let is_reply = method.eq_ignore_ascii_case("REPLY");
    if !is_reply {
        edit.set_param(id, "SCHEDULE-STATUS", "2.3");
    }
    is_reply
}

/// Lines the client lost, others' entries it changed, and the revision.
fn put_back(part: &Part<'_>, known: &Body<'_>, context: &Context<'_>, edit: &mut Edit<'_>) {
    let component = part.component;
    for line in known.lines.iter().filter(|line| line.is("ATTENDEE")) {
        let Some(written) = line.address() else { continue };
        let address = (context.same)(&written);
        let mut attendees = component.properties_named("ATTENDEE");
        let sent = attendees.find(|sent| sent.address().is_some_and(|sent| (context.same)(&sent) == address));
        match sent {
            None if (context.owns)(&written) => {
                let mut line = line.clone();
                if let Some(partstat) = progress::implied(&line, known, component) {
                    line.set_param("PARTSTAT", partstat);
                }
                edit.append_property(component.id(), line.as_str());
            }
            None => edit.append_property(component.id(), line.as_str()),
            Some(sent) if (context.owns)(&written) => {
                let implied = progress::implied(line, known, component);
                if let Some(partstat) = implied.filter(|_| partstat(sent) == stands(line)) {
                    edit.set_param(sent.id(), "PARTSTAT", partstat);
                }
            }
            Some(sent) if is_same_entry(sent, line) => {}
            Some(sent) => edit.replace(sent.id(), line.as_str()),
        }
    }
    if component.property("ORGANIZER").is_none() {
        let organizer = known.line("ORGANIZER");
        if let Some(line) = organizer {
            edit.append_property(component.id(), line.as_str());
        }
    }
    let lost = |line: &&Line<'_>| {
        let counts = belongs_to_organizer(line, &known.name) || is_lost_time(line, component);
        counts && component.property(line.name()).is_none()
    };
    for line in known.lines.iter().filter(lost) {
        edit.append_property(component.id(), line.as_str());
    }
    replace_shared(component, &known.inner, edit);
    match (known.value("SEQUENCE"), component.property("SEQUENCE")) {
        (Some(known), Some(sent)) => edit.set_value(sent.id(), known),
        (Some(known), None) => edit.append_property(component.id(), &format!("SEQUENCE:{known}")),
        (None, Some(sent)) => edit.remove(sent.id()),
        (None, None) => {}
    }
}

fn stands(entry: &Line<'_>) -> String {
    entry.param("PARTSTAT").unwrap_or(NEEDS_ACTION).to_ascii_uppercase()
}

fn is_same_entry(sent: Property<'_>, known: &Line<'_>) -> bool {
    // RFC 6638 §3.2.2.1, 10: whoever sends the messages knows what came of them.
    if Agent::of(sent) == Agent::Client {
        return Line::of(sent).normal() == known.normal();
    }
    let schedule = |line: &Line<'_>| line.param("SCHEDULE-STATUS").map(str::to_owned);
    let sent = Line::of(sent);
    sent.normal() == known.normal() && schedule(&sent) == schedule(known)
}

/// Rules and dates; that a start or an end is lost is refused before.
fn is_lost_time(line: &Line<'_>, component: Component<'_>) -> bool {
    let names = ["RRULE", "RDATE"];
    debug_assert!(names.iter().all(|name| TIMES.contains(name)));
    component.property("RECURRENCE-ID").is_none() && names.into_iter().any(|name| line.is(name))
}

/// What the organizer or the owner left out before stays out.
fn put_back_exdates(was: &Meeting<'_>, sent: &Meeting<'_>, edit: &mut Edit<'_>) {
    let Some(master) = &sent.master else { return };
    for key in was.exdates.keys().filter(|key| !sent.exdates.contains_key(key)) {
        if let Some(line) = was.exdate(*key) {
            edit.append_property(master.component.id(), line.as_str());
        }
    }
}

/// Components the client lost; those of instances it took out are meant to go (RFC 6638 §3.2.2.1, 8).
fn put_back_components(was: &Meeting<'_>, sent: &Meeting<'_>, context: &Context<'_>, edit: &mut Edit<'_>) {
    let root = sent.document.root().id();
    if let (Some(master), None) = (&was.master, &sent.master) {
        edit.append_component(root, master.component.text());
    }
    let is_lost =
        |key: &Key| !sent.overrides.contains_key(key) && was.master.is_some() && !sent.exdates.contains_key(key);
    for (key, part) in was.overrides.iter().filter(|(key, _)| is_lost(key)) {
        edit.append_component(root, &unseen(*key, part, was, sent, context));
    }
}

/// An override the client may not have seen yet. One that came to be by somebody else's answer says nothing of its own: where
/// the owner stands in it as in the series, his answer to the series is meant for it too. One that the organizer made is put
/// back as it was, to be answered by itself.
fn unseen(key: Key, part: &Part<'_>, was: &Meeting<'_>, sent: &Meeting<'_>, context: &Context<'_>) -> String {
    let stands = |part: &Part<'_>| me(part, context).map(|me| partstat(me.property));
    let series = was.master.as_ref().and_then(stands);
    let answered = sent.master.as_ref().and_then(|master| me(master, context));
    let answered = answered.filter(|me| Some(partstat(me.property)) != series);
    let mut body = Body::of(part.component);
    let meant_too = stands(part) == series && !part.cancelled && !says_its_own(key, &body, was);
    if let Some((me, answered)) = me(part, context).zip(answered).filter(|_| meant_too) {
        let mine = body.lines.iter_mut().find(|line| line.as_str() == me.property.content_line());
        if let Some(line) = mine {
            *line = Line::of(answered.property);
        }
        return body.text();
    }
    part.component.text().to_owned()
}

/// Does an override say anything that its series does not, but for participation?
fn says_its_own(key: Key, body: &Body<'_>, was: &Meeting<'_>) -> bool {
    was.derive(key).is_none_or(|series| diff::between(&series, body, &was.times, &was.times).tells())
}
