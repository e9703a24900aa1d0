//! The system in which scheduling texts are played: homes with their calendar objects, and
//! immediate delivery of messages, without I/O.
//!
//! [`delivery::step`], which the server uses too, delivers the messages. This module runs it in
//! memory. The time advances one hour with each step, and ids are derived from a counter, so that
//! the texts can contain exact bytes.

mod people;

use std::collections::BTreeMap;

use calendar::{
    Limits, Refusal, Require,
    object::{
        Command, DecisionContext, DefaultCalendars, LookAgain, NameHolder, Object, Overwrite, Put, Relocate, Remove,
        SameMeeting, decide, evolve, read,
    },
};
use delivery::{Action, Copy, Due, Environment, Outbound, Route, Routes, State, Work, status, step};
use ical::{Address, repair::Repaired};
use itip::ScheduleReply;
use schemas::{
    Client, CollectionId, Metadata, ObjectEvent, ObjectId, Position, PrincipalId, Revision, Timestamp,
    object::{MessageIssued, Method, Place, Recipient, Visibility},
};
use uuid::Uuid;

use people::People;
pub use people::{ACCOUNTS, id};

/// Monday 2026-01-05, 11:00 UTC, in seconds since the epoch. The first step takes place an hour
/// later.
const START: i64 = 1_767_610_800;
const HOUR: i64 = 3_600;

/// The maximum number of delivery rounds. A conversation that needs more is a fault.
const MAX_ROUNDS: usize = 8;

/// The names of the collections in each home.
pub const COLLECTIONS: [&str; 3] = ["calendar", "private", "inbox"];

/// The events of one step in order, each with the name of the home's owner, or the refusal.
pub type Happened = Result<Vec<(String, ObjectEvent)>, Refusal>;

pub struct World {
    pub people: People,
    objects: BTreeMap<ObjectId, Object>,
    deliveries: State,
    /// The messages that may be delivered.
    due: Due,
    /// The number of messages issued so far, which gives them positions, revisions and event ids.
    issued: u64,
    acts: u128,
    now: i64,
    limits: Limits,
    /// The events of the current step, each with the name of the home's owner.
    happened: Vec<(String, ObjectEvent)>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            people: People::default(),
            objects: BTreeMap::new(),
            deliveries: State::default(),
            due: Due::All,
            issued: 0,
            acts: 0,
            now: START,
            limits: Limits::default(),
            happened: vec![],
        }
    }
}

impl World {
    /// Advances the time by one hour.
    pub fn later(&mut self) -> &mut Self {
        self.now += HOUR;
        self
    }

    /// Lets `who` store `ics`. It replaces the copy with the same UID if there is one, unless
    /// `name` is given.
    pub fn put(&mut self, who: &str, name: Option<&str>, ics: &str, require: Require) -> Happened {
        let copy = self.object(who, &uid(ics)).and_then(|object| object.resources.first());
        let place = match (name, copy) {
            (None, Some(copy)) => copy.place.clone(),
            (name, _) => Place { collection: calendar(who), name: name.unwrap_or("1.ics").to_owned() },
        };
        self.put_at(who, place, ics, require)
    }

    fn put_at(&mut self, who: &str, place: Place, ics: &str, require: Require) -> Happened {
        let Repaired { document, repairs } = read(ics.to_owned(), Timestamp::from_seconds(self.now), &self.limits)?;
        let put = Put {
            place,
            document,
            repairs,
            require,
            components: vec![],
            name_holder: NameHolder::Own,
            same_meeting: SameMeeting::Moves,
            sent: None,
            withdrawable: self.deliveries.withdrawable(&uid(ics)),
        };
        self.act(who, &uid(ics), &Command::Put(&put))
    }

    /// Lets `who` move the copy into another collection of the home.
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

    /// Lets `who` remove the copy and store `ics` in another collection before any message is
    /// delivered.
    pub fn recreate(&mut self, who: &str, of_uid: &str, collection: &str, ics: &str) -> Happened {
        self.due = Due::At(self.now());
        let mut happened = self.delete(who, of_uid, Require::default(), ScheduleReply::Send)?;
        self.due = Due::All;
        let place = Place { collection: CollectionId::derive(id(who), collection, 0), name: "2.ics".to_owned() };
        happened.extend(self.put_at(who, place, ics, Require::default())?);
        Ok(happened)
    }

    /// Lets `who` remove the copy.
    pub fn delete(&mut self, who: &str, of_uid: &str, require: Require, reply: ScheduleReply) -> Happened {
        let remove = Remove { place: self.place(who, of_uid), require, reply };
        self.act(who, of_uid, &Command::Remove(&remove))
    }

    /// Advances the time by `days` days. Then lets `who`, whose invitations are answered
    /// automatically, check a booking again.
    pub fn look_again(&mut self, who: &str, of_uid: &str, days: i64) -> Happened {
        self.now += days * 24 * HOUR;
        let availability = self.people.busy_periods(who);
        let look = LookAgain { answer: self.people.automatic_answer(who), availability: &availability };
        self.act(who, of_uid, &Command::LookAgain(&look))
    }

    /// Delivers a message of another server to `who`.
    pub fn receive(&mut self, who: &str, sender: &str, ics: &str) -> Vec<(String, ObjectEvent)> {
        self.acts += 1;
        let method = ics.lines().find_map(|line| line.strip_prefix("METHOD:")).expect("a message has a METHOD");
        let issued = MessageIssued {
            message: Uuid::from_u128(self.acts),
            method: method_of(method),
            uid: uid(ics),
            sender: sender.to_owned(),
            sender_home: id("elsewhere"),
            taken_over_from: None,
            recipients: vec![Recipient { address: format!("mailto:{who}@example.org"), principal: Some(id(who)) }],
            visibility: Visibility::Inbox,
            reason: String::new(),
            instances: vec![],
            ics: ics.to_owned(),
        };
        self.issue(issued);
        self.deliver(&uid(ics));
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
        self.acts += 1;
        let stream = ObjectId::derive(id(who), of_uid);
        let object = self.objects.get(&stream).cloned().unwrap_or_default();
        let context = DecisionContext {
            now: self.now(),
            act: Uuid::from_u128(self.acts),
            home: id(who),
            actor: Some(id(who)),
            limits: &self.limits,
            address_book: &self.people,
        };
        let events = decide(&object, command, &context)?;
        self.append(who, stream, events);
        self.deliver(of_uid);
        Ok(std::mem::take(&mut self.happened))
    }

    /// Delivers messages in rounds until none is due. The users of a round are sorted as in
    /// `ACCOUNTS`, so that texts show them in a constant order.
    fn deliver(&mut self, of_uid: &str) {
        for _ in 0..MAX_ROUNDS {
            let mut round = self.deliveries.round(of_uid, &Locals(&self.people), self.due);
            // Removes reports to senders on other servers.
            round.retain(|work| account(work.home).is_some());
            if round.is_empty() {
                return;
            }
            round.sort_by_key(|work| ACCOUNTS.iter().position(|name| id(name) == work.home));
            for work in &round {
                self.take_in(work);
            }
        }
        panic!("the conversation does not end");
    }

    fn take_in(&mut self, work: &Work) {
        let name = account(work.home).expect("only people of this world have work");
        let people = self.people.clone();
        let object = self.objects.get(&work.stream).cloned().unwrap_or_default();
        let calendar = people.has_calendar(name).then(|| calendar(name));
        let copy = Copy {
            object: &object,
            default_calendars: DefaultCalendars { events: calendar, tasks: calendar, journals: calendar },
            answer: people.automatic_answer(name),
            availability: &people.busy_periods(name),
        };
        let environment = Environment { now: self.now(), limits: &self.limits, address_book: &people };
        for action in step([(work, copy)], &environment) {
            match action {
                Action::Append { stream, events, .. } => self.append(name, stream, events),
                Action::Confirm { .. } => {}
                Action::Park { reason, .. } | Action::ParkAll { reason, .. } => panic!("parked: {reason}"),
            }
        }
        let after = self.objects.get(&work.stream).cloned().unwrap_or_default();
        self.deliveries.taken_in(work, &after);
    }

    fn append(&mut self, name: &str, stream: ObjectId, events: Vec<ObjectEvent>) {
        for event in events {
            let object = self.objects.remove(&stream).unwrap_or_default();
            self.objects.insert(stream, evolve(object, &event));
            if let ObjectEvent::MessageIssued(message) = &event {
                self.issue(message.clone());
            }
            if let ObjectEvent::MessageWithdrawn(withdrawn) = &event {
                self.deliveries.withdrawn(withdrawn.message);
            }
            self.happened.push((name.to_owned(), event));
        }
    }

    fn issue(&mut self, message: MessageIssued) {
        self.issued += 1;
        let (revision, position) = (Revision(self.issued), Position(self.issued));
        let event = Uuid::from_u128(u128::from(self.issued));
        let message = Outbound::new(message, event, self.metadata(), revision, position);
        self.deliveries.issued(message, self.now());
    }

    fn metadata(&self) -> Metadata {
        let client = Client { via: "DELETE".to_owned(), ..Client::default() };
        Metadata { at: self.now(), client, ..Metadata::default() }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.now)
    }
}

/// The routes of messages: to the homes of `People`, to the members of groups, and to no other
/// address.
struct Locals<'a>(&'a People);

impl Routes for Locals<'_> {
    fn route(&self, _: &MessageIssued, recipient: &Recipient) -> Route {
        let is_group = || Address::parse(&recipient.address).is_some_and(|group| self.0.is_group(&group));
        match recipient.principal {
            Some(home) => Route::Home(home),
            None if is_group() => Route::Members,
            None => Route::Nowhere(status::INVALID_USER),
        }
    }
}

fn account(home: PrincipalId) -> Option<&'static str> {
    ACCOUNTS.into_iter().find(|name| id(name) == home)
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

/// Returns the decoded UID of a calendar object, from which the id of its stream is derived.
pub(super) fn uid(text: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix("UID:")).expect("the text has a UID");
    ical::text::unescape_text(line).into_owned()
}
