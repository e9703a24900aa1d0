//! Storing a resource: every precondition of RFC 4791 §5.3.2.1 and RFC 6638 §3.2.4, then the messages it causes.

use ical::{
    Component, Document,
    repair::{self, Repair, Repaired},
    rule::End,
    validate,
};
use schemas::{
    ObjectEvent, Timestamp,
    object::{Content, ObjectPut, Place, Role},
};

use super::{
    DecisionContext, Object, Resource,
    scheduling::{self, SchedulingOutcome},
};
use crate::{Limits, Refusal, Require, require::Seen, tag};

/// Which object holds the resource's name now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameHolder {
    /// None, or this object.
    Own,
    /// A resource with another UID.
    Another,
}

/// The organizer's side of a meeting that an attendee stores without having received it (RFC 6638 §3.2.2.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Invitation {
    /// The organizer is the owner, is not on this system, or has no such meeting.
    #[default]
    Unknown,
    /// The organizer's own copy.
    Meeting(String),
}

#[derive(Debug, Clone)]
pub struct Put {
    pub place: Place,
    /// The body of the request, parsed by [`read`].
    pub document: Document,
    /// The repairs that [`read`] made, in order.
    pub repairs: Vec<Repair>,
    pub require: Require,
    /// Components the collection accepts; empty: all.
    pub components: Vec<String>,
    pub name_holder: NameHolder,
    pub invitation: Invitation,
}

pub(super) fn decide(object: &Object, put: &Put, context: &DecisionContext<'_>) -> Result<Vec<ObjectEvent>, Refusal> {
    let known = object.at(&put.place);
    let seen = put.require.check(known)?;
    let summary = validate::calendar_object(&put.document).map_err(|error| invalid(&error))?;
    accepted(put, &summary.component)?;
    if put.name_holder == NameHolder::Another {
        return Err(Refusal::UidConflict { by: Some(put.place.clone()) });
    }
    let before = known.map(scheduling::document);
    let merged = match (&before, seen) {
        (Some(before), Seen::BeforeOthersAnswered) => scheduling::merged(&put.document, before, context),
        (Some(_), Seen::AsItIs) | (None, _) => None,
    };
    let document = merged.as_ref().unwrap_or(&put.document);
    let expanded = scheduling::expanded(document, context);
    let document = expanded.as_ref().unwrap_or(document);
    within(document, context.limits)?;
    // A changed answer is always sent; only a removal can ask for silence (RFC 6638 §8.1).
    let plan = scheduling::plan(before.as_ref(), Some(document), itip::ScheduleReply::Send, context)?;
    unique(object, put, plan.is_scheduled())?;
    if plan.role == Some(Role::Attendee) && object.scheduled().is_none() {
        invited(&put.invitation, document, context)?;
    }
    let target = Target { known, place: &put.place, uid: &summary.uid, component: &summary.component };
    Ok(stored(&target, document, plan, context))
}

/// The resource to write.
pub(super) struct Target<'a> {
    /// The current resource; `None` if it is new.
    pub known: Option<&'a Resource>,
    pub place: &'a Place,
    pub uid: &'a str,
    pub component: &'a str,
}

/// Returns the events for a planned change and its messages; empty if nothing changes.
pub(super) fn stored(
    target: &Target<'_>,
    document: &Document,
    plan: SchedulingOutcome,
    context: &DecisionContext<'_>,
) -> Vec<ObjectEvent> {
    let ics = plan.stored.unwrap_or_else(|| document.as_str().to_owned());
    if target.known.is_some_and(|resource| resource.content.ics == ics && plan.messages.is_empty()) {
        return vec![];
    }
    let new = Content {
        etag: tag::etag(&ics),
        // RFC 6638 §3.2.10: every direct change by HTTP changes it.
        schedule_tag: plan.role.map(|_| tag::schedule_tag(context.act)),
        role: plan.role.unwrap_or_default(),
        ics,
    };
    let put = ObjectEvent::Put(ObjectPut {
        home: context.home,
        place: target.place.clone(),
        uid: target.uid.to_owned(),
        component: target.component.to_owned(),
        content: new,
    });
    std::iter::once(put).chain(plan.messages).collect()
}

/// Checks that the attendee is invited to a meeting of an organizer on this system.
fn invited(invitation: &Invitation, sent: &Document, context: &DecisionContext<'_>) -> Result<(), Refusal> {
    let Invitation::Meeting(organizers) = invitation else { return Ok(()) };
    let Ok(organizers) = Document::parse(organizers.clone()) else { return Ok(()) };
    scheduling::with_itip_context(context, |context| itip::attendee::check_invited(sent, &organizers, context))
        .map_err(Refusal::Scheduling)
}

/// Parses and repairs the body of a request, within the limits. Whether it may be stored is decided
/// later. `now` becomes the DTSTAMP of components that state no time of their last change.
///
/// Returns an error if it exceeds a limit or is not iCalendar.
pub fn read(ics: String, now: Timestamp, limits: &Limits) -> Result<Repaired, Refusal> {
    if ics.len() > limits.max_resource_size_bytes {
        return Err(Refusal::TooLarge { limit_bytes: limits.max_resource_size_bytes });
    }
    let repaired = repair::calendar_object(ics, now.seconds());
    let repaired = repaired.map_err(|error| Refusal::NotCalendarData { why: error.to_string() })?;
    if repaired.document.as_str().len() > limits.max_resource_size_bytes {
        return Err(Refusal::TooLarge { limit_bytes: limits.max_resource_size_bytes });
    }
    within(&repaired.document, limits)?;
    Ok(repaired)
}

/// Checks the limits of one object.
pub(super) fn within(document: &Document, limits: &Limits) -> Result<(), Refusal> {
    let mut overridden = 0;
    let mut enumerated = 0;
    for component in document.root().components() {
        overridden += usize::from(component.property("RECURRENCE-ID").is_some());
        enumerated += instances_enumerated(component);
        if component.properties_named("ATTENDEE").count() > limits.max_attendees_per_instance {
            return Err(Refusal::TooManyAttendees { limit: limits.max_attendees_per_instance });
        }
    }
    // Overridden instances are among those that the master enumerates.
    if overridden.max(enumerated) > limits.max_instances {
        return Err(Refusal::TooManyInstances { limit: limits.max_instances });
    }
    Ok(())
}

/// Returns the number of instances that a component enumerates (RFC 4791 §5.2.8): one per RDATE, and the COUNT of a rule.
/// Rules with UNTIL or without an end are limited when a report expands them.
fn instances_enumerated(component: Component<'_>) -> usize {
    let counted = component.rules().filter_map(|rule| match rule.end {
        End::Count(count) => Some(usize::try_from(count).unwrap_or(usize::MAX)),
        End::Never | End::Until(_) => None,
    });
    let listed = component.properties_named("RDATE").map(|dates| dates.value().split(',').count());
    counted.chain(listed).fold(0, usize::saturating_add)
}

fn invalid(invalid: &validate::Invalid) -> Refusal {
    let why = invalid.to_string();
    match invalid.precondition {
        validate::Precondition::ValidCalendarData => Refusal::NotCalendarData { why },
        validate::Precondition::ValidCalendarObjectResource => Refusal::NotCalendarObject { why },
        validate::Precondition::SupportedRscale => Refusal::UnsupportedScale { why },
        validate::Precondition::ValidTimezone => Refusal::UnknownTimezone { why },
    }
}

fn accepted(put: &Put, component: &str) -> Result<(), Refusal> {
    if put.components.is_empty() || put.components.iter().any(|accepted| accepted == component) {
        Ok(())
    } else {
        Err(Refusal::UnsupportedComponent { component: component.to_owned() })
    }
}

/// Checks that the UID is unique in the calendar (RFC 4791 §5.3.2.1), and that the home has one scheduling object resource
/// per UID (RFC 6638 §3.2.4.1).
fn unique(object: &Object, put: &Put, scheduled: bool) -> Result<(), Refusal> {
    let mut others = object.resources.iter().filter(|other| other.place != put.place);
    let conflict = |other: &&Resource| {
        other.place.collection == put.place.collection || scheduled || other.content.schedule_tag.is_some()
    };
    match others.find(conflict) {
        None => Ok(()),
        Some(other) if scheduled || other.content.schedule_tag.is_some() => {
            Err(Refusal::SchedulingObjectNotUnique { by: other.place.clone() })
        }
        Some(other) => Err(Refusal::UidConflict { by: Some(other.place.clone()) }),
    }
}
