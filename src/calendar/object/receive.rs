//! Taking in scheduling messages: the inbox item, the changed copy, an automatic answer, the refresh of the others.

use std::fmt;

use ical::{Address, Document};
use itip::inbound::{Effect, Received, TagEffect, Tidied};
use schemas::{
    CollectionId, ObjectEvent,
    object::{
        Content, InboxItem, MessageIssued, MessageReceived, Method, ObjectPut, ObjectRemoved, ObjectRevised, Outcome,
        Place, RevisionReason, Role, Visibility,
    },
    principal::AutomaticAnswer,
};
use uuid::Uuid;

use super::{AddressBook, Availability, Object, Resource, World, evolve, scheduling, wording};
use crate::tag;

/// One message that arrives: read once for all its recipients.
#[derive(Debug)]
pub struct Incoming {
    message: Uuid,
    method: Method,
    uid: String,
    sender: String,
    visibility: Visibility,
    ics: String,
    etag: String,
    /// `None`: it cannot be read.
    document: Option<Document>,
}

impl Incoming {
    pub fn of(issued: &MessageIssued) -> Self {
        Self {
            message: issued.message,
            method: issued.method,
            uid: issued.uid.clone(),
            sender: issued.sender.clone(),
            visibility: issued.visibility,
            ics: issued.ics.clone(),
            etag: tag::etag(&issued.ics),
            document: Document::parse(issued.ics.as_str()).ok(),
        }
    }

    /// The message's identity: a repeated delivery is known by it.
    pub fn message(&self) -> Uuid {
        self.message
    }
}

/// A message as everybody reads it who knows calendar users by the same book.
#[derive(Debug)]
pub struct Reading<'a> {
    incoming: &'a Incoming,
    /// Or why nobody can take it in.
    message: Result<itip::inbound::Message<'a>, &'static str>,
}

impl<'a> Reading<'a> {
    pub fn of(incoming: &'a Incoming, book: &dyn AddressBook) -> Self {
        let same = |address: &Address| book.canonical(address);
        let document = incoming.document.as_ref().ok_or("not-calendar-data");
        let read = |document| itip::inbound::Message::read(document, &same).map_err(|_| "not-a-valid-message");
        Self { incoming, message: document.and_then(read) }
    }
}

/// Where a new invitation is put; `None`: nowhere, it is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Arrivals {
    pub events: Option<CollectionId>,
    pub tasks: Option<CollectionId>,
}

impl Arrivals {
    fn place_for(self, component: &str) -> Option<CollectionId> {
        if component == "VTODO" { self.tasks } else { self.events }
    }
}

/// Messages for one object, in the order they were issued.
pub struct Receive<'a> {
    pub incoming: &'a [&'a Reading<'a>],
    pub inbox: CollectionId,
    pub arrivals: Arrivals,
    pub answer: AutomaticAnswer,
    pub availability: &'a dyn Availability,
}

impl fmt::Debug for Receive<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receive").field("incoming", &self.incoming).field("answer", &self.answer).finish()
    }
}

/// Refuses nothing: what cannot be applied is recorded with its reason.
pub(super) fn decide(object: &Object, receive: &Receive<'_>, world: &World<'_>) -> Vec<ObjectEvent> {
    let mut reception = Reception { object: object.clone(), events: vec![], receive, world };
    for reading in receive.incoming {
        reception.take_in(reading);
    }
    reception.refresh_others(object);
    reception.events
}

/// The object as it becomes while messages are taken in, and what happened on the way.
struct Reception<'a> {
    object: Object,
    events: Vec<ObjectEvent>,
    receive: &'a Receive<'a>,
    world: &'a World<'a>,
}

impl Reception<'_> {
    fn happen(&mut self, event: ObjectEvent) {
        self.object = evolve(std::mem::take(&mut self.object), &event);
        self.events.push(event);
    }

    fn take_in(&mut self, reading: &Reading<'_>) {
        let incoming = reading.incoming;
        // Delivered twice: known by its id.
        if self.object.received.contains(&incoming.message) {
            return;
        }
        let message = match &reading.message {
            Ok(message) => message,
            Err(why) => return self.arrive(incoming, None, ignored(why)),
        };
        let copy = self.copy();
        let text = copy.as_ref().map(scheduling::document);
        let received = scheduling::with_context(self.world, |context| {
            itip::inbound::receive(message, text.as_ref(), &self.object.answers, context)
        });
        self.apply(incoming, message.document(), copy, received);
        if incoming.method == Method::Request && self.receive.answer != AutomaticAnswer::None {
            self.answer(incoming);
        }
    }

    /// The copy a message is about: the one that is scheduled, or one the owner stored without scheduling.
    fn copy(&self) -> Option<Resource> {
        self.object.scheduled().or_else(|| self.object.resources.first()).cloned()
    }

    fn apply(&mut self, incoming: &Incoming, message: &Document, copy: Option<Resource>, received: Received) {
        let component = component(message);
        let is_shown = received.notify && incoming.visibility == Visibility::Inbox;
        let item = is_shown.then(|| self.item(incoming, &component));
        match (received.effect, copy) {
            (Effect::Answered(draft), copy) => {
                self.arrive(incoming, item, Outcome::Applied);
                let act = Uuid::new_v5(&self.world.act, incoming.message.as_bytes());
                let copy = copy.as_ref().map(scheduling::document);
                self.issue(vec![draft], copy.as_ref().unwrap_or(message), &World { act, ..*self.world });
            }
            (Effect::Unchanged { reason }, _) => self.arrive(incoming, item, ignored(reason)),
            (Effect::Changed { .. }, None) => self.arrive(incoming, item, ignored("unknown-object")),
            (Effect::Created(ics), _) => match self.receive.arrivals.place_for(&component) {
                Some(collection) => {
                    self.arrive(incoming, item, Outcome::Applied);
                    self.create(incoming, collection, component, ics);
                }
                // RFC 6638 §4.3: who has no calendar to put it in cannot be invited.
                None => self.arrive(incoming, None, ignored("no-calendar")),
            },
            (Effect::Changed { ics, tag }, Some(copy)) => {
                self.arrive(incoming, item, Outcome::Applied);
                match self.tidied(incoming, &ics) {
                    Tidied::AsItWas => self.revise(incoming, copy, ics, tag),
                    Tidied::Left(left) => self.revise(incoming, copy, left, tag),
                    Tidied::Gone => self.happen(ObjectEvent::Removed(ObjectRemoved { place: copy.place })),
                }
            }
        }
    }

    /// Nobody looks into the calendar of whoever answers automatically: what is cancelled there only stands in the way.
    fn tidied(&self, incoming: &Incoming, ics: &str) -> Tidied {
        if incoming.method != Method::Cancel || self.receive.answer == AutomaticAnswer::None {
            return Tidied::AsItWas;
        }
        let copy = Document::parse(ics.to_owned()).expect("an edited copy is as well-formed as it was");
        scheduling::with_context(self.world, |context| itip::inbound::tidy(&copy, context))
    }

    /// What the owner finds in the inbox (RFC 6638 §4.1).
    fn item(&self, incoming: &Incoming, component: &str) -> InboxItem {
        InboxItem {
            place: Place { collection: self.receive.inbox, name: format!("{}.ics", incoming.message) },
            component: component.to_owned(),
            etag: incoming.etag.clone(),
            ics: incoming.ics.clone(),
        }
    }

    fn arrive(&mut self, incoming: &Incoming, item: Option<InboxItem>, outcome: Outcome) {
        self.happen(ObjectEvent::MessageReceived(MessageReceived {
            message: incoming.message,
            home: self.world.home,
            method: incoming.method,
            uid: incoming.uid.clone(),
            sender: incoming.sender.clone(),
            outcome,
            item,
        }));
    }

    /// A first invitation becomes a resource of the default calendar (RFC 6638 §4.1), under a name no client chooses.
    fn create(&mut self, incoming: &Incoming, collection: CollectionId, component: String, ics: String) {
        let content = Content {
            etag: tag::etag(&ics),
            schedule_tag: Some(tag::schedule_tag(incoming.message)),
            role: Role::Attendee,
            ics,
        };
        self.happen(ObjectEvent::Put(ObjectPut {
            home: self.world.home,
            place: Place { collection, name: format!("{}.ics", incoming.message) },
            uid: incoming.uid.clone(),
            component,
            content,
        }));
    }

    fn revise(&mut self, incoming: &Incoming, copy: Resource, ics: String, effect: TagEffect) {
        if ics == copy.content.ics {
            return;
        }
        let schedule_tag = match effect {
            TagEffect::Stays => copy.content.schedule_tag,
            TagEffect::Changes => Some(tag::schedule_tag(incoming.message)),
        };
        let role = match copy.content.role {
            // What the owner had stored unscheduled becomes the invitation's copy.
            Role::None => Role::Attendee,
            role @ (Role::Organizer | Role::Attendee) => role,
        };
        let content = Content { etag: tag::etag(&ics), schedule_tag, role, ics };
        let (reason, message) = (reason(incoming), Some(incoming.message));
        self.happen(ObjectEvent::Revised(ObjectRevised { place: copy.place, content, reason, message }));
    }

    /// Answers in the owner's name, if the mode and the diary say so.
    fn answer(&mut self, incoming: &Incoming) {
        let Some(copy) = self.object.scheduled().cloned() else { return };
        let text = scheduling::document(&copy);
        let Receive { answer, availability, .. } = *self.receive;
        let is_busy = |start, end| availability.is_busy(start, end, &incoming.uid);
        let change = scheduling::with_context(self.world, |context| {
            itip::automatic::answer(&text, wording::mode(answer), &is_busy, context)
        });
        let Some(change) = change else { return };
        if let Some(ics) = change.stored {
            let content = Content { etag: tag::etag(&ics), ics, ..copy.content };
            let (reason, message) = (RevisionReason::AutomaticAnswer, Some(incoming.message));
            self.happen(ObjectEvent::Revised(ObjectRevised { place: copy.place, content, reason, message }));
        }
        let act = Uuid::new_v5(&self.world.act, incoming.message.as_bytes());
        self.issue(change.messages, &text, &World { act, ..*self.world });
    }

    /// Once all answers are in, the other attendees' copies are brought up to date, silently.
    fn refresh_others(&mut self, before: &Object) {
        let is_answer = |event: &ObjectEvent| match event {
            ObjectEvent::Revised(revised) => revised.reason == RevisionReason::Reply,
            _ => false,
        };
        let (Some(was), Some(is)) = (before.scheduled(), self.object.scheduled()) else { return };
        if is.content.role != Role::Organizer || !self.events.iter().any(is_answer) {
            return;
        }
        let (was, is) = (scheduling::document(was), scheduling::document(is));
        let drafts = scheduling::with_context(self.world, |context| itip::organizer::refresh(&was, &is, context));
        self.issue(drafts, &is, self.world);
    }

    fn issue(&mut self, drafts: Vec<itip::Draft>, copy: &Document, world: &World<'_>) {
        let Some(sender) = scheduling::own_address(copy, world) else { return };
        let uid = scheduling::uid(Some(copy));
        for event in scheduling::issue(drafts, &uid, sender.as_written(), world) {
            self.happen(event);
        }
    }
}

fn ignored(reason: &str) -> Outcome {
    Outcome::Ignored { reason: reason.to_owned() }
}

fn reason(incoming: &Incoming) -> RevisionReason {
    match (incoming.visibility, incoming.method) {
        (Visibility::Silent, _) => RevisionReason::Refresh,
        (Visibility::Inbox, Method::Reply) => RevisionReason::Reply,
        (Visibility::Inbox, Method::Cancel) => RevisionReason::Cancel,
        (
            Visibility::Inbox,
            Method::Publish
            | Method::Request
            | Method::Add
            | Method::Refresh
            | Method::Counter
            | Method::DeclineCounter,
        ) => RevisionReason::Request,
    }
}

fn component(message: &Document) -> String {
    let mut names = message.root().components().map(|component| component.name().to_ascii_uppercase());
    names.find(|name| name != "VTIMEZONE").unwrap_or_default()
}
