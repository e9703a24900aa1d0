//! Decides on a change of the organizer's object, and the messages that it causes (RFC 6638
//! §3.2.1).
//!
//! **Invariant:** attendees get only what they are invited to, and a message only if something
//! changed for them or if it was requested (`SCHEDULE-FORCE-SEND`, REFRESH).

mod comparison;
mod follow;
mod messages;
mod preserve;
mod ranges;
mod recipient_groups;
mod refresh;
mod render;
mod restore_organizer;
mod restore_people;
mod take_over;

pub(crate) use messages::current;
pub use refresh::refresh;
pub use take_over::take_over;

use crate::meeting::Meeting;
use crate::{CalendarUserRole, Change, Condition, Context, Refusal, calendar_user_role};
use comparison::Comparison;
use ical::Document;

/// Returns the messages for a change from `before` to `after`, and the text to store.
///
/// `None` means that the object does not exist: `change(None, Some(new), …)` creates,
/// `change(Some(old), None, …)` removes.
///
/// Returns an error if the organizer may not make this change (RFC 6638 §3.2.4).
pub fn change(before: Option<&Document>, after: Option<&Document>, context: &Context<'_>) -> Result<Change, Refusal> {
    let was = scheduled(before, context)?.map(|document| Meeting::of(document, context));
    let is = scheduled(after, context)?.map(|document| Meeting::of(document, context));
    if let (Some(was), None, Some(after)) = (&was, &is, after) {
        if let Some(text) = restore_people::restore(was, after, context) {
            return restored(before, text, context);
        }
        same_organizer(after)?;
    }
    if let Some(text) = is.as_ref().and_then(restore_organizer::restore) {
        return restored(before, text, context);
    }
    if let Some(is) = &is {
        same_type(was.as_ref(), is)?;
        ranges::check(was.as_ref(), is)?;
    }
    let revision = Comparison::of(was.as_ref(), is.as_ref());
    let Some(sent) = &is else {
        return Ok(Change { stored: None, ..revision.messages(&[], context) });
    };
    let kept = preserve::preserve(&revision, sent, context);
    let Some(text) = kept.text else { return Ok(revision.messages(&kept.forced, context)) };
    let document = Document::parse(text).expect("an edited document is as well-formed as it was");
    let stored = Meeting::of(&document, context);
    if stored.organizer.is_none() {
        same_organizer(&document)?;
    }
    let change = revision.with(&stored).messages(&kept.forced, context);
    Ok(Change { stored: Some(document.into_string()), ..change })
}

/// Returns the change as if the client had sent `text`, which restores what the client dropped.
fn restored(before: Option<&Document>, text: String, context: &Context<'_>) -> Result<Change, Refusal> {
    let document = Document::parse(text).expect("an edited document is as well-formed as it was");
    let change = change(before, Some(&document), context)?;
    let stored = change.stored.unwrap_or_else(|| document.into_string());
    Ok(Change { stored: Some(stored), ..change })
}

/// Returns the object if the owner organizes it, else `None`; an error if its components name
/// different organizers.
fn scheduled<'a>(object: Option<&'a Document>, context: &Context<'_>) -> Result<Option<&'a Document>, Refusal> {
    let Some(object) = object else { return Ok(None) };
    let organizes = matches!(calendar_user_role(object, context.owns)?, CalendarUserRole::Organizer { .. });
    Ok(organizes.then_some(object))
}

/// Returns an error if the meeting changes its type, for example from event to task: the attendees
/// have copies of the former type (RFC 4791 §4.1: one UID, one type).
fn same_type(was: Option<&Meeting<'_>>, is: &Meeting<'_>) -> Result<(), Refusal> {
    let name =
        |meeting: &Meeting<'_>| meeting.parts().next().map(|(_, part)| part.component.name().to_ascii_uppercase());
    let Some((before, after)) = was.and_then(name).zip(name(is)).filter(|(before, after)| before != after) else {
        return Ok(());
    };
    Err(Refusal {
        condition: Condition::AllowedOrganizerSchedulingObjectChange,
        property: "UID".to_owned(),
        instance: None,
        why: format!("a {before} with an ORGANIZER cannot become a {after}; store the {after} with another UID"),
    })
}

/// Checks an object that the owner no longer organizes.
///
/// Returns an error if the object names another organizer, because the attendees' clients would not
/// accept one, or if it keeps attendees without ORGANIZER. An object without both is allowed: the
/// owner stops scheduling.
fn same_organizer(after: &Document) -> Result<(), Refusal> {
    let mut components = after.root().components();
    let why = match after.root().components().find_map(ical::Component::organizer) {
        Some(other) => format!("the organizer of a meeting cannot be changed to {other}"),
        // RFC 5545 §3.8.4.3: a group-scheduled component must have an ORGANIZER.
        None if components.any(|component| component.property("ATTENDEE").is_some()) => {
            "a meeting with attendees needs its ORGANIZER; to keep it as a private event, remove the attendees too"
                .to_owned()
        }
        None => return Ok(()),
    };
    Err(Refusal {
        condition: Condition::AllowedOrganizerSchedulingObjectChange,
        property: "ORGANIZER".to_owned(),
        instance: None,
        why,
    })
}
