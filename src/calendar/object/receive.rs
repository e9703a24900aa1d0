//! Receives scheduling messages: adds the inbox item, changes the copy, answers automatically, and
//! updates the other attendees.

mod message;

use ical::{Document, time::Window};
use itip::automatic::OwnersTime;
use itip::inbound::{Effect, Pruned, Received, Recipient, TagEffect};
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

use super::{DecisionContext, Object, Resource, conflicts::Conflicts, evolve, limits, scheduling};
pub use message::{DefaultCalendars, InboundMessage, ParsedMessage, Receive};

use crate::{Refusal, tag};

/// Records every message that was not recorded before. A message that cannot be applied is recorded
/// with the reason.
///
/// Returns an error only if a stored copy cannot be parsed.
pub(super) fn decide(
    object: &Object,
    receive: &Receive<'_>,
    context: &DecisionContext<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let mut reception = Reception { object: object.clone(), events: vec![], receive, context };
    let is_refresh = |message: &&ParsedMessage<'_>| message.incoming.visibility == Visibility::Silent;
    for alike in receive.messages.chunk_by(|one, next| is_refresh(one) && is_refresh(next)) {
        reception.take_in_together(alike)?;
    }
    reception.refresh_others(object)?;
    Ok(reception.events)
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
        let copy = self.copy(message);
        let text = copy.as_ref().map(scheduling::document).transpose()?;
        let Object { latest_replies, ending, comments, .. } = &self.object;
        let recipient = Recipient { copy: text.as_ref(), latest_replies, ending: *ending, comments };
        let received =
            scheduling::with_itip_context(self.context, |context| itip::inbound::receive(message, &recipient, context));
        let received = match self.exceeds(&received, message.document(), text.as_ref()) {
            Some(reason) => Received { effect: Effect::Unchanged { reason }, ..received },
            None => received,
        };
        self.apply(incoming, message.document(), copy, received);
        if incoming.method == Method::Request && self.receive.answer != AutomaticAnswer::None {
            self.answer(incoming)?;
        }
        Ok(())
    }

    /// Returns the copy that a message concerns: the scheduling object resource, or, for a REQUEST,
    /// a resource that names its organizer and the owner. Other resources with the same UID belong
    /// to their owner alone. `None` if there is no copy.
    fn copy(&self, message: &itip::inbound::Message<'_>) -> Option<Resource> {
        let may_adopt = |resource: &&Resource| {
            let Ok(text) = scheduling::document(resource) else { return false };
            scheduling::with_itip_context(self.context, |itip| message.may_adopt(&text, itip))
        };
        self.object.scheduled().or_else(|| self.object.resources.iter().find(may_adopt)).cloned()
    }

    /// Returns why the result of a message cannot be stored (RFC 6638 §11.1); `None` if it can.
    fn exceeds(&self, received: &Received, message: &Document, copy: Option<&Document>) -> Option<Ignored> {
        let result = match &received.effect {
            Effect::Created(ics) | Effect::Changed { ics, .. } => ics,
            Effect::Answered(_) | Effect::Unchanged { .. } => return None,
        };
        limits::fits_after(result, message, copy, self.context.limits).is_err().then_some(Ignored::TooLarge)
    }

    fn apply(&mut self, incoming: &InboundMessage, message: &Document, copy: Option<Resource>, received: Received) {
        let component = component(message);
        let is_no_news = incoming.is_asked_for && received.effect == Effect::Unchanged { reason: Ignored::AlreadySo };
        let is_shown = received.notify && incoming.visibility == Visibility::Inbox && !is_no_news;
        let item = is_shown.then(|| self.item(incoming, &component));
        match (received.effect, copy) {
            (Effect::Answered(draft), copy) => {
                self.arrive(incoming, item, Outcome::Applied);
                let act = Uuid::new_v5(&self.context.act, incoming.message.as_bytes());
                let copy = copy.as_ref().and_then(|copy| scheduling::document(copy).ok());
                self.issue(vec![draft], copy.as_ref().unwrap_or(message), &DecisionContext { act, ..*self.context });
            }
            (Effect::Unchanged { reason }, _) => self.arrive(incoming, item, ignored(reason)),
            (Effect::Changed { .. }, None) => self.arrive(incoming, item, ignored(Ignored::UnknownObject)),
            (Effect::Created(ics), _) => match self.receive.default_calendars.place_for(&component) {
                // RFC 4791 §5.3.2.1: the UID is in use in that calendar. The owner finds the
                // invitation in the inbox.
                Some(collection) if self.object.resources.iter().any(|other| other.place.collection == collection) => {
                    self.arrive(incoming, item, ignored(Ignored::UidInUse));
                }
                Some(collection) => {
                    self.arrive(incoming, item, Outcome::Applied);
                    self.create(incoming, collection, component, ics);
                }
                // RFC 6638 §4.3: an owner without a calendar cannot be invited. An owner with
                // calendars only for other components finds the invitation in the inbox.
                None => {
                    let has_calendars = self.receive.default_calendars != DefaultCalendars::default();
                    self.arrive(incoming, item.filter(|_| has_calendars), ignored(Ignored::NoCalendar));
                }
            },
            (Effect::Changed { ics, tag }, Some(copy)) => {
                self.arrive(incoming, item, Outcome::Applied);
                match self.tidied(incoming, &ics) {
                    Pruned::Unchanged => self.revise(incoming, copy, ics, tag),
                    Pruned::Remaining(left) => self.revise(incoming, copy, left, tag),
                    Pruned::Empty => {
                        let (home, uid) = (Some(self.context.home), Some(incoming.uid.clone()));
                        self.happen(ObjectEvent::Removed(ObjectRemoved { home, uid, place: copy.place }));
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
        scheduling::with_itip_context(self.context, |context| itip::inbound::remove_cancelled(&copy, context))
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

    fn revise(&mut self, incoming: &InboundMessage, copy: Resource, ics: String, effect: TagEffect) {
        if ics == copy.content.ics {
            return;
        }
        let schedule_tag = match effect {
            TagEffect::Stays => copy.content.schedule_tag,
            TagEffect::Changes => Some(tag::schedule_tag(incoming.message)),
        };
        let role = match copy.content.role {
            // A copy that was stored without scheduling becomes the attendee's copy.
            Role::None => Role::Attendee,
            role @ (Role::Organizer | Role::Attendee) => role,
        };
        let content = Content { etag: tag::etag(&ics), schedule_tag, role, ics };
        self.revised(incoming, copy.place, content, (incoming.revision_reason(), None));
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

    /// Answers in the owner's name, if the automatic mode and the owner's availability allow it.
    fn answer(&mut self, incoming: &InboundMessage) -> Result<(), Refusal> {
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
    fn refresh_others(&mut self, before: &Object) -> Result<(), Refusal> {
        let is_answer = |event: &ObjectEvent| match event {
            ObjectEvent::Revised(revised) => revised.reason == RevisionReason::Reply,
            _ => false,
        };
        let (Some(was), Some(is)) = (before.scheduled(), self.object.scheduled()) else { return Ok(()) };
        if is.content.role != Role::Organizer || !self.events.iter().any(is_answer) {
            return Ok(());
        }
        let (was, is) = (scheduling::document(was)?, scheduling::document(is)?);
        let drafts =
            scheduling::with_itip_context(self.context, |context| itip::organizer::refresh(&was, &is, context));
        // RFC 6638 §4.2: this update of the other attendees is a SHOULD. If it is too large, they
        // get the answers with the next update by the organizer.
        if scheduling::delivered_bytes(&drafts) <= self.context.limits.max_refresh_bytes {
            self.issue(drafts, &is, self.context);
        }
        Ok(())
    }

    fn issue(&mut self, drafts: Vec<itip::Draft>, copy: &Document, context: &DecisionContext<'_>) {
        let Some(sender) = scheduling::own_address(copy, context) else { return };
        let uid = scheduling::uid(Some(copy));
        for event in scheduling::issue(drafts, &uid, sender.as_written(), context) {
            self.happen(event);
        }
    }
}

/// Combines the events of several silent messages: one event for the arrival of all of them, and
/// the last of their changes of the copy.
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
