//! Applies an answer that a client gave on an outdated copy to the current one.
//!
//! **Invariant:** the attendee's part is taken from the client, and everything else from the
//! current copy.

use super::allowed;
use super::{agent, attended, refusal};
use crate::body::Body;
use crate::diff;
use crate::line::Line;
use crate::meeting::{ComponentKey, Meeting, Part};
use crate::organizers_part::{is_free, meaning};
use crate::participation::Agent;
use crate::times::InstanceKey;
use crate::{Context, Refusal};
use ical::{Document, Edit};

/// Applies to `current` the changes by which a client made `sent` from `earlier` (see
/// [`super::rebase`]).
pub(super) fn rebase(
    current: &Document,
    earlier: &Document,
    sent: &Document,
    context: &Context<'_>,
) -> Result<Option<Document>, Refusal> {
    let (Some(now), Some(was), Some(is)) =
        (attended(Some(current), context)?, attended(Some(earlier), context)?, attended(Some(sent), context)?)
    else {
        return Ok(None);
    };
    if agent(&is) != Agent::Server || allowed::check(&was, &is, context).is_err() {
        return Ok(None);
    }
    let mut edit = current.edit();
    let excluded = excluded(&was, &is, &now);
    for (component_key, part) in is.parts() {
        let Some(before) = now.body_at(component_key) else {
            return Err(refusal(
                "RECURRENCE-ID",
                instance(part),
                "your client sends a series or an instance that was removed after it loaded the meeting; reload the \
                 meeting",
            ));
        };
        if diff::of_component(&was, &now, component_key).is_some_and(|since| since.rescheduled) {
            let why = "the times of the meeting changed after your client loaded it; reload it, then answer";
            return Err(refusal("DTSTART", instance(part), why));
        }
        let earlier = was.body_at(component_key);
        let mut body = with_own_part(&before, earlier.as_ref(), &Body::of(part.component), context);
        if component_key == ComponentKey::Master {
            body.lines.extend(excluded.iter().filter_map(|key| is.exdate(*key)));
        }
        match now.part(component_key) {
            Some(known) => replace(known, &body, &mut edit),
            None => edit.append_component(current.root().id(), &body.text()),
        }
    }
    for part in excluded.iter().filter_map(|key| now.overrides.get(key)) {
        edit.remove_component(part.component.id());
    }
    Ok(Document::parse(edit.finish()).ok())
}

fn instance(part: &Part<'_>) -> Option<String> {
    part.recurrence_id().map(|id| id.value().to_owned())
}

/// Returns the current component with these parts of `sent`: the attendee's lines, the alarms, and
/// the properties that an attendee may change freely, except SEQUENCE. A COMMENT may be the
/// organizer's, so only comments that the client added or removed since `earlier` change.
fn with_own_part<'a>(
    current: &Body<'a>,
    earlier: Option<&Body<'_>>,
    sent: &Body<'a>,
    context: &Context<'_>,
) -> Body<'a> {
    let is_mine =
        |line: &Line<'_>| line.is("ATTENDEE") && line.address().is_some_and(|address| (context.owns)(&address));
    let has = |body: &Body<'_>, line: &Line<'_>| body.lines.iter().any(|other| meaning(other) == meaning(line));
    let was_there = |line: &Line<'_>| earlier.is_some_and(|earlier| has(earlier, line));
    let is_apart = |line: &Line<'_>| line.is("SEQUENCE") || line.is("COMMENT");
    let is_own = |line: &Line<'_>| (is_free(line.name(), &current.name) && !is_apart(line)) || is_mine(line);
    let mut body = current.clone();
    let is_removed = |line: &Line<'_>| line.is("COMMENT") && was_there(line) && !has(sent, line);
    body.lines.retain(|line| !(is_own(line) || is_removed(line)));
    let is_added = |line: &Line<'_>| line.is("COMMENT") && !was_there(line) && !has(current, line);
    body.lines.extend(sent.lines.iter().filter(|line| is_own(line) || is_added(line)).cloned());
    body.nested.retain(|nested| nested.is_shared());
    body.nested.extend(sent.nested.iter().filter(|nested| !nested.is_shared()));
    body
}

fn replace(known: &Part<'_>, body: &Body<'_>, edit: &mut Edit<'_>) {
    edit.replace_component(known.component.id(), &body.text());
}

/// Returns the instances that the client newly excluded, and that the current copy does not exclude
/// yet.
fn excluded(was: &Meeting<'_>, is: &Meeting<'_>, now: &Meeting<'_>) -> Vec<InstanceKey> {
    let is_new = |key: &&InstanceKey| !was.exdates.contains_key(key) && !now.exdates.contains_key(key);
    is.exdates.keys().filter(is_new).copied().collect()
}
