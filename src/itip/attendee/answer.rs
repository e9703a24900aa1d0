//! Completes the text that an attendee's client sent, before the change is checked.
//!
//! **Invariant:** whether the change is allowed is decided elsewhere.

use super::reply::me;
use crate::Context;
use crate::body::Body;
use crate::line::Line;
use crate::meeting::{Attendee, Meeting, Part};
use crate::organizers_part::differs_from_series;
use crate::own_properties::{private, progress, replace_private, replace_progress};
use crate::participation::{Agent, NEEDS_ACTION, partstat};
use ical::Edit;

/// Returns the completed text; `None` if it equals the sent one.
pub(super) fn complete(was: &Meeting<'_>, is: &Meeting<'_>, context: &Context<'_>) -> Option<String> {
    let mut edit = is.document.edit();
    name_instance(was, is, &mut edit);
    keep_agent(was, is, &mut edit);
    for (component_key, part) in is.parts() {
        spread_over_lines(was.at(component_key), part, context, &mut edit);
    }
    spread_over_overrides(was, is, context, &mut edit);
    spread_own(was, is, &mut edit);
    (!edit.is_empty()).then(|| edit.finish())
}

/// Adds the RECURRENCE-ID that some clients leave out when they answer an instance of a copy
/// without a series. DTSTART identifies the instance.
fn name_instance(was: &Meeting<'_>, is: &Meeting<'_>, edit: &mut Edit<'_>) {
    let Some(sent) = is.master.as_ref().filter(|_| was.master.is_none()) else { return };
    let recurs = ["RRULE", "RDATE"].into_iter().any(|name| sent.component.property(name).is_some());
    let start = sent.component.start().filter(|_| !recurs);
    let Some(key) = start.and_then(|start| was.instance_at(is.times.key(&start))) else { return };
    let id = was.overrides.get(&key).and_then(Part::recurrence_id);
    if let Some(id) = id.filter(|_| !is.overrides.contains_key(&key)) {
        edit.append_property(sent.component.id(), id.content_line());
    }
}

/// Removes a SCHEDULE-AGENT by which the client stops the replies of the server. RFC 6638 §3.2.2.1
/// does not list SCHEDULE-AGENT among the parameters that an attendee changes, and some clients
/// overwrite it when they answer an invitation from their mail.
fn keep_agent(was: &Meeting<'_>, is: &Meeting<'_>, edit: &mut Edit<'_>) {
    if super::agent(was) != Agent::Server {
        return;
    }
    let organizers = is.parts().filter_map(|(_, part)| part.component.property("ORGANIZER"));
    for organizer in organizers.filter(|organizer| Agent::of(*organizer) != Agent::Server) {
        edit.remove_param(organizer.id(), "SCHEDULE-AGENT");
    }
}

/// Copies a changed PARTSTAT to all ATTENDEE lines that the owner has in the component. An owner
/// who is listed with several addresses may answer on any of these lines.
fn spread_over_lines(was: Option<&Part<'_>>, is: &Part<'_>, context: &Context<'_>, edit: &mut Edit<'_>) {
    let mine: Vec<_> = is.lines().filter(|line| line.is_owned(context)).collect();
    let changed = |line: &&&Attendee<'_>| {
        let before = was.and_then(|was| was.line_of(line));
        before.is_some_and(|before| partstat(before.property) != partstat(line.property))
    };
    let Some(answer) = mine.iter().find(changed).filter(|_| mine.len() > 1) else { return };
    for line in mine.iter().filter(|line| partstat(line.property) != partstat(answer.property)) {
        edit.set_param(line.property.id(), "PARTSTAT", &partstat(answer.property));
    }
}

/// Copies the owner's changed private properties and alarms from the series to each override that
/// is not cancelled, that had and has the series' former ones, and that agreed with the series in
/// the properties of the organizer. The client may not know the overrides that the server made for
/// the answers of others.
fn spread_own(was: &Meeting<'_>, is: &Meeting<'_>, edit: &mut Edit<'_>) {
    let Some((before, after)) = was.master.as_ref().zip(is.master.as_ref()) else { return };
    let (before, after) = (Body::of(before.component), Body::of(after.component));
    if private(&before) == private(&after) {
        return;
    }
    for (key, part) in is.overrides.iter().filter(|(_, part)| !part.cancelled) {
        let Some(known) = was.overrides.get(key).map(|known| Body::of(known.component)) else { continue };
        let body = Body::of(part.component);
        let is_as_series = private(&known) == private(&before) && private(&body) == private(&known);
        if is_as_series && !differs_from_series(*key, &known, was) {
            replace_private(part.component, &after, edit);
        }
    }
}

/// Copies a changed answer to the series, with the progress of a task, to every override that is
/// not cancelled, agrees with the series in the properties of the organizer, and had and has the
/// series' former answer and progress.
fn spread_over_overrides(was: &Meeting<'_>, is: &Meeting<'_>, context: &Context<'_>, edit: &mut Edit<'_>) {
    let Some((before, after)) = was.master.as_ref().zip(is.master.as_ref()) else { return };
    let stands = |part: &Part<'_>| me(part, context).map(|me| partstat(me.property));
    let (Some(series), Some(answer)) = (stands(before), me(after, context)) else { return };
    let after = Body::of(after.component);
    let (had, has) = (progress(&Body::of(before.component)), progress(&after));
    // In an event, NEEDS-ACTION is not copied: the client may have read the text before the owner
    // answered the series. In a task, NEEDS-ACTION means that the task was reopened, and the equal
    // progress of an override means that it was completed with the series.
    let is_new = partstat(answer.property) != series
        && (partstat(answer.property) != NEEDS_ACTION || after.name.eq_ignore_ascii_case("VTODO"));
    let goes_on = partstat(answer.property) == series && had != has;
    if !is_new && !goes_on {
        return;
    }
    let is_series = |part: &Part<'_>| {
        !part.cancelled && stands(part).as_ref() == Some(&series) && progress(&Body::of(part.component)) == had
    };
    for (key, part) in is.overrides.iter().filter(|(_, part)| is_series(part)) {
        let stood = was.overrides.get(key).is_some_and(is_series);
        if !stood || differs_from_series(*key, &Body::of(part.component), is) {
            continue;
        }
        for line in part.lines().filter(|line| line.is_owned(context)) {
            let mut changed = Line::of(line.property);
            for name in ["PARTSTAT", "RSVP", "DELEGATED-TO"] {
                changed.copy_param(name, &Line::of(answer.property));
            }
            edit.replace(line.property.id(), changed.as_str());
        }
        if had != has {
            replace_progress(part.component, &after, edit);
        }
    }
}
