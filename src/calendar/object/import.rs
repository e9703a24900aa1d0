//! Decides on storing a resource that comes from another server. No message is sent, and answers
//! stay as they are.

use ical::{
    Document,
    repair::Repair,
    validate::{self, ObjectInfo},
};
use schemas::{
    ObjectEvent,
    edit::{Edit, EditReason},
    object::{Content, Imported, ObjectPut, Place, Role},
};
use uuid::Uuid;

use super::{
    DecisionContext, NameHolder, Object, Resource, SentBody, edits,
    limits::within,
    put::{self, accepted, invalid},
    scheduling,
};
use crate::{Refusal, tag};

/// A resource of another server.
#[derive(Debug, Clone)]
pub struct Import {
    /// The place for a new resource. A resource with the same UID in the same calendar keeps its
    /// own place.
    pub place: Place,
    /// The text, parsed by [`read`](super::read).
    pub document: Document,
    /// The repairs that were made to the text, in order.
    pub repairs: Vec<Repair>,
    /// The text as it was in the file.
    pub sent: SentBody,
    /// The file that the resource comes from.
    pub from: Imported,
    /// The components that the calendar accepts; empty if it accepts all.
    pub components: Vec<String>,
    /// The object that has a resource at `place` now.
    pub name_holder: NameHolder,
    /// The treatment of a resource that is not as an import stored it.
    pub present: Present,
    /// The messages that announced a removal and that nobody has received. They are withdrawn if
    /// the import restores the meeting.
    pub withdrawable: Vec<Uuid>,
}

/// The treatment of a resource that was changed here, or that no import stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    /// The resource stays.
    Stays,
    /// The import replaces the resource.
    IsReplaced,
}

/// The outcome of the import of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportOutcome {
    /// The import creates the resource, because the calendar does not have it.
    Created,
    /// The import replaces the resource: nothing but imports has changed it since an import stored
    /// it, or replacing was requested.
    Replaced,
    /// Nothing changes: the same text was imported before, or is stored already.
    Unchanged,
    /// The import leaves the existing resource, or its removal, as it is.
    Kept {
        /// The reason why the import leaves the resource or its removal as it is, for the operator.
        why: &'static str,
    },
}

impl Import {
    /// Returns the outcome of the import for the current state of the object.
    pub fn outcome(&self, object: &Object) -> ImportOutcome {
        let known = self.known(object);
        let is_repeated = object.imports.contains(&(self.place.collection, self.sent.sha256().to_owned()));
        match known {
            None if is_repeated => ImportOutcome::Kept {
                why: "an earlier import stored it, and it was removed or moved since: an import does not bring it back",
            },
            None => ImportOutcome::Created,
            Some(_) if is_repeated => ImportOutcome::Unchanged,
            Some(known) if known.content.ics == self.document.as_str() => ImportOutcome::Unchanged,
            Some(known) if known.is_as_imported || self.present == Present::IsReplaced => ImportOutcome::Replaced,
            Some(_) => ImportOutcome::Kept {
                why: "the object was changed here, or was not stored by an import; --replace replaces it",
            },
        }
    }

    /// Returns the resource with this UID in the calendar; `None` if there is none.
    fn known<'o>(&self, object: &'o Object) -> Option<&'o Resource> {
        object.resources.iter().find(|resource| resource.place.collection == self.place.collection)
    }
}

/// Returns the events that store the resource; empty if the import leaves the calendar as it is.
///
/// Returns an error if the text is invalid or exceeds a limit, if its components name different
/// organizers, if the calendar does not accept its component, or if the resource may not be at its
/// place (see [`check_place`]).
pub(super) fn decide(
    object: &Object,
    import: &Import,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let summary = validate::calendar_object(&import.document).map_err(|error| invalid(&error))?;
    accepted(&import.components, &summary.component, import.known(object))?;
    within(&import.document, context.limits)?;
    let owns = |address: &ical::Address| context.owns(address);
    let role = itip::calendar_user_role(&import.document, &owns).map_err(Refusal::Scheduling)?;
    let role = scheduling::role(&role);
    match import.outcome(object) {
        ImportOutcome::Unchanged | ImportOutcome::Kept { .. } => return Ok(vec![]),
        ImportOutcome::Created | ImportOutcome::Replaced => {}
    }
    let known = import.known(object);
    check_place(object, import, role)?;
    // The import restores a removed meeting, so the messages about the removal are withdrawn before
    // anybody receives them.
    let returns = put::removed_silently(object, &import.document, &import.withdrawable, context);
    let mut events = returns.map(|removed| put::withdrawn(removed, object, context)).unwrap_or_default();
    let place = known.map_or_else(|| import.place.clone(), |known| known.place.clone());
    events.push(ObjectEvent::Put(stored(import, place, summary, role, context)));
    Ok(events)
}

/// Checks that the resource may be at its place: no other object has the name, and no other
/// calendar of the home has the meeting (RFC 6638 §3.2.4.1).
fn check_place(object: &Object, import: &Import, role: Option<Role>) -> Result<(), Refusal> {
    if import.known(object).is_none() && import.name_holder == NameHolder::Another {
        return Err(Refusal::UidDiffers { at: import.place.clone() });
    }
    let is_elsewhere = |other: &&Resource| {
        let is_another = other.place.collection != import.place.collection;
        is_another && (role.is_some() || other.content.schedule_tag.is_some())
    };
    match object.resources.iter().find(is_elsewhere) {
        Some(other) => Err(Refusal::SchedulingObjectNotUnique { by: other.place.clone() }),
        None => Ok(()),
    }
}

fn stored(
    import: &Import,
    place: Place,
    summary: ObjectInfo,
    role: Option<Role>,
    context: &DecisionContext<'_>,
) -> ObjectPut {
    let mut edits: Vec<_> = edits::repairs(&import.repairs).collect();
    let ics = without_force_send(&import.document);
    edits.extend(ics.is_some().then_some(Edit::of(EditReason::ForceSendRemoved)));
    let ics = ics.unwrap_or_else(|| import.document.as_str().to_owned());
    ObjectPut {
        home: context.home,
        place,
        uid: summary.uid,
        component: summary.component,
        sent: import.sent.recorded(import.document.as_str(), &ics),
        edits,
        imported: Some(import.from.clone()),
        copied: None,
        content: Content {
            etag: tag::etag(&ics),
            schedule_tag: role.map(|_| tag::schedule_tag(context.act)),
            role: role.unwrap_or_default(),
            ics,
        },
    }
}

/// Returns the text without SCHEDULE-FORCE-SEND (RFC 6638 §7.2), which would make a later change
/// send messages; `None` if the text has none.
fn without_force_send(document: &Document) -> Option<String> {
    let mut edit = document.edit();
    for property in document.root().components().flat_map(ical::Component::properties) {
        if property.param("SCHEDULE-FORCE-SEND").is_some() {
            edit.remove_param(property.id(), "SCHEDULE-FORCE-SEND");
        }
    }
    (!edit.is_empty()).then(|| edit.finish())
}
