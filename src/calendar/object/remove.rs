//! Removes a resource, which can send a CANCEL or a decline (RFC 6638 §3.2.1.3, §3.2.2.4), or an
//! inbox item, which sends nothing.

use schemas::{
    ObjectEvent,
    object::{InboxItemRemoved, ObjectRemoved, Place},
};

use super::{DecisionContext, Object, scheduling};
use crate::{Refusal, Require};

#[derive(Debug, Clone)]
pub struct Remove {
    pub place: Place,
    pub require: Require,
    /// The header `Schedule-Reply` (RFC 6638 §8.1).
    pub reply: itip::ScheduleReply,
}

pub(super) fn decide(
    object: &Object,
    remove: &Remove,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let (home, uid, place) = (Some(context.home), Some(object.uid.clone()), remove.place.clone());
    if object.inbox.contains(&place) {
        return Ok(vec![ObjectEvent::InboxItemRemoved(InboxItemRemoved { home, uid, place })]);
    }
    let resource = object.at(&place).ok_or(Refusal::NotFound)?;
    remove.require.check(Some(resource))?;
    let before = scheduling::document(resource)?;
    let plan = scheduling::plan(object, (Some(&before), None), remove.reply, context)?;
    #[cfg(feature = "changed-rule")]
    let plan = if crate::changed_rule::is_changed() {
        scheduling::SchedulingOutcome { messages: vec![], ..plan }
    } else {
        plan
    };
    Ok(std::iter::once(ObjectEvent::Removed(ObjectRemoved { home, uid, place })).chain(plan.messages).collect())
}
