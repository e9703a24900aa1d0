//! The members of a group changed: the organizer's meetings with that group follow, as if he had stored them again.

use ical::Document;
use schemas::{
    Event,
    object::{Content, ObjectPut, Role},
};

use super::{Object, World, put, scheduling};
use crate::{Refusal, tag};

pub(super) fn decide(object: &Object, world: &World<'_>) -> Result<Vec<Event>, Refusal> {
    let Some(known) = object.scheduled().filter(|known| known.content.role == Role::Organizer) else {
        return Ok(vec![]);
    };
    let before = scheduling::document(known);
    let after = scheduling::expanded(scheduling::document(known), world);
    if after.as_str() == before.as_str() {
        return Ok(vec![]);
    }
    put::within(&after, world.limits)?;
    let plan = scheduling::plan(Some(&before), Some(&after), itip::ScheduleReply::Send, world)?;
    let ics = plan.stored.unwrap_or_else(|| Document::into_string(after));
    let content = Content {
        etag: tag::etag(&ics),
        schedule_tag: plan.role.map(|_| tag::schedule_tag(world.act)),
        role: plan.role.unwrap_or_default(),
        ics,
    };
    let stored = Event::ObjectPut(ObjectPut {
        home: world.home,
        place: known.place.clone(),
        uid: object.uid.clone(),
        component: known.component.clone(),
        content,
    });
    Ok(std::iter::once(stored).chain(plan.messages).collect())
}
