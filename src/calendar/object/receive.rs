//! Receives scheduling messages: adds the inbox item, changes the copy, answers automatically, and
//! updates the other attendees.

mod copy;
mod message;
mod outgoing;

use ical::{Address, Document};
use itip::inbound::{self, Effect, Pruned, Recipient, TagEffect};
use schemas::{
    CollectionId, Ignored, ObjectEvent,
    edit::Automatic,
    object::{
        Content, InboxItem, MessageReceived, Method, ObjectPut, ObjectRemoved, ObjectRevised, Outcome, Place,
        RevisionReason, Role, Visibility,
    },
    principal::AutomaticAnswer,
};
use uuid::Uuid;

use super::{DecisionContext, Object, evolve, limits, report, scheduling};
use copy::{Copy, Text};
pub use copy::{CopyText, ReadCopy};
pub use message::{DefaultCalendars, InboundMessage, ParsedMessage, Receive};

use crate::{Refusal, tag};

/// The events of a delivery, and the object after them.
#[derive(Debug)]
pub struct Received {
    pub events: Vec<ObjectEvent>,
    pub after: Object,
}

/// Records every delivery outcome and every message that was not recorded before. A message that
/// cannot be applied is recorded with the reason.
///
/// Returns an error only if a stored copy cannot be parsed.
pub(super) fn decide(
    object: &Object,
    receive: &Receive<'_>,
    context: &DecisionContext<'_>,
) -> Result<Received, Refusal> {
    let mut reception = Reception { object: object.clone(), events: vec![], receive, context };
    for event in report::decide(object, receive.reports, context) {
        reception.happen(event);
    }
    let organized = reception.object.organized().map(|resource| resource.content.ics.clone());
    let is_refresh = |message: &&ParsedMessage<'_>| message.incoming.visibility == Visibility::Silent;
    for alike in receive.messages.chunk_by(|one, next| is_refresh(one) && is_refresh(next)) {
        reception.take_in_together(alike)?;
    }
    if let Some(organized) = organized {
        reception.refresh_others(organized)?;
    }
    let Reception { object: after, events, .. } = reception;
    debug_assert_eq!(events.iter().fold(object.clone(), evolve), after, "the events lead to this state");
    Ok(Received { events, after })
}

/// The object while messages are applied to it, and the events so far.
struct Reception<'a> {
    object: Object,
    events: Vec<ObjectEvent>,
    receive: &'a Receive<'a>,
    context: &'a DecisionContext<'a>,
}

impl Reception<'_> {
    fn happen(&mut self, event: ObjectEvent) {
        self.object = evolve(std::mem::take(&mut self.object), &event);
        self.events.push(event);
    }

    /// Applies one message; or several silent messages, which update the other attendees' answers,
    /// as a single change of the copy.
    fn take_in_together(&mut self, messages: &[&ParsedMessage<'_>]) -> Result<(), Refusal> {
        // A repeated delivery changes nothing.
        let is_new = |message: &&&ParsedMessage<'_>| !self.object.received.contains(&message.incoming.message);
        let new: Vec<_> = messages.iter().filter(is_new).collect();
        if let [message] = new[..] {
            return self.take_in(message);
        }
        let (before, known) = (self.object.clone(), self.events.len());
        for (index, message) in new.iter().enumerate() {
            if !new[index + 1..].iter().any(|later| later.incoming.supersedes(message.incoming)) {
                self.take_in(message)?;
            }
        }
        let told = self.events.split_off(known);
        self.object = before;
        let arrived = new.iter().map(|message| message.incoming.message).collect();
        for event in gathered(told, arrived) {
            self.happen(event);
        }
        Ok(())
    }

    fn take_in(&mut self, reading: &ParsedMessage<'_>) -> Result<(), Refusal> {
        let incoming = reading.incoming;
        let message = match &reading.message {
            Ok(message) => message,
            Err(why) => {
                self.arrive(incoming, None, ignored(why.clone()));
                return Ok(());
            }
        };
        let copy = copy::copy(&self.object, message, self.receive.copy, self.context)?;
        let canonical = |address: &Address| self.context.address_book.canonical(address);
        let own;
        let read = match copy.as_ref().map(|copy| &copy.text) {
            Some(Text::Shared(read)) => Some(*read),
            Some(Text::Own(document)) => {
                own = inbound::Copy::read(document, &canonical);
                Some(&own)
            }
            None => None,
        };
        let Object { latest_replies, ending, comments, .. } = &self.object;
        let recipient = Recipient { copy: read, latest_replies, ending: *ending, comments };
        let received =
            scheduling::with_itip_context(self.context, |context| inbound::receive(message, &recipient, context));
        let text = read.map(inbound::Copy::document);
        let received = match self.exceeds(&received, message.document(), text) {
            Some(reason) => inbound::Received { effect: Effect::Unchanged { reason }, ..received },
            None => received,
        };
        self.apply(incoming, message.document(), copy.as_ref().zip(text), received);
        if incoming.method == Method::Request && self.receive.answer != AutomaticAnswer::None {
            self.answer(incoming)?;
        }
        Ok(())
    }

    /// Returns why the result of a message cannot be stored (RFC 6638 §11.1); `None` if it can.
    fn exceeds(&self, received: &inbound::Received, message: &Document, copy: Option<&Document>) -> Option<Ignored> {
        let result = match &received.effect {
            Effect::Created(ics) | Effect::Changed { ics, .. } => ics,
            Effect::Answered(_) | Effect::Unchanged { .. } => return None,
        };
        limits::fits_after(result, message, copy, self.context.limits).is_err().then_some(Ignored::TooLarge)
    }

    fn apply(
        &mut self,
        incoming: &InboundMessage,
        message: &Document,
        copy: Option<(&Copy, &Document)>,
        received: inbound::Received,
    ) {
        let component = component(message);
        let is_no_news = incoming.is_asked_for && received.effect == Effect::Unchanged { reason: Ignored::AlreadySo };
        let is_shown = received.notify && incoming.visibility == Visibility::Inbox && !is_no_news;
        let item = is_shown.then(|| self.item(incoming, &component));
        match (received.effect, copy) {
            (Effect::Answered(draft), copy) => {
                self.arrive(incoming, item, Outcome::Applied);
                let act = Uuid::new_v5(&self.context.act, incoming.message.as_bytes());
                let copy = copy.map_or(message, |(_, text)| text);
                self.issue(vec![draft], copy, &DecisionContext { act, ..*self.context });
            }
            (Effect::Unchanged { reason }, _) => self.arrive(incoming, item, ignored(reason)),
            (Effect::Changed { .. }, None) => self.arrive(incoming, item, ignored(Ignored::UnknownObject)),
            (Effect::Created(ics), _) => match self.receive.default_calendars.place_for(&component) {
                // RFC 4791 §5.3.2.1: another resource in the default calendar has the UID. The
                // owner finds the invitation in the inbox.
                Some(collection) if self.object.resources.iter().any(|other| other.place.collection == collection) => {
                    self.arrive(incoming, item, ignored(Ignored::UidInUse));
                }
                Some(collection) => {
                    self.arrive(incoming, item, Outcome::Applied);
                    self.create(incoming, collection, component, ics);
                }
                // RFC 6638 §4.3: an owner without any default calendar cannot be invited. One with
                // calendars for other components finds the invitation in the inbox.
                None => {
                    let has_calendars = self.receive.default_calendars != DefaultCalendars::default();
                    self.arrive(incoming, item.filter(|_| has_calendars), ignored(Ignored::NoCalendar));
                }
            },
            (Effect::Changed { ics, tag }, Some((copy, text))) => {
                self.arrive(incoming, item, Outcome::Applied);
                match self.tidied(incoming, &ics) {
                    Pruned::Unchanged => self.revise(incoming, (copy, text), ics, tag),
                    Pruned::Remaining(left) => self.revise(incoming, (copy, text), left, tag),
                    Pruned::Empty => {
                        let (home, uid) = (Some(self.context.home), Some(incoming.uid.clone()));
                        self.happen(ObjectEvent::Removed(ObjectRemoved { home, uid, place: copy.place.clone() }));
                    }
                }
            }
        }
    }

    /// After a CANCEL, removes cancelled components from a copy in a home that answers
    /// automatically, because no person does it there.
    fn tidied(&self, incoming: &InboundMessage, ics: &str) -> Pruned {
        if incoming.method != Method::Cancel || self.receive.answer == AutomaticAnswer::None {
            return Pruned::Unchanged;
        }
        let copy = Document::parse(ics.to_owned()).expect("an edited copy is as well-formed as it was");
        scheduling::with_itip_context(self.context, |context| inbound::remove_cancelled(&copy, context))
    }

    /// Returns the inbox item of a message (RFC 6638 §4.1).
    fn item(&self, incoming: &InboundMessage, component: &str) -> InboxItem {
        InboxItem {
            place: Place { collection: self.receive.inbox, name: format!("{}.ics", incoming.message) },
            component: component.to_owned(),
            etag: incoming.etag.clone(),
            ics: incoming.ics.clone(),
        }
    }

    fn arrive(&mut self, incoming: &InboundMessage, item: Option<InboxItem>, outcome: Outcome) {
        self.happen(ObjectEvent::MessageReceived(MessageReceived {
            message: incoming.message,
            also: vec![],
            home: self.context.home,
            method: incoming.method,
            uid: incoming.uid.clone(),
            sender: incoming.sender.clone(),
            outcome,
            answers: item.is_some().then(|| incoming.answers(self.context.now.seconds())).flatten(),
            item,
        }));
    }

    /// Stores a first invitation in the default calendar (RFC 6638 §4.1), under a name derived from
    /// the message's id.
    fn create(&mut self, incoming: &InboundMessage, collection: CollectionId, component: String, ics: String) {
        let content = Content {
            etag: tag::etag(&ics),
            schedule_tag: Some(tag::schedule_tag(incoming.message)),
            role: Role::Attendee,
            ics,
        };
        self.happen(ObjectEvent::Put(ObjectPut {
            home: self.context.home,
            place: Place { collection, name: format!("{}.ics", incoming.message) },
            uid: incoming.uid.clone(),
            component,
            content,
            sent: None,
            edits: vec![],
            imported: None,
            copied: None,
        }));
    }

    fn revise(&mut self, incoming: &InboundMessage, (copy, text): (&Copy, &Document), ics: String, effect: TagEffect) {
        if ics == text.as_str() {
            return;
        }
        let schedule_tag = match effect {
            TagEffect::Stays => copy.schedule_tag.clone(),
            TagEffect::Changes => Some(tag::schedule_tag(incoming.message)),
        };
        let role = match copy.role {
            // The owner stored this copy without scheduling. The message makes it an attendee's
            // copy.
            Role::None => Role::Attendee,
            role @ (Role::Organizer | Role::Attendee) => role,
        };
        let content = Content { etag: tag::etag(&ics), schedule_tag, role, ics };
        self.revised(incoming, copy.place.clone(), content, (incoming.revision_reason(), None));
    }

    fn revised(
        &mut self,
        incoming: &InboundMessage,
        place: Place,
        content: Content,
        (reason, automatic): (RevisionReason, Option<Automatic>),
    ) {
        let (home, uid, message) = (Some(self.context.home), Some(incoming.uid.clone()), Some(incoming.message));
        self.happen(ObjectEvent::Revised(ObjectRevised { home, uid, place, content, reason, message, automatic }));
    }
}

/// Combines the events of several silent messages: one event for the arrival of all `arrived`
/// messages, and the last of their changes of the copy.
fn gathered(events: Vec<ObjectEvent>, mut arrived: Vec<Uuid>) -> Vec<ObjectEvent> {
    let (mut arrival, mut created, mut revision) = (None, vec![], None);
    for event in events {
        match event {
            ObjectEvent::MessageReceived(received) => arrival = Some(received),
            ObjectEvent::Revised(revised) => revision = Some(revised),
            other => created.push(other),
        }
    }
    let Some(arrival) = arrival else { return vec![] };
    arrived.retain(|message| *message != arrival.message);
    let outcome = if revision.is_some() { Outcome::Applied } else { arrival.outcome.clone() };
    let message = Some(arrival.message);
    let arrival = ObjectEvent::MessageReceived(MessageReceived { also: arrived, outcome, ..arrival });
    let revision = revision.map(|revised| ObjectEvent::Revised(ObjectRevised { message, ..revised }));
    [arrival].into_iter().chain(created).chain(revision).collect()
}

fn ignored(reason: Ignored) -> Outcome {
    Outcome::Ignored { reason }
}

fn component(message: &Document) -> String {
    let mut names = message.root().components().map(|component| component.name().to_ascii_uppercase());
    names.find(|name| name != "VTIMEZONE").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_named_after_its_component_not_its_time_zone() {
        let zone = "BEGIN:VTIMEZONE\r\nTZID:X\r\nEND:VTIMEZONE\r\n";
        let todo = specimens::component("vtodo", "1", "SUMMARY:Report");
        let message = Document::parse(specimens::calendar(&format!("{zone}{todo}"))).expect("a message");
        assert_eq!(component(&message), "VTODO");
    }
}
