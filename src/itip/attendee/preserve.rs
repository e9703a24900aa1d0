//! Restores server-managed and organizer-owned properties in an attendee's copy before it is
//! stored.
//!
//! **Invariant:** in a component that the copy had, a change by the owner leaves SEQUENCE and the
//! participation of the other attendees as they were.

use super::reply::me;
use crate::body::Body;
use crate::diff::{self, TIMES};
use crate::line::Line;
use crate::meeting::{Meeting, Part};
use crate::nested::{replace_shared, shared};
use crate::organizers_part::{belongs_to_organizer, differs_from_series, is_free, is_put_back, meaning, meanings};
use crate::own_properties::{carry_progress, progress};
use crate::participation::{Agent, NEEDS_ACTION, partstat};
use crate::times::{InstanceKey, Times};
use crate::{Context, task_progress};
use ical::{Address, Component, Edit, Property};
use std::collections::BTreeSet;

/// The text to store, and whether a reply is forced.
#[derive(Debug)]
pub(super) struct Preserved {
    /// The text to store; `None` if the text that the client sent is stored unchanged.
    pub(super) text: Option<String>,
    /// True if the client requests a REPLY even if nothing changed (SCHEDULE-FORCE-SEND).
    pub(super) forced: bool,
}

pub(super) fn preserve(was: Option<&Meeting<'_>>, sent: &Meeting<'_>, context: &Context<'_>) -> Preserved {
    let mut edit = sent.document.edit();
    let mut forced = false;
    for (component_key, part) in sent.parts() {
        let known = was.and_then(|was| was.body_at(component_key));
        if let Some(organizer) = part.component.property("ORGANIZER") {
            forced |= keep_organizer(organizer, known.as_ref(), &mut edit);
        }
        if known.is_none() {
            raise_sequence(part, was, &mut edit);
        }
        if let Some(known) = known {
            put_back(part, &known, context, &mut edit);
            put_back_dates(part, &known, [was.map_or(&sent.times, |was| &was.times), &sent.times], &mut edit);
        }
    }
    if let Some(was) = was {
        put_back_exdates(was, sent, &mut edit);
        put_back_components(was, sent, context, &mut edit);
    }
    Preserved { text: (!edit.is_empty()).then(|| edit.finish()), forced }
}

/// Like [`preserve`], but only for parameters of ORGANIZER ([`keep_organizer`]): an organizer
/// outside of this system wrote everything else.
pub(super) fn preserve_status(was: Option<&Meeting<'_>>, sent: &Meeting<'_>) -> Preserved {
    let mut edit = sent.document.edit();
    let mut forced = false;
    for (component_key, part) in sent.parts() {
        if let Some(organizer) = part.component.property("ORGANIZER") {
            let known = was.and_then(|was| was.body_at(component_key));
            forced |= keep_organizer(organizer, known.as_ref(), &mut edit);
        }
    }
    Preserved { text: (!edit.is_empty()).then(|| edit.finish()), forced }
}

/// Restores SCHEDULE-STATUS of ORGANIZER and removes SCHEDULE-FORCE-SEND (RFC 6638 §7.2). Returns
/// whether SCHEDULE-FORCE-SEND requested a REPLY; another value sets SCHEDULE-STATUS to 2.3
/// (ignored parameter). If the server does not send the replies, only removes SCHEDULE-FORCE-SEND
/// and returns false.
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

/// Restores the organizer's lines and nested components that the client dropped, lines of other
/// attendees that it changed, RANGE, and SEQUENCE.
fn put_back(part: &Part<'_>, known: &Body<'_>, context: &Context<'_>, edit: &mut Edit<'_>) {
    put_attendees_back(part, known, context, edit);
    put_lines_back(part.component, known, edit);
    replace_shared(part.component, &known.nested, edit);
    let range = known.line("RECURRENCE-ID").and_then(|id| id.param("RANGE"));
    if let Some((range, id)) = range.zip(part.recurrence_id()) {
        edit.set_param(id.id(), "RANGE", range);
    }
    match (known.value("SEQUENCE"), part.component.property("SEQUENCE")) {
        (Some(known), Some(sent)) => edit.set_value(sent.id(), known),
        (Some(known), None) => edit.append_property(part.component.id(), &format!("SEQUENCE:{known}")),
        (None, Some(sent)) => edit.remove(sent.id()),
        (None, None) => {}
    }
}

/// Raises the SEQUENCE of an override, of an instance that the copy `was` excluded, to that of its
/// series. A lower one would make the answer look outdated (RFC 5546 §2.1.5).
fn raise_sequence(part: &Part<'_>, was: Option<&Meeting<'_>>, edit: &mut Edit<'_>) {
    let Some(series) = was.and_then(|was| was.master.as_ref()).map(Part::sequence) else { return };
    if part.recurrence_id().is_none() || part.sequence() >= series {
        return;
    }
    match part.component.property("SEQUENCE") {
        Some(sequence) => edit.set_value(sequence.id(), &series.to_string()),
        None => edit.append_property(part.component.id(), &format!("SEQUENCE:{series}")),
    }
}

/// Restores the ATTENDEE lines. A line of the owner stays as the client wrote it, except for a
/// PARTSTAT that the progress of a task implies. A dropped line of the owner is restored with the
/// answer of another line of the owner, if the client kept one.
fn put_attendees_back(part: &Part<'_>, known: &Body<'_>, context: &Context<'_>, edit: &mut Edit<'_>) {
    let component = part.component;
    for line in known.lines.iter().filter(|line| line.is("ATTENDEE")) {
        let Some(written) = line.address() else { continue };
        match sent_line(&written, part, known, context) {
            None if (context.owns)(&written) => {
                let mut line = line.clone();
                if let Some(answer) = me(part, context) {
                    line.set_param("PARTSTAT", &partstat(answer.property));
                }
                if let Some(partstat) = task_progress::implied(&line, known, component) {
                    line.set_param("PARTSTAT", partstat);
                }
                edit.append_property(component.id(), line.as_str());
            }
            None => edit.append_property(component.id(), line.as_str()),
            Some(sent) if (context.owns)(&written) => {
                let implied = task_progress::implied(line, known, component);
                if let Some(partstat) = implied.filter(|_| partstat(sent) == stands(line)) {
                    edit.set_param(sent.id(), "PARTSTAT", partstat);
                }
            }
            Some(sent) if is_same_entry(sent, line) => {}
            Some(sent) => edit.replace(sent.id(), line.as_str()),
        }
    }
}

/// Restores ORGANIZER, and other lines of the organizer that the client dropped.
fn put_lines_back(component: Component<'_>, known: &Body<'_>, edit: &mut Edit<'_>) {
    if component.property("ORGANIZER").is_none()
        && let Some(line) = known.line("ORGANIZER")
    {
        edit.append_property(component.id(), line.as_str());
    }
    put_rewritten_back(component, known, edit);
    let sent = meanings(&Body::of(component).lines, component.name());
    let lost = |line: &&Line<'_>| {
        let is_lost = belongs_to_organizer(line, &known.name) && !sent.contains(&meaning(line));
        is_lost && !is_put_back(line, known) || is_lost_rule(line, component)
    };
    for line in known.lines.iter().filter(lost) {
        edit.append_property(component.id(), line.as_str());
    }
}

/// Restores the organizer's properties that clients rewrite ([`is_put_back`]), each with all its
/// lines.
fn put_rewritten_back(component: Component<'_>, known: &Body<'_>, edit: &mut Edit<'_>) {
    let sent: Vec<_> = component.properties().map(|property| (property, Line::of(property))).collect();
    let names = known.lines.iter().chain(sent.iter().map(|(_, line)| line)).filter(|line| is_put_back(line, known));
    let names: BTreeSet<_> = names.map(|line| line.name().to_ascii_uppercase()).collect();
    for name in names {
        let of_name = |line: &&Line<'_>| line.is(&name);
        let known = known.lines.iter().filter(of_name);
        if known.clone().map(Line::normal).eq(sent.iter().map(|(_, line)| line).filter(of_name).map(Line::normal)) {
            continue;
        }
        sent.iter().filter(|(_, line)| line.is(&name)).for_each(|(property, _)| edit.remove(property.id()));
        known.for_each(|line| edit.append_property(component.id(), line.as_str()));
    }
}

/// Returns the ATTENDEE line that the client sent for the address `written`: the line with that
/// address, or else a line of the same user with an address that the known lines do not list.
/// `None` if there is neither.
fn sent_line<'a>(written: &Address, part: &Part<'a>, known: &Body<'_>, context: &Context<'_>) -> Option<Property<'a>> {
    let sent = || part.component.properties_named("ATTENDEE").filter_map(|sent| Some((sent, sent.address()?)));
    let is_listed = |address: &Address| {
        known.lines.iter().any(|line| line.is("ATTENDEE") && line.address().as_ref() == Some(address))
    };
    let canonical = (context.canonical)(written);
    let same = sent().find(|(_, address)| address == written);
    let other = || sent().find(|(_, address)| (context.canonical)(address) == canonical && !is_listed(address));
    same.or_else(other).map(|(sent, _)| sent)
}

fn stands(entry: &Line<'_>) -> String {
    entry.param("PARTSTAT").unwrap_or(NEEDS_ACTION).to_ascii_uppercase()
}

fn is_same_entry(sent: Property<'_>, known: &Line<'_>) -> bool {
    // RFC 6638 §3.2.2.1 (10): with SCHEDULE-AGENT=CLIENT the client sets SCHEDULE-STATUS.
    if Agent::of(sent) == Agent::Client {
        return Line::of(sent).normal() == known.normal();
    }
    let schedule = |line: &Line<'_>| line.param("SCHEDULE-STATUS").map(str::to_owned);
    let sent = Line::of(sent);
    sent.normal() == known.normal() && schedule(&sent) == schedule(known)
}

/// Returns whether `line` is an RRULE or EXRULE, and the client dropped all of that name from the
/// series.
fn is_lost_rule(line: &Line<'_>, component: Component<'_>) -> bool {
    let names = ["RRULE", "EXRULE"];
    debug_assert!(names.iter().all(|name| TIMES.contains(name)));
    let is_rule = names.into_iter().any(|name| line.is(name));
    is_rule && component.property("RECURRENCE-ID").is_none() && component.property(line.name()).is_none()
}

/// Restores all RDATEs of the series if the client dropped an RDATE, or the end of an RDATE with a
/// period.
fn put_back_dates(part: &Part<'_>, known: &Body<'_>, [was, is]: [&Times; 2], edit: &mut Edit<'_>) {
    let component = part.component;
    let is_master = component.property("RECURRENCE-ID").is_none();
    if !is_master || diff::added_dates(known, was) == diff::added_dates(&Body::of(component), is) {
        return;
    }
    for sent in component.properties_named("RDATE") {
        edit.remove(sent.id());
    }
    for line in known.lines.iter().filter(|line| line.is("RDATE")) {
        edit.append_property(component.id(), line.as_str());
    }
}

/// Restores the EXDATEs that the client dropped.
fn put_back_exdates(was: &Meeting<'_>, sent: &Meeting<'_>, edit: &mut Edit<'_>) {
    let Some(master) = &sent.master else { return };
    for key in was.exdates.keys().filter(|key| !sent.exdates.contains_key(key)) {
        if let Some(line) = was.exdate(*key) {
            edit.append_property(master.component.id(), line.as_str());
        }
    }
}

/// Restores the master, and the overrides of a copy with a master, if the client dropped them.
/// Overrides of instances that `sent` excludes, and overrides with only the attendee's own
/// properties, stay removed (RFC 6638 §3.2.2.1, 8).
fn put_back_components(was: &Meeting<'_>, sent: &Meeting<'_>, context: &Context<'_>, edit: &mut Edit<'_>) {
    let root = sent.document.root().id();
    if let (Some(master), None) = (&was.master, &sent.master) {
        edit.append_component(root, master.component.text());
    }
    let is_lost = |key: &InstanceKey| {
        !sent.overrides.contains_key(key) && was.master.is_some() && !sent.exdates.contains_key(key)
    };
    let is_own =
        |key: InstanceKey, part: &Part<'_>| was.derive(key).is_some_and(|series| is_own_override(&series, part));
    for (key, part) in was.overrides.iter().filter(|(key, part)| is_lost(key) && !is_own(**key, part)) {
        edit.append_component(root, &unseen(*key, part, was, sent, context));
    }
}

/// Returns whether an override differs from its series only in alarms, ORGANIZER and properties
/// that the attendee may change freely. Every COMMENT and the progress of a task must be equal. The
/// attendee may remove such an override again (RFC 6638 §3.2.2.1, 2 and 5).
fn is_own_override(series: &Body<'_>, part: &Part<'_>) -> bool {
    let others = |body: &Body<'_>| {
        // A comment may be the organizer's.
        let is_own = |line: &Line<'_>| is_free(line.name(), &body.name) && !line.is("COMMENT");
        let counts = |line: &&Line<'_>| !line.is("ORGANIZER") && !is_own(line);
        let mut lines: Vec<_> = body.lines.iter().filter(counts).map(Line::normal).collect();
        lines.sort();
        lines
    };
    let known = Body::of(part.component);
    others(series) == others(&known)
        && progress(series) == progress(&known)
        && shared(&series.nested) == shared(&known.nested)
}

/// Returns the text that restores an override which the client omitted.
///
/// The client may not know an override that the server made for another attendee's reply. If the
/// override agrees with its series in the organizer's part, the owner's PARTSTAT and the progress
/// of a task, and is not cancelled, the owner's new answer to the series applies to it too. Any
/// other override is restored unchanged.
fn unseen(key: InstanceKey, part: &Part<'_>, was: &Meeting<'_>, sent: &Meeting<'_>, context: &Context<'_>) -> String {
    let stands = |part: &Part<'_>| me(part, context).map(|me| partstat(me.property));
    let series = was.master.as_ref().and_then(stands);
    let answered = sent.master.as_ref().and_then(|master| me(master, context));
    let answered = answered.filter(|me| Some(partstat(me.property)) != series);
    let mut body = Body::of(part.component);
    let is_as_far = was.master.as_ref().is_some_and(|master| progress(&Body::of(master.component)) == progress(&body));
    let meant_too = stands(part) == series && is_as_far && !part.cancelled && !differs_from_series(key, &body, was);
    if let Some((me, answered)) = me(part, context).zip(answered).filter(|_| meant_too) {
        let mine = body.lines.iter_mut().find(|line| line.as_str() == me.property.content_line());
        if let Some(line) = mine {
            *line = Line::of(answered.property);
        }
        return with_progress(body, was, sent).text();
    }
    part.component.text().to_owned()
}

/// Returns a task with the progress that the client states for its series, if the task had the same
/// progress as the series before; else the task unchanged.
fn with_progress<'a>(mut task: Body<'a>, was: &Meeting<'a>, sent: &Meeting<'a>) -> Body<'a> {
    let series = was.master.as_ref().zip(sent.master.as_ref());
    if let Some((before, after)) = series.map(|(before, after)| (Body::of(before.component), Body::of(after.component)))
        && progress(&task) == progress(&before)
        && progress(&before) != progress(&after)
    {
        carry_progress(&mut task, &after);
    }
    task
}
