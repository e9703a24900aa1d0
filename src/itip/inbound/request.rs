//! REQUEST: creates or updates the attendee's copy (RFC 5546 §3.2.2; RFC 6638 §4.1).
//!
//! **Invariant:** in the components that stay, alarms, transparency, categories and private
//! properties stay as the attendee set them, unless another organizer takes over the UID.

mod update;

use super::order::{is_earlier, is_stale};
use super::sync::Extent;
use super::{Effect, Ending, OrganizersComments, Received, Recipient, TagEffect, ignored, redefined, same_organizer};
use crate::Context;
use crate::meeting::{ComponentKey, Meeting, Part};
use crate::participation::{DECLINED, partstat};
use ical::{Address, Component, Edit};
use schemas::Ignored;
use update::{Answers, Update};

pub(super) fn receive(
    message: &Meeting<'_>,
    copy: Option<&Meeting<'_>>,
    recipient: &Recipient<'_>,
    predecessor: Option<&Address>,
    context: &Context<'_>,
) -> Received {
    if !message.parts().any(|(_, part)| is_listed(part, context)) {
        return ignored(Ignored::NotAnAttendee);
    }
    let Some(copy) = copy else { return first(message, context) };
    let takes_over = predecessor.is_some() && predecessor == copy.organizer.as_ref();
    if !takes_over && !same_organizer(message, copy) {
        let may_succeed = recipient.ending == Ending::CalledOff
            && is_cancelled(copy)
            && !copy.organizer.as_ref().is_some_and(|organizer| (context.owns)(organizer));
        return if may_succeed { succeed(message, context) } else { ignored(Ignored::AnotherOrganizer) };
    }
    let (former, anew) = (&copy.times, redefined::read_anew(message, copy, context));
    let copy = anew.as_ref().unwrap_or(copy);
    let stale = |(component_key, part): (ComponentKey, &Part<'_>)| {
        // An override that the attendee made has the SEQUENCE of its series, which may be higher
        // than that of the organizer's override. The latter is stale only if its DTSTAMP is
        // earlier, too.
        let is_numbered_apart = message.master.is_some() && component_key != ComponentKey::Master;
        let is_old = |known: &Part<'_>| !is_numbered_apart || is_earlier(part, known, context);
        copy.part(component_key).is_some_and(|known| is_stale(part, known, copy, context) && is_old(known))
    };
    if message.parts().any(stale) {
        return ignored(Ignored::Stale);
    }
    Update::of(message, (copy, former), context, Answers::ByRevision, recipient.comments).finish()
}

/// Returns the copy, updated from a REQUEST of the organizer's object whichever has the higher
/// SEQUENCE, and the effect on its Schedule-Tag. The owner's PARTSTAT is taken from the REQUEST.
/// `None` if copy and REQUEST differ at most in bookkeeping such as DTSTAMP, or have different
/// organizers.
pub(crate) fn aligned(message: &Meeting<'_>, copy: &Meeting<'_>, context: &Context<'_>) -> Option<(String, TagEffect)> {
    let update = Some(copy).filter(|copy| same_organizer(message, copy));
    // No comment is known as the organizer's here: those that the object lacks stay in the copy.
    let comments = OrganizersComments::default();
    let anew = update.and_then(|copy| redefined::read_anew(message, copy, context));
    let update = update.map(|copy| {
        let (former, copy) = (&copy.times, anew.as_ref().unwrap_or(copy));
        Update::of(message, (copy, former), context, Answers::OfTheObject, &comments)
    })?;
    if update.extent == Extent::Nothing {
        return None;
    }
    match update.finish().effect {
        Effect::Changed { ics, tag } => Some((ics, tag)),
        Effect::Created(_) | Effect::Answered(_) | Effect::Unchanged { .. } => None,
    }
}

fn is_listed(part: &Part<'_>, context: &Context<'_>) -> bool {
    part.attendees.iter().any(|attendee| attendee.is_owned(context))
}

/// Returns whether the message contains everything that the attendee is invited to, so that it
/// replaces the copy. A message of single instances does so only if the copy has a series that is
/// cancelled, or that does not list the attendee.
pub(super) fn replaces(message: &Meeting<'_>, copy: &Meeting<'_>, context: &Context<'_>) -> bool {
    let is_base = |master: &Part<'_>| !master.cancelled && is_listed(master, context);
    message.master.is_some() || !copy.master.as_ref().is_none_or(is_base)
}

fn is_declined(part: &Part<'_>, context: &Context<'_>) -> bool {
    part.attendees.iter().any(|attendee| attendee.is_owned(context) && partstat(attendee.property) == DECLINED)
}

/// Returns whether the whole copy is cancelled.
fn is_cancelled(copy: &Meeting<'_>) -> bool {
    match &copy.master {
        Some(master) => master.cancelled,
        None => copy.parts().all(|(_, part)| part.cancelled),
    }
}

/// Treats a REQUEST by which another organizer takes over a UID as a new invitation (RFC 5546
/// §3.2.2.4).
///
/// The caller makes sure that the former organizer has cancelled the meeting for everybody (RFC
/// 6638 §11.2, 5). If the former organizer had only removed this attendee, the take-over would hide
/// the former meeting from them for good.
fn succeed(message: &Meeting<'_>, context: &Context<'_>) -> Received {
    let received = first(message, context);
    match received.effect {
        Effect::Created(ics) => {
            Received { effect: Effect::Changed { ics, tag: TagEffect::Changes }, notify: received.notify }
        }
        Effect::Changed { .. } | Effect::Answered(_) | Effect::Unchanged { .. } => received,
    }
}

/// Creates a copy from a first invitation. An attendee who declined everything and removed the copy
/// gets a new one only when they are asked again.
fn first(message: &Meeting<'_>, context: &Context<'_>) -> Received {
    // A component asks the attendee to take part if it lists them, they have not declined it, and
    // it is not cancelled.
    let asks = |part: &Part<'_>| is_listed(part, context) && !is_declined(part, context) && !part.cancelled;
    if !message.parts().any(|(_, part)| asks(part)) {
        return ignored(Ignored::DeclinedAndRemoved);
    }
    let mut edit = message.document.edit();
    if let Some(method) = message.document.root().property("METHOD") {
        edit.remove(method.id());
    }
    for (component_key, part) in message.parts().filter(|(_, part)| is_declined(part, context)) {
        edit.remove_component(part.component.id());
        let exclusion = match component_key {
            ComponentKey::Master => None,
            ComponentKey::Instance(key) => message.exclusion(key),
        };
        if let Some((master, line)) = message.master.as_ref().zip(exclusion) {
            edit.append_property(master.component.id(), line.as_str());
        }
    }
    Received { effect: Effect::Created(edit.finish()), notify: true }
}

/// Adds the time zones that the copy lacks.
pub(super) fn add_zones(zones: &[Component<'_>], copy: &Meeting<'_>, edit: &mut Edit<'_>) {
    let root = copy.document.root();
    for zone in zones {
        if !root.components_named("VTIMEZONE").any(|known| tzid(known) == tzid(*zone)) {
            edit.append_component(root.id(), zone.text());
        }
    }
}

fn tzid(zone: Component<'_>) -> Option<&str> {
    zone.property("TZID").map(ical::Property::value)
}
