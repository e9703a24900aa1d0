//! Decides on storing a resource: whether the preconditions of RFC 4791 §5.3.2.1 and RFC 6638
//! §3.2.4 are met, and which messages the change causes.

use ical::{Component, Document, repair::Repair, validate};
use schemas::{
    ObjectEvent,
    edit::{Edit, EditReason},
    object::{Content, MessageWithdrawn, ObjectMoved, ObjectRevised, Place, RevisionReason, Role},
};
use uuid::Uuid;

use super::{
    DecisionContext, Object, RemovedResource, Resource, SentBody, edits,
    limits::within,
    scheduling::{self, CancelledCopy, SchedulingOutcome},
    stored::{Origin, Target, stored},
};
use crate::{Refusal, Require, require::Seen, tag};

/// The object that has a resource at the requested place now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameHolder {
    /// No object has a resource at the place, or only the object that is written.
    Own,
    /// An object with another UID has a resource at the place.
    Another,
}

/// Choice of whether a PUT may move a meeting: from another calendar of the home, or back after a
/// removal of which nobody has been notified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameMeeting {
    /// Unless a person other than the owner of the home sends the PUT, it may move the meeting, and
    /// nobody is notified of the move. A move from another calendar needs If-None-Match: some
    /// clients store a resource in the new calendar before they remove it from the old one.
    Moves,
    /// The PUT is refused if another calendar of the home has the meeting (RFC 6638 §3.2.4.1). It
    /// withdraws no message about a removal.
    Conflicts,
}

#[derive(Debug, Clone)]
pub struct Put {
    pub place: Place,
    /// The body of the request, parsed by [`read`].
    pub document: Document,
    /// The repairs that were made to the body, in order.
    pub repairs: Vec<Repair>,
    /// The body of the request, or the text that is copied; `None` if the server stores a text of
    /// its own.
    pub sent: Option<SentBody>,
    pub require: Require,
    /// The components that the collection accepts; empty if it accepts all.
    pub components: Vec<String>,
    pub name_holder: NameHolder,
    pub same_meeting: SameMeeting,
    /// The messages about a removal of this meeting that can be withdrawn, because no recipient has
    /// received them.
    pub withdrawable: Vec<Uuid>,
}

pub(super) fn decide(object: &Object, put: &Put, context: &DecisionContext<'_>) -> Result<Vec<ObjectEvent>, Refusal> {
    let known = object.at(&put.place);
    let seen = put.require.check(known)?;
    let summary = validate::calendar_object(&put.document).map_err(|error| invalid(&error))?;
    accepted(&put.components, &summary.component, known)?;
    if put.name_holder == NameHolder::Another {
        return Err(Refusal::UidDiffers { at: put.place.clone() });
    }
    let base = if let Some(known) = known {
        Base::Known(known)
    } else if let Some(elsewhere) = moved_from(object, put, context) {
        Base::Elsewhere(elsewhere)
    } else {
        returning(object, put, context).map_or(Base::Nothing, Base::Returning)
    };
    let request = Request { object, put, seen, summary: &summary };
    match (request.decide(base, context), base) {
        // The sent text is not an allowed change of the removed resource, so it is stored as a new
        // copy.
        (Err(Refusal::Scheduling(_)), Base::Returning(_)) => request.decide(Base::Nothing, context),
        (decided, _) => decided,
    }
}

/// The state that a PUT changes.
#[derive(Clone, Copy)]
enum Base<'o> {
    /// The resource is new.
    Nothing,
    Known(&'o Resource),
    /// The resource of the same meeting in another calendar, from which the client moves it.
    Elsewhere(&'o Resource),
    /// The removed resource of the same meeting, which the client stores again.
    Returning(&'o RemovedResource),
}

impl<'o> Base<'o> {
    fn resource(self) -> Option<&'o Resource> {
        match self {
            Self::Nothing => None,
            Self::Known(resource) | Self::Elsewhere(resource) => Some(resource),
            Self::Returning(removed) => Some(&removed.resource),
        }
    }
}

/// A PUT that has passed the checks that do not depend on scheduling.
struct Request<'a> {
    object: &'a Object,
    put: &'a Put,
    seen: Seen,
    summary: &'a validate::ObjectInfo,
}

impl Request<'_> {
    fn decide(&self, base: Base<'_>, context: &DecisionContext<'_>) -> Result<Vec<ObjectEvent>, Refusal> {
        let Self { object, put, summary, .. } = self;
        let before = base.resource().map(scheduling::document).transpose()?;
        let merged = match (&before, self.seen) {
            (Some(before), Seen::BeforeOthersAnswered) => scheduling::merged(&put.document, before, context),
            (Some(_), Seen::AsItIs) | (None, _) => None,
        };
        let document = merged.as_ref().unwrap_or(&put.document);
        let expanded = scheduling::expanded(before.as_ref(), document, context);
        let mut edits: Vec<_> = edits::repairs(&put.repairs).collect();
        edits.extend(merged.is_some().then_some(Edit::of(EditReason::Merged)));
        edits.extend(expanded.is_some().then_some(Edit::of(EditReason::GroupsExpanded)));
        let document = expanded.as_ref().unwrap_or(document);
        // A client takes an instance back by leaving out its EXDATE. A client that names no state
        // which it has read may not know of the EXDATE.
        let known = before.as_ref().filter(|_| put.require.names_state());
        let taken_back = known.and_then(|before| scheduling::taken_back(before, document, context));
        edits.extend(taken_back.is_some().then_some(Edit::of(EditReason::InstancesKept)));
        let document = taken_back.as_ref().unwrap_or(document);
        within(document, context.limits)?;
        let (mut plan, rebased) = planned(object, (base, before.as_ref()), document, context)?;
        edits.extend(rebased.is_some().then_some(Edit::of(EditReason::Rebased)));
        let document = rebased.as_ref().unwrap_or(document);
        if base.resource().is_none_or(|known| known.content.role == Role::None) {
            booked_for_another(document, context)?;
        }
        let cancelled = if matches!(base, Base::Nothing) {
            plan.ask_for_current(object, document, context);
            plan.cancelled_before(object, document, context)?
        } else {
            None
        };
        let (known, first) = match base {
            Base::Nothing => (None, vec![]),
            Base::Known(known) => (Some(known), vec![]),
            Base::Elsewhere(known) => (Some(known), vec![self.moved(known, context)]),
            Base::Returning(removed) => (None, withdrawn(removed, object, context)),
        };
        if !matches!(base, Base::Elsewhere(_)) {
            unique(object, put, plan.is_scheduled())?;
        }
        let target = Target { known, place: &put.place, uid: &summary.uid, component: &summary.component };
        let mut events = first;
        events.extend(stored(&target, put.origin(edits), document, plan, context)?);
        events.extend(cancelled.map(|cancelled| self.cancelled(cancelled, context)));
        Ok(events)
    }

    /// Returns the event that applies an earlier cancellation to the copy that this PUT stores.
    fn cancelled(&self, cancelled: CancelledCopy, context: &DecisionContext<'_>) -> ObjectEvent {
        let CancelledCopy { ics, message } = cancelled;
        let schedule_tag = Some(tag::schedule_tag(Uuid::new_v5(&context.act, message.as_bytes())));
        ObjectEvent::Revised(ObjectRevised {
            home: Some(context.home),
            uid: Some(self.object.uid.clone()),
            place: self.put.place.clone(),
            content: Content { etag: tag::etag(&ics), schedule_tag, role: Role::Attendee, ics },
            reason: RevisionReason::Cancel,
            message: Some(message),
            automatic: None,
        })
    }

    fn moved(&self, from: &Resource, context: &DecisionContext<'_>) -> ObjectEvent {
        let (from, to) = (from.place.clone(), self.put.place.clone());
        let schedule_tag = Some(tag::schedule_tag(context.act));
        let (home, uid) = (Some(context.home), Some(self.object.uid.clone()));
        ObjectEvent::Moved(ObjectMoved { home, uid, from, to, schedule_tag })
    }
}

/// Returns the scheduling outcome of storing `document` in place of `before`, the text of `base`.
/// If scheduling refuses this, but allows it as a change of an earlier state of an attendee's copy,
/// applies the change to the current copy, and also returns the resulting text.
fn planned(
    object: &Object,
    (base, before): (Base<'_>, Option<&Document>),
    document: &Document,
    context: &DecisionContext<'_>,
) -> Result<(SchedulingOutcome, Option<Document>), Refusal> {
    // RFC 6638 §8.1: only the removal of a resource can suppress a reply.
    let plan = |document| scheduling::plan(object, (before, Some(document)), itip::ScheduleReply::Send, context);
    let refusal = match plan(document) {
        Ok(plan) => return Ok((plan, None)),
        Err(refusal) => refusal,
    };
    let rebased = base.resource().map(|current| scheduling::rebased(current, document, context)).transpose()?.flatten();
    let Some(rebased) = rebased else { return Err(refusal) };
    Ok((plan(&rebased)?, Some(rebased)))
}

impl Put {
    fn origin(&self, edits: Vec<Edit>) -> Origin<'_> {
        Origin { sent: self.sent.as_ref().map(|sent| (sent, self.document.as_str())), edits }
    }
}

/// Returns the resource that a client moves by storing it in another calendar before it removes it
/// from the old one. Such a client creates the new resource with If-None-Match. A person other than
/// the owner may not move a resource in this way, because they may lack the privilege to remove the
/// old one. `None` if the PUT does not move a resource.
fn moved_from<'o>(object: &'o Object, put: &Put, context: &DecisionContext<'_>) -> Option<&'o Resource> {
    let creates = put.require.if_none_match.is_some() && object.at(&put.place).is_none();
    let may_move = creates && put.same_meeting == SameMeeting::Moves && !context.is_foreign();
    let scheduled = object.scheduled().filter(|_| may_move)?;
    let is_elsewhere = scheduled.place.collection != put.place.collection;
    let other_twin = object.resources.iter().any(|other| other.place.collection == put.place.collection);
    let is_same =
        || scheduling::document(scheduled).is_ok_and(|copy| scheduling::is_same_meeting(&copy, &put.document, context));
    (is_elsewhere && !other_twin && is_same()).then_some(scheduled)
}

/// Returns the resource that a client moves by removing it before it stores it again, if nobody has
/// been notified of the removal; otherwise `None`. A person other than the owner may not move a
/// resource in this way.
fn returning<'o>(object: &'o Object, put: &Put, context: &DecisionContext<'_>) -> Option<&'o RemovedResource> {
    let may_move = put.same_meeting == SameMeeting::Moves && !context.is_foreign();
    removed_silently(object, &put.document, &put.withdrawable, context).filter(|_| may_move)
}

/// Returns the resource that was removed from the home, if it is of the same meeting as the
/// document, and if all messages about the removal can be withdrawn. `None` also if the removal
/// caused no message, or if the home has a resource with this UID. `withdrawable` are the messages
/// about removals that nobody has received.
pub(super) fn removed_silently<'o>(
    object: &'o Object,
    document: &Document,
    withdrawable: &[Uuid],
    context: &DecisionContext<'_>,
) -> Option<&'o RemovedResource> {
    let is_gone = object.resources.is_empty();
    let removed = object.removed.as_deref().filter(|removed| is_gone && !removed.messages.is_empty())?;
    let can_be_withdrawn = removed.messages.iter().all(|message| withdrawable.contains(message));
    let is_same = || {
        scheduling::document(&removed.resource).is_ok_and(|copy| scheduling::is_same_meeting(&copy, document, context))
    };
    (can_be_withdrawn && is_same()).then_some(removed)
}

/// Returns the events that withdraw the messages about the removal.
pub(super) fn withdrawn(removed: &RemovedResource, object: &Object, context: &DecisionContext<'_>) -> Vec<ObjectEvent> {
    let withdraw = |message: &Uuid| {
        let (home, uid, message) = (context.home, object.uid.clone(), *message);
        ObjectEvent::MessageWithdrawn(MessageWithdrawn { home, uid, message })
    };
    removed.messages.iter().map(withdraw).collect()
}

/// Checks that the caller does not store a meeting that they organize in the home of somebody else,
/// because no invitation would be sent from there.
fn booked_for_another(document: &Document, context: &DecisionContext<'_>) -> Result<(), Refusal> {
    let organizer = document.root().components().find_map(Component::organizer);
    let principal = organizer.and_then(|organizer| context.address_book.principal(&organizer));
    let has_attendees = document.root().components().any(|component| component.property("ATTENDEE").is_some());
    if !context.is_foreign() || principal.is_none() || principal != context.actor || !has_attendees {
        return Ok(());
    }
    Err(Refusal::Scheduling(itip::Refusal {
        condition: itip::Condition::AllowedOrganizerSchedulingObjectChange,
        property: "ORGANIZER".to_owned(),
        instance: None,
        why: "nobody would be invited, because this calendar belongs to somebody else; store the meeting in a calendar of \
              your own, or name the calendar's owner as ORGANIZER"
            .to_owned(),
    }))
}

pub(crate) fn invalid(invalid: &validate::Invalid) -> Refusal {
    let why = invalid.to_string();
    match invalid.precondition {
        validate::Precondition::ValidCalendarData => Refusal::NotCalendarData { why },
        validate::Precondition::ValidCalendarObjectResource => Refusal::NotCalendarObject { why },
        validate::Precondition::SupportedRscale => Refusal::UnsupportedScale { why },
        validate::Precondition::ValidTimezone => Refusal::UnknownTimezone { why },
        validate::Precondition::MinDateTime => Refusal::TooEarly { why },
    }
}

/// Checks that the collection accepts the component; an empty list accepts all. A resource `known`
/// that already has this component there can be changed in any case, because its owner may have to
/// answer it.
pub(super) fn accepted(components: &[String], component: &str, known: Option<&Resource>) -> Result<(), Refusal> {
    let is_there = known.is_some_and(|known| known.component == component);
    if is_there || components.is_empty() || components.iter().any(|accepted| accepted == component) {
        Ok(())
    } else {
        Err(Refusal::UnsupportedComponent { component: component.to_owned() })
    }
}

/// Checks that the UID is unique in the calendar (RFC 4791 §5.3.2.1), and that the home has one
/// scheduling object resource per UID (RFC 6638 §3.2.4.1). `scheduled`: the resource to store is
/// one. If an invitation arrived although the owner had an event with its UID, both that event and
/// the new copy can still be changed.
fn unique(object: &Object, put: &Put, scheduled: bool) -> Result<(), Refusal> {
    let known = object.at(&put.place);
    let becomes_scheduled = scheduled && known.is_none_or(|known| known.content.schedule_tag.is_none());
    let mut others = object.resources.iter().filter(|other| other.place != put.place);
    let conflict = |other: &&Resource| {
        other.place.collection == put.place.collection
            || becomes_scheduled
            || (known.is_none() && other.content.schedule_tag.is_some())
    };
    match others.find(conflict) {
        None => Ok(()),
        Some(other) if scheduled || other.content.schedule_tag.is_some() => {
            Err(Refusal::SchedulingObjectNotUnique { by: other.place.clone() })
        }
        Some(other) => Err(Refusal::UidConflict { by: other.place.clone() }),
    }
}
