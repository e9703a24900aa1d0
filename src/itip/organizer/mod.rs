//! The organizer's object changed by its owner: who must be told what (RFC 6638 §3.2.1).
//!
//! **Invariant:** everyone gets exactly what he is invited to, and a message only where something changed for him.

mod keep;
mod lost;
mod plan;
mod refresh;
mod render;
mod revision;

pub(crate) use plan::current;
pub use refresh::refresh;

use crate::meeting::Meeting;
use crate::{Change, Condition, Context, Refusal, Standing, standing};
use ical::Document;
use revision::Revision;

/// What the change from `before` to `after` leads to.
pub fn change(before: Option<&Document>, after: Option<&Document>, context: &Context<'_>) -> Result<Change, Refusal> {
    let was = scheduled(before, context)?.map(|document| Meeting::of(document, context));
    let is = scheduled(after, context)?.map(|document| Meeting::of(document, context));
    if let (Some(was), None, Some(after)) = (&was, &is, after) {
        if let Some(text) = lost::put_back(was, after, context) {
            return restored(before, text, context);
        }
        same_organizer(after)?;
    }
    let revision = Revision::of(was.as_ref(), is.as_ref());
    let Some(sent) = &is else {
        return Ok(Change { stored: None, ..revision.messages(&[], context) });
    };
    let kept = keep::keep(&revision, sent);
    let Some(text) = kept.text else { return Ok(revision.messages(&kept.forced, context)) };
    let document = Document::parse(text).expect("an edited document is as well-formed as it was");
    let stored = Meeting::of(&document, context);
    let change = revision.with(&stored).messages(&kept.forced, context);
    Ok(Change { stored: Some(document.into_string()), ..change })
}

/// As if the client had sent it so.
fn restored(before: Option<&Document>, text: String, context: &Context<'_>) -> Result<Change, Refusal> {
    let document = Document::parse(text).expect("an edited document is as well-formed as it was");
    let change = change(before, Some(&document), context)?;
    let stored = change.stored.unwrap_or_else(|| document.into_string());
    Ok(Change { stored: Some(stored), ..change })
}

/// The object, where the owner is its organizer.
fn scheduled<'a>(object: Option<&'a Document>, context: &Context<'_>) -> Result<Option<&'a Document>, Refusal> {
    let Some(object) = object else { return Ok(None) };
    let organizes = matches!(standing(object, context.owns)?, Standing::Organizer { .. });
    Ok(organizes.then_some(object))
}

/// The owner may stop scheduling, but not hand the meeting to somebody else: those invited would not know him.
fn same_organizer(after: &Document) -> Result<(), Refusal> {
    match after.root().components().find_map(ical::Component::organizer) {
        None => Ok(()),
        Some(other) => Err(Refusal {
            condition: Condition::AllowedOrganizerSchedulingObjectChange,
            property: "ORGANIZER".to_owned(),
            instance: None,
            why: format!("the organizer of a meeting cannot be changed to {other}"),
        }),
    }
}
