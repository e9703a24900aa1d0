//! Updates a meeting after the members of a group changed, as if the organizer had stored the
//! meeting again.

use schemas::{
    ObjectEvent,
    edit::{Edit, EditReason},
};

use super::{
    DecisionContext, Object,
    limits::within,
    scheduling,
    stored::{Origin, Target, stored},
};
use crate::Refusal;

pub(super) fn decide(object: &Object, context: &DecisionContext<'_>) -> Result<Vec<ObjectEvent>, Refusal> {
    let Some(known) = object.organized() else {
        return Ok(vec![]);
    };
    let before = scheduling::document(known)?;
    let Some(after) = scheduling::expanded(None, &before, context) else { return Ok(vec![]) };
    within(&after, context.limits)?;
    let plan = scheduling::plan(object, (Some(&before), Some(&after)), itip::ScheduleReply::Send, context)?;
    let target = Target { known: Some(known), place: &known.place, uid: &object.uid, component: &known.component };
    let origin = Origin { edits: vec![Edit::of(EditReason::GroupsExpanded)], ..Origin::default() };
    stored(&target, origin, &after, plan, context)
}
