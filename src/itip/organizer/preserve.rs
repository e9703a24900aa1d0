//! Restores server-managed properties in the organizer's object before it is stored (RFC 6638).
//!
//! **Invariant:** for attendees to whom the server sends messages, the participation of people on
//! this server is what they answered (§3.2.1) unless they are asked again (§3.2.8), and only the
//! server sets `SCHEDULE-STATUS` (§7.3). `SCHEDULE-FORCE-SEND` is not stored (§7.2); `SEQUENCE`
//! never decreases (RFC 5546 §2.1.4).

use super::comparison::{Comparison, Loss};
use super::follow::following;
use crate::Context;
use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{Attendee, ComponentKey, Meeting, Part};
use crate::participation::{Agent, DECLINED, NEEDS_ACTION, partstat};
use crate::times::InstanceKey;
use ical::{Address, Edit};
use std::collections::BTreeSet;

/// The text to store, and the attendees whom the client wants to notify.
#[derive(Debug)]
pub(super) struct Preserved {
    /// The text to store; `None` if the text that the client sent is stored unchanged.
    pub(super) text: Option<String>,
    /// The attendees to notify even if nothing changed (SCHEDULE-FORCE-SEND).
    pub(super) forced: Vec<Address>,
}

pub(super) fn preserve(revision: &Comparison<'_, '_>, sent: &Meeting<'_>, context: &Context<'_>) -> Preserved {
    let mut edit = sent.document.edit();
    let mut forced = Vec::new();
    let mut revised = revised(revision);
    let following = following(revision, sent);
    for (component_key, part) in sent.parts() {
        if matches!(component_key, ComponentKey::Instance(key) if following.contains(&key)) {
            edit.remove_component(part.component.id());
            continue;
        }
        let known = revision.was.and_then(|was| was.at(component_key));
        let asked_again = is_rescheduled(revision, component_key);
        if people(part, known, asked_again, (&mut edit, &mut forced), context) {
            revised.insert(component_key);
        }
        keep_sequence(part, known, revised.contains(&component_key), &mut edit);
    }
    if let Some(was) = revision.was {
        let reset = is_rescheduled(revision, ComponentKey::Master);
        let gone = was.overrides.iter().filter(|(key, _)| !sent.overrides.contains_key(key) || following.contains(key));
        let again = gone.filter_map(|(key, known)| recreate(*key, known, (was, sent), reset));
        again.for_each(|text| edit.append_component(sent.document.root().id(), &text));
    }
    let text = (!edit.is_empty()).then(|| edit.finish());
    Preserved { text, forced }
}

fn is_rescheduled(revision: &Comparison<'_, '_>, component_key: ComponentKey) -> bool {
    revision.differences.get(&component_key).copied().flatten().is_some_and(|difference| difference.rescheduled)
}

/// Restores the parameters that the server manages in the ATTENDEE lines. `asked_again` is true if
/// the component was rescheduled. Returns whether an answer was reset to NEEDS-ACTION.
fn people(
    part: &Part<'_>,
    known: Option<&Part<'_>>,
    asked_again: bool,
    (edit, forced): (&mut Edit<'_>, &mut Vec<Address>),
    context: &Context<'_>,
) -> bool {
    // A cancelled component that takes place again is a new invitation: earlier answers do not
    // count.
    let answered = known.filter(|known| part.cancelled || !known.cancelled);
    let mut resets = false;
    // RFC 6638 §3.2.8: PARTSTAT is reset in all ATTENDEE lines except the organizer's own.
    for attendee in part.answered_lines() {
        let is_forced = attendee.property.param("SCHEDULE-FORCE-SEND").is_some();
        if attendee.agent == Agent::Server {
            // As long as another agent sends the messages, the client writes the answers. The
            // server has received none of them.
            let known = answered.and_then(|known| known.line_of(attendee)).filter(|known| known.agent == Agent::Server);
            // The answer of an attendee outside of this system can arrive only through the
            // organizer's client, so it stays as the client wrote it.
            if asked_again || (context.knows)(&attendee.address) {
                if let Some(known) = known.filter(|_| !asked_again) {
                    put_back_delegation(attendee, known, part, context, edit);
                }
                resets |= participation(attendee, known, asked_again, edit);
            }
            if !is_forced {
                status(attendee, known, edit);
            }
        }
        if is_forced {
            force(attendee, edit, forced);
        }
    }
    // RFC 6638 §7.2: the parameter is not stored, not even in the organizer's own lines, where it
    // forces no message.
    let lines = ["ORGANIZER", "ATTENDEE"].into_iter().flat_map(|name| part.component.properties_named(name));
    for property in lines.filter(|property| property.param("SCHEDULE-FORCE-SEND").is_some()) {
        edit.remove_param(property.id(), "SCHEDULE-FORCE-SEND");
    }
    // Lines that repeat an address are removed, because an answer would be written into only one of
    // them.
    let repeated = part.surplus.iter().filter(|line| line.address().is_some());
    repeated.for_each(|line| edit.remove(line.id()));
    resets
}

/// The parameters of an answer other than PARTSTAT (RFC 5545 §3.2.4, §3.2.5, §3.2.18).
const ANSWERED: [&str; 3] = ["DELEGATED-TO", "DELEGATED-FROM", "SENT-BY"];

/// Restores the delegation parameters and SENT-BY that the client left out of an answer.
/// DELEGATED-FROM is restored as long as the delegator is invited.
fn put_back_delegation(
    attendee: &Attendee<'_>,
    known: &Attendee<'_>,
    part: &Part<'_>,
    context: &Context<'_>,
    edit: &mut Edit<'_>,
) {
    let (known, mut line) = (Line::of(known.property), Line::of(attendee.property));
    let is_invited = |address: &Address| part.attendee(&(context.canonical)(address)).is_some();
    let applies = |name: &str| name != "DELEGATED-FROM" || known.addresses(name).iter().any(is_invited);
    for name in ANSWERED {
        if line.param(name).is_none() && applies(name) {
            line.copy_param(name, &known);
        }
    }
    if line.as_str() != attendee.property.content_line() {
        edit.replace(attendee.property.id(), line.as_str());
    }
}

/// Executes SCHEDULE-FORCE-SEND of an attendee: adds the attendee to `forced`, or writes the status
/// for an invalid parameter.
fn force(attendee: &Attendee<'_>, edit: &mut Edit<'_>, forced: &mut Vec<Address>) {
    if attendee.agent != Agent::Server {
        return;
    }
    let method = attendee.property.param("SCHEDULE-FORCE-SEND").unwrap_or_default();
    if method.eq_ignore_ascii_case("REQUEST") {
        if !forced.contains(&attendee.address) {
            forced.push(attendee.address.clone());
        }
    } else {
        // RFC 6638 §7.2: the status for "success; invalid property parameter ignored".
        edit.set_param(attendee.property.id(), "SCHEDULE-STATUS", "2.3");
    }
}

/// Sets PARTSTAT and RSVP of one attendee, who must answer again if `asked_again` is true. The
/// organizer may ask again, but may not answer for others (RFC 6638 §3.2.1). Returns whether an
/// answer is reset.
fn participation(
    attendee: &Attendee<'_>,
    known: Option<&Attendee<'_>>,
    asked_again: bool,
    edit: &mut Edit<'_>,
) -> bool {
    let id = attendee.property.id();
    let settled = settled(attendee, known, asked_again);
    let stood = known.map_or_else(|| NEEDS_ACTION.to_owned(), |known| partstat(known.property));
    if settled != partstat(attendee.property) {
        edit.set_param(id, "PARTSTAT", &settled);
    }
    let reset = settled == NEEDS_ACTION && (stood != NEEDS_ACTION || partstat(attendee.property) != NEEDS_ACTION);
    if reset {
        edit.set_param(id, "PARTSTAT", NEEDS_ACTION);
        edit.remove_param(id, "DELEGATED-TO");
    }
    // RSVP=TRUE asks for a reply (RFC 5545 §3.2.17). Clients drop the RSVP that the server set, so
    // a missing RSVP is restored. An organizer who wants no reply must write RSVP=FALSE.
    let has_rsvp = |attendee: &Attendee<'_>| attendee.property.param("RSVP").is_some();
    let waits = settled == NEEDS_ACTION && known.is_some_and(has_rsvp);
    if (reset || waits || asked_again) && !has_rsvp(attendee) {
        edit.set_param(id, "RSVP", "TRUE");
    }
    reset && stood != NEEDS_ACTION
}

/// Returns whether the client read the line before the answer arrived: the line has another
/// SCHEDULE-STATUS than the known one (RFC 6638 §3.2.9).
fn is_outdated(sent: &Attendee<'_>, known: &Attendee<'_>) -> bool {
    let status = |attendee: &Attendee<'_>| attendee.property.param("SCHEDULE-STATUS").map(std::borrow::Cow::into_owned);
    status(sent).is_some_and(|sent| status(known).is_some_and(|known| known != sent))
}

/// Returns the PARTSTAT to store: the known answer; NEEDS-ACTION if there is none, or if the
/// attendee is asked again.
fn settled(attendee: &Attendee<'_>, known: Option<&Attendee<'_>>, asked_again: bool) -> String {
    let is_written = attendee.property.param("PARTSTAT").is_some();
    let resets = is_written && partstat(attendee.property) == NEEDS_ACTION;
    if asked_again || (resets && !known.is_some_and(|known| is_outdated(attendee, known))) {
        return NEEDS_ACTION.to_owned();
    }
    known.map_or_else(|| NEEDS_ACTION.to_owned(), |known| partstat(known.property))
}

/// Returns a replacement for an override that the client removed, or that follows its changed
/// series (see [`following`]); `None` if the series describes the instance fully, or not at all.
///
/// A replacement is needed if an answer to the instance differs from that to the series (it counts
/// as NEEDS-ACTION if the instance moves back to its original time, or was cancelled), if an
/// attendee may not have the instance, if it was cancelled and the series does not ask everybody
/// again (`reset`), or if its SEQUENCE would decrease.
fn recreate(
    key: InstanceKey,
    known: &Part<'_>,
    (was, sent): (&Meeting<'_>, &Meeting<'_>),
    reset: bool,
) -> Option<String> {
    let (master, mut body) = (sent.master.as_ref()?, sent.derive(key)?);
    let before = Body::of(known.component);
    let difference = diff::between(&before, &body, &sent.times, &sent.times);
    let moves = difference.rescheduled;
    // If the instance was cancelled, it now takes place again. Attendees may have removed it from
    // their copies, and must learn this.
    let takes_place_again = known.cancelled && !reset;
    // If the instance does not change for the attendees, their copies keep the override. A later
    // message about this instance must not have a lower SEQUENCE (RFC 5546 §2.1.5).
    let of_series = was.at(ComponentKey::Master).map_or(0, Part::sequence).max(master.sequence());
    let mut differs = takes_place_again || (!difference.tells() && known.sequence() > of_series);
    for attendee in master.answered_lines().filter(|attendee| attendee.agent == Agent::Server) {
        let answered = known.line_of(attendee).filter(|_| !moves && !known.cancelled);
        let line = body.lines.iter_mut().find(|line| line.as_str() == attendee.property.content_line())?;
        let stands = answered.map_or_else(|| NEEDS_ACTION.to_owned(), |answered| partstat(answered.property));
        let in_series =
            settled(attendee, was.at(ComponentKey::Master).and_then(|master| master.line_of(attendee)), reset);
        // An attendee who declined the instance may have removed it from their copy, and one who
        // was not invited to it does not have it.
        let has_it = stands != DECLINED && (reset || known.line_of(attendee).is_some());
        differs |= stands != in_series || !has_it;
        line.set_param("PARTSTAT", &stands);
        if stands == NEEDS_ACTION && line.param("RSVP").is_none() {
            line.set_param("RSVP", "TRUE");
        }
    }
    if let Some(own) = sent.overrides.get(&key) {
        differs |= keep_own_answers(own, master, &mut body);
    }
    let revised = known.sequence().saturating_add(i32::from(moves)).max(master.sequence());
    if revised > 0 {
        body.set(Line::new("SEQUENCE", &revised.to_string()));
    }
    differs.then(|| body.text())
}

/// Copies the organizer's own answers from `sent`, the override that their client stored, to
/// `body`, an instance derived from the series. Returns whether they differ from those in the
/// series.
fn keep_own_answers(sent: &Part<'_>, master: &Part<'_>, body: &mut Body<'_>) -> bool {
    let mut differs = false;
    for in_series in master.organizers_lines() {
        let Some(own) = sent.line_of(in_series).map(|own| partstat(own.property)) else { continue };
        let mut lines = body.lines.iter_mut();
        let line = lines.find(|line| line.as_str() == in_series.property.content_line());
        if let Some(line) = line.filter(|_| own != partstat(in_series.property)) {
            line.set_param("PARTSTAT", &own);
            differs = true;
        }
    }
    differs
}

/// Restores SCHEDULE-STATUS if the client changed it, and removes one that the client added. A
/// client may omit SCHEDULE-STATUS.
fn status(attendee: &Attendee<'_>, known: Option<&Attendee<'_>>, edit: &mut Edit<'_>) {
    let id = attendee.property.id();
    let Some(sent) = attendee.property.param("SCHEDULE-STATUS") else { return };
    match known.and_then(|known| known.property.param("SCHEDULE-STATUS")) {
        Some(known) if sent != known => edit.set_param(id, "SCHEDULE-STATUS", &known),
        None => edit.remove_param(id, "SCHEDULE-STATUS"),
        Some(_) => {}
    }
}

/// Returns the components whose SEQUENCE must increase: those that changed as RFC 5546 §2.1.4
/// describes, those that attendees were removed from, cancelled ones with another explanation, and
/// the series if an instance moves back to its original time.
fn revised(revision: &Comparison<'_, '_>) -> BTreeSet<ComponentKey> {
    let changed =
        |component_key: &ComponentKey| revision.differences[component_key].is_some_and(diff::Difference::revises);
    let mut revised: BTreeSet<ComponentKey> = revision.differences.keys().copied().filter(changed).collect();
    if revision.was.zip(revision.is).is_some_and(|(was, is)| moves_back(was, is)) {
        revised.insert(ComponentKey::Master);
    }
    for (address, _) in revision.attendees() {
        match revision.loss(address).with(revision.explained(address, &[])) {
            Loss::Nothing => {}
            Loss::Whole => revised.extend(revision.differences.keys()),
            Loss::Instances(keys) | Loss::Everything(keys) => {
                revised.extend(keys.into_iter().map(|key| described_by(revision, key)));
            }
        }
    }
    revised
}

/// Returns whether the client removed the override of a moved instance, so that the instance moves
/// back to its original time.
fn moves_back(was: &Meeting<'_>, is: &Meeting<'_>) -> bool {
    let gone = was.overrides.iter().filter(|(key, known)| !known.cancelled && !is.overrides.contains_key(key));
    let mut moved = gone.filter_map(|(key, known)| Some((known, is.derive(*key)?)));
    moved.any(|(known, body)| diff::between(&Body::of(known.component), &body, &was.times, &is.times).rescheduled)
}

fn described_by(revision: &Comparison<'_, '_>, key: InstanceKey) -> ComponentKey {
    let component_key = ComponentKey::Instance(key);
    if revision.differences.contains_key(&component_key) { component_key } else { ComponentKey::Master }
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
