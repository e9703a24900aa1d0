//! The members of a group changed: the organizer's meetings with that group follow, as if he had stored them again.

use schemas::{ObjectEvent, object::Role};

use super::{
    Object, World,
    put::{self, Target},
    scheduling,
};
use crate::Refusal;

pub(super) fn decide(object: &Object, world: &World<'_>) -> Result<Vec<ObjectEvent>, Refusal> {
    let Some(known) = object.scheduled().filter(|known| known.content.role == Role::Organizer) else {
        return Ok(vec![]);
    };
    let before = scheduling::document(known);
    let Some(after) = scheduling::expanded(&before, world) else { return Ok(vec![]) };
    put::within(&after, world.limits)?;
    let plan = scheduling::plan(Some(&before), Some(&after), itip::ScheduleReply::Send, world)?;
    let target = Target { known: Some(known), place: &known.place, uid: &object.uid, component: &known.component };
    Ok(put::stored(&target, &after, plan, world))
}
