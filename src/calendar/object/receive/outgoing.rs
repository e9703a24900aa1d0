//! Sends the messages that a delivery causes: the automatic answer, and the update of the other
//! attendees.

use ical::{Document, time::Window};
use itip::automatic::OwnersTime;
use schemas::{
    ObjectEvent,
    object::{Content, RevisionReason},
};
use uuid::Uuid;

use super::super::{DecisionContext, conflicts::Conflicts, scheduling};
use super::{InboundMessage, Receive, Reception};
use crate::{Refusal, tag};

impl Reception<'_> {
    /// Answers in the owner's name, if the automatic mode and the owner's availability allow it.
    pub(super) fn answer(&mut self, incoming: &InboundMessage) -> Result<(), Refusal> {
        let Some(copy) = self.object.scheduled().cloned() else { return Ok(()) };
        let text = scheduling::document(&copy)?;
        let Receive { answer, availability, .. } = *self.receive;
        let (zone, conflicts) = (availability.zone(), Conflicts::of(availability, &incoming.uid));
        let are_busy = |times: &[Window]| conflicts.are_busy(times);
        let change = scheduling::with_itip_context(self.context, |context| {
            let time = OwnersTime { are_busy: &are_busy, takes: availability.takes(), zone: &zone };
            itip::automatic::answer(&text, answer, &time, &self.object.comments, context)
        });
        let Some(change) = change else { return Ok(()) };
        if let Some(ics) = change.stored {
            let content = Content { etag: tag::etag(&ics), ics, ..copy.content };
            let automatic = conflicts.into_automatic(answer);
            self.revised(incoming, copy.place, content, (RevisionReason::AutomaticAnswer, Some(automatic)));
        }
        let act = Uuid::new_v5(&self.context.act, incoming.message.as_bytes());
        self.issue(change.messages, &text, &DecisionContext { act, ..*self.context });
        Ok(())
    }

    /// Updates the other attendees' copies silently, once for all replies of this delivery.
    /// `before`: the text of the organizer's object before them.
    pub(super) fn refresh_others(&mut self, before: String) -> Result<(), Refusal> {
        let is_answer = |event: &ObjectEvent| match event {
            ObjectEvent::Revised(revised) => revised.reason == RevisionReason::Reply,
            _ => false,
        };
        let Some(is) = self.object.organized().filter(|_| self.events.iter().any(is_answer)) else { return Ok(()) };
        let (was, is) = (scheduling::parsed(before)?, scheduling::document(is)?);
        let drafts =
            scheduling::with_itip_context(self.context, |context| itip::organizer::refresh(&was, &is, context));
        // RFC 6638 §4.2: this update of the other attendees is a SHOULD. If it is too large, they
        // get the answers with the next update by the organizer.
        if scheduling::delivered_bytes(&drafts) <= self.context.limits.max_refresh_bytes {
            self.issue(drafts, &is, self.context);
        }
        Ok(())
    }

    pub(super) fn issue(&mut self, drafts: Vec<itip::Draft>, copy: &Document, context: &DecisionContext<'_>) {
        let Some(sender) = scheduling::own_address(copy, context) else { return };
        let uid = scheduling::uid(Some(copy));
        for event in scheduling::issue(drafts, &uid, sender.as_written(), context) {
            self.happen(event);
        }
    }
}
