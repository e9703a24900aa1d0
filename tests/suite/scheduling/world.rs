//! The engine under the scheduling texts: homes with their calendar objects, and delivery at once,
//! without I/O.
//!
//! This is the one place of these tests that knows how messages are delivered. Time moves an hour
//! with each step and ids derive from a count, so that texts hold exact bytes.

mod people;

use std::collections::BTreeMap;

use calendar::{
    Limits, Refusal, Require,
    object::{
        Command, DecisionContext, DefaultCalendars, InboundMessage, NameHolder, Object, Overwrite, ParsedMessage, Put,
        Receive, Relocate, Remove, Report, SameMeeting, decide, evolve, read,
    },
};
use ical::{Address, repair::Repaired};
use itip::ScheduleReply;
use schemas::{
    CollectionId, ObjectEvent, ObjectId, Timestamp,
    object::{Delivery, DeliveryReported, MessageIssued, Method, Outcome, Place, Recipient, Visibility},
};
use uuid::Uuid;

use people::People;
pub use people::{ACCOUNTS, id};

/// 2026-01-05T11:00:00Z, a Monday: the first step is at noon.
const START: i64 = 1_767_610_800;
const HOUR: i64 = 3_600;

/// Rounds after which a conversation that does not end is a fault.
const MAX_ROUNDS: usize = 8;

/// The collections of each home.
pub const COLLECTIONS: [&str; 3] = ["calendar", "private", "inbox"];

/// The events of one step in order, each with the name of the home it happened in.
pub type Happened = Result<Vec<(String, ObjectEvent)>, Refusal>;

/// Reasons by which a home rejects a message, as in the delivery that runs.
const REJECTIONS: [&str; 8] = [
    "another-organizer",
    "no-calendar",
    "uid-in-use",
    "too-large",
    "unknown-object",
    "unknown-instance",
    "not-an-attendee",
    "not-the-organizer",
];

pub struct World {
    pub people: People,
    objects: BTreeMap<ObjectId, Object>,
    acts: u128,
    now: i64,
    limits: Limits,
    /// What happened in the step so far.
    happened: Vec<(String, ObjectEvent)>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            people: People::default(),
            objects: BTreeMap::new(),
            acts: 0,
            now: START,
            limits: Limits::default(),
            happened: vec![],
        }
    }
}

impl World {
    /// An hour passes.
    pub fn later(&mut self) -> &mut Self {
        self.now += HOUR;
        self
    }

    /// `who` stores `ics`, in place of the copy if there is one and no other `name` is given.
    pub fn put(&mut self, who: &str, name: Option<&str>, ics: &str, require: Require) -> Happened {
        let copy = self.object(who, uid(ics)).and_then(|object| object.resources.first());
        let place = match (name, copy) {
            (None, Some(copy)) => copy.place.clone(),
            (name, _) => Place { collection: calendar(who), name: name.unwrap_or("1.ics").to_owned() },
        };
        let Repaired { document, repairs } = read(ics.to_owned(), Timestamp::from_seconds(self.now), &self.limits)?;
        let put = Put {
            place,
            document,
            repairs,
            require,
            components: vec![],
            name_holder: NameHolder::Own,
            same_meeting: SameMeeting::Moves,
        };
        self.act(who, uid(ics), &Command::Put(&put))
    }

    /// `who` moves the copy into another collection of the home.
    pub fn relocate(&mut self, who: &str, of_uid: &str, collection: &str) -> Happened {
        let from = self.place(who, of_uid);
        let to = Place { collection: CollectionId::derive(id(who), collection, 0), name: from.name.clone() };
        let relocate = Relocate {
            from,
            to,
            overwrite: Overwrite::Forbidden,
            require: Require::default(),
            components: vec![],
            name_holder: NameHolder::Own,
        };
        self.act(who, of_uid, &Command::Relocate(&relocate))
    }

    /// `who` removes the copy.
    pub fn delete(&mut self, who: &str, of_uid: &str, require: Require, reply: ScheduleReply) -> Happened {
        let remove = Remove { place: self.place(who, of_uid), require, reply };
        self.act(who, of_uid, &Command::Remove(&remove))
    }

    /// A message from elsewhere arrives for `who`.
    pub fn receive(&mut self, who: &str, sender: &str, ics: &str) -> Vec<(String, ObjectEvent)> {
        self.acts += 1;
        let method = ics.lines().find_map(|line| line.strip_prefix("METHOD:")).expect("a message has a METHOD");
        let issued = MessageIssued {
            message: Uuid::from_u128(self.acts),
            method: method_of(method),
            uid: uid(ics).to_owned(),
            sender: sender.to_owned(),
            sender_home: id("elsewhere"),
            recipients: vec![],
            visibility: Visibility::Inbox,
            reason: String::new(),
            instances: vec![],
            ics: ics.to_owned(),
        };
        let issued = self.take_in(who, uid(ics), &[InboundMessage::of(&issued)]);
        self.deliver(uid(ics), issued);
        std::mem::take(&mut self.happened)
    }

    pub fn object(&self, who: &str, of_uid: &str) -> Option<&Object> {
        self.objects.get(&ObjectId::derive(id(who), of_uid))
    }

    fn place(&self, who: &str, of_uid: &str) -> Place {
        let copy = self.object(who, of_uid).and_then(|object| object.resources.first());
        copy.unwrap_or_else(|| panic!("{who} has no copy of {of_uid}")).place.clone()
    }

    fn act(&mut self, who: &str, of_uid: &str, command: &Command<'_>) -> Happened {
        let issued = self.run(who, of_uid, command)?;
        self.deliver(of_uid, issued);
        Ok(std::mem::take(&mut self.happened))
    }

    /// Delivers messages, and those they cause, until there are none.
    fn deliver(&mut self, of_uid: &str, mut issued: Vec<MessageIssued>) {
        let mut delivered = vec![];
        for _ in 0..MAX_ROUNDS {
            if issued.is_empty() && delivered.is_empty() {
                return;
            }
            let next = self.round(of_uid, &issued, &delivered);
            delivered = std::mem::replace(&mut issued, next);
        }
        panic!("the conversation does not end");
    }

    /// One round: senders learn the outcome of the round before, then recipients receive the new
    /// messages.
    fn round(&mut self, of_uid: &str, issued: &[MessageIssued], delivered: &[MessageIssued]) -> Vec<MessageIssued> {
        let mut next = vec![];
        for name in ACCOUNTS {
            let sent = delivered.iter().filter(|issued| issued.sender_home == id(name));
            let deliveries: Vec<_> = sent.filter_map(|issued| self.reported(issued)).collect();
            if !deliveries.is_empty() {
                let report = Report { deliveries };
                self.run(name, of_uid, &Command::Report(&report)).expect("a report refuses nothing");
            }
            let is_for = |issued: &&MessageIssued| {
                issued.recipients.iter().any(|recipient| recipient.principal == Some(id(name)))
            };
            let incoming: Vec<_> = issued.iter().filter(is_for).map(InboundMessage::of).collect();
            if !incoming.is_empty() {
                next.extend(self.take_in(name, of_uid, &incoming));
            }
        }
        next
    }

    fn take_in(&mut self, name: &str, of_uid: &str, incoming: &[InboundMessage]) -> Vec<MessageIssued> {
        let people = self.people.clone();
        let parsed: Vec<_> = incoming.iter().map(|message| ParsedMessage::of(message, &people)).collect();
        let calendar = people.has_calendar(name).then(|| calendar(name));
        let receive = Receive {
            messages: &parsed.iter().collect::<Vec<_>>(),
            inbox: CollectionId::derive(id(name), "inbox", 0),
            default_calendars: DefaultCalendars { events: calendar.clone(), tasks: calendar },
            answer: people.automatic_answer(name),
            availability: &people.busy_periods(name),
        };
        self.run(name, of_uid, &Command::Receive(&receive)).expect("receiving refuses nothing")
    }

    /// The delivery status of each recipient; `None` for a silent message, of which nothing is
    /// reported.
    fn reported(&self, issued: &MessageIssued) -> Option<DeliveryReported> {
        let delivery = |recipient: &Recipient| Delivery {
            address: recipient.address.clone(),
            status: self.status(issued.message, recipient).to_owned(),
        };
        let deliveries = issued.recipients.iter().map(delivery).collect();
        (issued.visibility == Visibility::Inbox).then_some(DeliveryReported {
            home: Some(issued.sender_home),
            uid: Some(issued.uid.clone()),
            message: issued.message,
            deliveries,
        })
    }

    fn status(&self, message: Uuid, recipient: &Recipient) -> &'static str {
        let Some(home) = recipient.principal else {
            let is_group = Address::parse(&recipient.address).is_some_and(|group| self.people.is_group(&group));
            return if is_group { "1.2" } else { "3.7" };
        };
        let is_refused = |event: &ObjectEvent| match event {
            ObjectEvent::MessageReceived(received) if received.message == message && received.home == home => {
                matches!(&received.outcome, Outcome::Ignored { reason } if REJECTIONS.contains(&reason.as_str()))
            }
            _ => false,
        };
        if self.happened.iter().any(|(_, event)| is_refused(event)) { "5.3" } else { "1.2" }
    }

    fn run(&mut self, who: &str, of_uid: &str, command: &Command<'_>) -> Result<Vec<MessageIssued>, Refusal> {
        self.acts += 1;
        let stream = ObjectId::derive(id(who), of_uid);
        let mut object = self.objects.get(&stream).cloned().unwrap_or_default();
        let context = DecisionContext {
            now: Timestamp::from_seconds(self.now),
            act: Uuid::from_u128(self.acts),
            home: id(who),
            actor: Some(id(who)),
            limits: &self.limits,
            address_book: &self.people,
        };
        let events = decide(&object, command, &context)?;
        let mut issued = vec![];
        for event in events {
            object = evolve(object, &event);
            if let ObjectEvent::MessageIssued(message) = &event {
                issued.push(message.clone());
            }
            self.happened.push((who.to_owned(), event));
        }
        self.objects.insert(stream, object);
        Ok(issued)
    }
}

fn method_of(name: &str) -> Method {
    match name {
        "REQUEST" => Method::Request,
        "REPLY" => Method::Reply,
        "ADD" => Method::Add,
        "CANCEL" => Method::Cancel,
        "REFRESH" => Method::Refresh,
        "COUNTER" => Method::Counter,
        "DECLINECOUNTER" => Method::DeclineCounter,
        other => panic!("no method of scheduling texts: {other}"),
    }
}

fn calendar(who: &str) -> CollectionId {
    CollectionId::derive(id(who), "calendar", 0)
}

fn uid(ics: &str) -> &str {
    ics.lines().find_map(|line| line.strip_prefix("UID:")).expect("the text has a UID")
}
