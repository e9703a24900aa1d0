//! Replays deliveries: the changes of a copy by received messages, its automatic answers, and
//! delivery reports.

use std::sync::Arc;

use ::delivery::{Copy, Environment, Outbound, Work, decide_again};
use calendar::object::{DecisionContext, Object};
use schemas::{Event, ObjectEvent, ObjectId, Recorded, principal::AutomaticAnswer};

use super::{Again, Replay, object::events};
use crate::{
    address_book::DirectoryAddressBook, collections, delivery::availability::HomeAvailability, error::Error,
    free_busy::HomeTime,
};

impl Replay<'_> {
    pub(super) fn delivery(
        &mut self,
        id: ObjectId,
        act: &[Recorded],
        context: &DecisionContext<'_>,
        book: &DirectoryAddressBook,
    ) -> Result<Again, Error> {
        let Some(work) = self.work(id, act, context) else {
            return Ok(Err("the scheduling message that was delivered is not in the journal, or cannot be read"));
        };
        let answer = book.0.by_id(work.home).map(|entry| entry.automatic_answer).unwrap_or_default();
        let models =
            if answer == AutomaticAnswer::None { self.shadow.models()? } else { self.shadow.with_busy_times()? };
        let default_calendars = collections::default_calendars(models, work.home)?;
        let nothing = Object::default();
        let object = self.known.objects.get(&id).unwrap_or(&nothing);
        let availability =
            HomeAvailability::new(HomeTime { models, book, home: work.home, availability: self.availability });
        let copy = Copy { object, default_calendars, answer, availability: &availability };
        let environment = Environment { now: context.now, limits: self.limits, address_book: book };
        let decided = decide_again(&work, copy, context.act, &environment);
        Ok(Ok(decided.map(|events| events.into_iter().map(Event::from).collect())))
    }

    /// Returns the work that the act carried out. `None` if one of the messages that it delivered
    /// is not known: the journal has no issued message with that id before the act, or its delivery
    /// was reported before.
    fn work(&self, id: ObjectId, act: &[Recorded], context: &DecisionContext<'_>) -> Option<Work> {
        let (mut reports, mut arrived) = (vec![], vec![]);
        for event in events(act) {
            match event {
                ObjectEvent::DeliveryReported(reported) => reports.push(reported.clone()),
                ObjectEvent::MessageReceived(received) => {
                    arrived.extend(&received.also);
                    arrived.push(received.message);
                }
                _ => {}
            }
        }
        let known = |message| self.known.issued.get(message).map(Arc::clone);
        let messages = arrived.iter().map(known).collect::<Option<Vec<Arc<Outbound>>>>()?;
        Some(Work::recorded(id, context.home, messages, reports))
    }
}
