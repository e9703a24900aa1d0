//! Brings the copies of one meeting into agreement, after an import or to repair them. No message
//! is sent.

use ical::{Address, Document};
use itip::{inbound::TagEffect, together::Both};
use schemas::{
    ObjectEvent, PrincipalId,
    object::{Content, ObjectRevised, RevisionReason, Role},
};

use super::{DecisionContext, Object, Resource, limits, scheduling};
use crate::{Refusal, tag};

/// Takes the answers of attendees' copies into the organizer's object.
#[derive(Debug)]
pub struct TakeAnswers<'a> {
    /// The attendees' copies, each with the owner of its home.
    pub copies: &'a [(PrincipalId, Document)],
    /// The reason for taking the answers: an import, or a repair.
    pub reason: RevisionReason,
}

/// Makes an attendee's copy agree with the organizer's object.
#[derive(Debug)]
pub struct Agree<'a> {
    /// The owner of the organizer's home.
    pub organizer: PrincipalId,
    /// The organizer's object.
    pub object: &'a Document,
    /// The reason for changing the copy: an import, or a repair.
    pub reason: RevisionReason,
}

/// Returns the event that stores the answers; none if the object contains them already, or if the
/// home does not organize the meeting. Answers that would make the object exceed a limit are left
/// out.
pub(super) fn take_answers(
    object: &Object,
    take: &TakeAnswers<'_>,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let Some(known) = object.organized() else {
        return Ok(vec![]);
    };
    let mut current = scheduling::document(known)?;
    // All answers are compared with the SEQUENCE that the object has, so that the order of the
    // copies does not matter.
    for step in [itip::together::with_answers, itip::together::with_sequence] {
        for (attendee, copy) in take.copies {
            let taken = with_both(context, (context.home, *attendee), |both| step(&current, copy, both));
            if let Some(ics) = taken.filter(|ics| limits::fits(ics, context.limits).is_ok()) {
                current = scheduling::parsed(ics)?;
            }
        }
    }
    let ics = current.into_string();
    Ok(revised(object, known, (ics, TagEffect::Stays, take.reason), context))
}

/// Returns the event that changes the copy; none if the copy agrees with the object already or
/// would exceed a limit, or if the home has no attendee's copy.
pub(super) fn agree(
    object: &Object,
    agree: &Agree<'_>,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let Some(known) = object.scheduled().filter(|known| known.content.role == Role::Attendee) else {
        return Ok(vec![]);
    };
    let copy = scheduling::document(known)?;
    let made =
        with_both(context, (agree.organizer, context.home), |both| itip::together::copy(agree.object, &copy, both));
    let made = made.filter(|(ics, _)| limits::fits(ics, context.limits).is_ok());
    Ok(made.map(|(ics, tag)| revised(object, known, (ics, tag, agree.reason), context)).unwrap_or_default())
}

fn revised(
    object: &Object,
    known: &Resource,
    (ics, effect, reason): (String, TagEffect, RevisionReason),
    context: &DecisionContext<'_>,
) -> Vec<ObjectEvent> {
    if ics == known.content.ics {
        return vec![];
    }
    let schedule_tag = match effect {
        TagEffect::Stays => known.content.schedule_tag.clone(),
        TagEffect::Changes => Some(tag::schedule_tag(context.act)),
    };
    vec![ObjectEvent::Revised(ObjectRevised {
        home: Some(context.home),
        uid: Some(object.uid.clone()),
        place: known.place.clone(),
        content: Content { etag: tag::etag(&ics), schedule_tag, role: known.content.role, ics },
        reason,
        message: None,
        automatic: None,
    })]
}

fn with_both<R>(
    context: &DecisionContext<'_>,
    (organizer, attendee): (PrincipalId, PrincipalId),
    run: impl FnOnce(&Both<'_>) -> R,
) -> R {
    let book = context.address_book;
    let organizers = |address: &Address| book.principal(address) == Some(organizer);
    let attendees = |address: &Address| book.principal(address) == Some(attendee);
    let canonical = |address: &Address| book.canonical(address);
    let knows = |address: &Address| book.principal(address).is_some();
    let now = context.now.seconds();
    run(&Both {
        organizer: itip::Context { now, owns: &organizers, canonical: &canonical, knows: &knows },
        attendee: itip::Context { now, owns: &attendees, canonical: &canonical, knows: &knows },
    })
}
