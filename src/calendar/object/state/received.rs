//! Folds the messages that an object received.

use std::cell::OnceCell;

use ical::Document;
use schemas::{
    Ignored,
    object::{MessageReceived, Method, Outcome},
};

use super::{Cancellation, Object};

/// A received message. The text of its inbox item is parsed when it is first needed: the fold
/// parses no other iCalendar text.
struct Message<'a> {
    event: &'a MessageReceived,
    text: OnceCell<Option<Document>>,
}

impl Message<'_> {
    /// Returns the text of the inbox item; `None` if there is no item, or if it cannot be parsed.
    fn text(&self) -> Option<&Document> {
        let item = self.event.item.as_ref();
        self.text.get_or_init(|| item.and_then(|item| Document::parse(item.ics.clone()).ok())).as_ref()
    }
}

impl Object {
    pub(super) fn received(&mut self, received: &MessageReceived) {
        let message = Message { event: received, text: OnceCell::new() };
        self.settle_removal();
        self.note_cancellation(received);
        self.note_ending(&message);
        self.note_comments(&message);
        if self.uid.is_empty() {
            self.uid.clone_from(&received.uid);
        }
        self.received.insert(received.message);
        self.received.extend(&received.also);
        if let Outcome::Ignored { reason } = &received.outcome {
            let messages = [received.message].into_iter().chain(received.also.iter().copied());
            self.ignored.extend(messages.map(|message| (message, reason.clone())));
        }
        self.inbox.extend(received.item.as_ref().map(|item| item.place.clone()));
        self.note_answers(&message);
    }

    fn note_cancellation(&mut self, received: &MessageReceived) {
        let is_whole = match (received.method, &received.outcome) {
            (Method::Cancel, Outcome::Applied) => false,
            (Method::Cancel, Outcome::Ignored { reason: Ignored::NothingToCancel }) => true,
            (Method::Request | Method::Add, Outcome::Applied) => return self.cancellation = None,
            _ => return,
        };
        let (message, sender) = (received.message, received.sender.clone());
        self.cancellation = Some(Cancellation { message, sender, is_whole });
    }

    fn note_ending(&mut self, message: &Message<'_>) {
        self.ending = match (message.event.method, &message.event.outcome) {
            (Method::Cancel, Outcome::Applied) => self.ending.after(message.text()),
            (Method::Request | Method::Add, Outcome::Applied) => self.ending.after_request(),
            _ => return,
        };
    }

    /// Notes which comments a message of the organizer brought. A message without an inbox item
    /// does not count: it tells of the answers of others, and repeats the comments of the message
    /// before it.
    fn note_comments(&mut self, message: &Message<'_>) {
        let method = message.event.method;
        let is_organizers = matches!(method, Method::Request | Method::Add | Method::Cancel);
        let item = message.event.item.as_ref();
        let item = item.filter(|_| is_organizers && message.event.outcome == Outcome::Applied);
        let Some(item) = item else { return };
        // The first invitation writes the copy, and a REQUEST with the series replaces all comments
        // of the organizer. Until then, an imported copy may have comments of the organizer that no
        // message brought.
        let is_whole = || self.scheduled().is_none() || message.text().is_some_and(itip::inbound::has_series);
        if method == Method::Request && !self.comments.are_complete() && is_whole() {
            self.comments.complete();
        }
        if self.comments.may_change_by(&item.ics)
            && let Some(text) = message.text()
        {
            self.comments.note(method, text);
        }
    }

    /// Records the answers of a REPLY. A `scheduling-message-received.v1` has them only in the text
    /// of its inbox item. A stale reply has no inbox item and does not count.
    fn note_answers(&mut self, message: &Message<'_>) {
        if let Some(answers) = &message.event.answers {
            self.latest_replies.record(answers);
        } else if message.event.method == Method::Reply
            && let Some(reply) = message.text()
        {
            self.latest_replies.record(&itip::inbound::answers(reply));
        }
    }
}
