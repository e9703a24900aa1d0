//! Searches again for conflicts of an accepted series, among later instances than the search
//! before. Two bookings may have been accepted before anybody could see that they overlap; then the
//! overlapping instances of one of them are declined.

use std::fmt;

use ical::time::Window;
use itip::automatic::OwnersTime;
use schemas::{
    ObjectEvent,
    object::{Content, ObjectRevised, RevisionReason, Role},
    principal::AutomaticAnswer,
};

use super::{Availability, DecisionContext, Object, conflicts::Conflicts, scheduling};
use crate::{Refusal, tag};

/// Searches again for conflicts of an accepted series in a home that answers automatically.
pub struct LookAgain<'a> {
    pub answer: AutomaticAnswer,
    pub availability: &'a dyn Availability,
}

impl fmt::Debug for LookAgain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LookAgain").field("answer", &self.answer).finish_non_exhaustive()
    }
}

pub(super) fn decide(
    object: &Object,
    look: &LookAgain<'_>,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let Some(copy) = object.scheduled().filter(|copy| copy.content.role == Role::Attendee) else { return Ok(vec![]) };
    let text = scheduling::document(copy)?;
    let (conflicts, zone) = (Conflicts::of(look.availability, &object.uid), look.availability.zone());
    let are_busy = |times: &[Window]| conflicts.are_busy(times);
    let change = scheduling::with_itip_context(context, |itip| {
        let time = OwnersTime { are_busy: &are_busy, takes: look.availability.takes(), zone: &zone };
        itip::automatic::look_again(&text, look.answer, &time, &object.comments, itip)
    });
    let (Some(change), Some(sender)) = (change, scheduling::own_address(&text, context)) else { return Ok(vec![]) };
    let Some(ics) = change.stored else { return Ok(vec![]) };
    let revised = ObjectEvent::Revised(ObjectRevised {
        home: Some(context.home),
        uid: Some(object.uid.clone()),
        place: copy.place.clone(),
        content: Content { etag: tag::etag(&ics), ics, ..copy.content.clone() },
        reason: RevisionReason::AutomaticAnswer,
        message: None,
        automatic: Some(conflicts.into_automatic(look.answer)),
    });
    let told = scheduling::issue(change.messages, &object.uid, sender.as_written(), context);
    Ok(std::iter::once(revised).chain(told).collect())
}
