//! A small world without I/O: a few homes, their calendar objects, and a postman who delivers at once.
//! Time stands still unless it is moved; ids derive from a count: goldens hold exact bytes.

use std::collections::BTreeMap;

use calendar::{
    Limits, Refusal, Require,
    object::{
        AddressBook, Arrivals, Availability, Command, Incoming, Invitation, Object, Occupant, Put, Receive, Remove,
        World as Moment, decide, evolve,
    },
};
use ical::Address;
use itip::ScheduleReply;
use schemas::{
    CollectionId, Event, ObjectId, PrincipalId, Timestamp,
    object::{MessageIssued, Place},
    principal::AutomaticAnswer,
};
use uuid::Uuid;

/// 2026-01-05T12:00:00Z, a Monday.
const NOON: i64 = 1_767_614_400;
const PEOPLE: [&str; 5] = ["alice", "bob", "carol", "dave", "lake"];

/// Waves after which a conversation that does not end is a fault.
const MAX_WAVES: usize = 8;

pub struct World {
    objects: BTreeMap<ObjectId, Object>,
    names: BTreeMap<ObjectId, String>,
    acts: u128,
    now: i64,
    limits: Limits,
    /// What happened in the last step, in order: whose home, which event.
    pub happened: Vec<(String, Event)>,
}

/// Everybody has `mailto:NAME@example.org`; alice has an alias too.
pub struct People;

pub fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

impl AddressBook for People {
    fn principal(&self, address: &Address) -> Option<PrincipalId> {
        let canonical = self.canonical(address);
        let canonical = canonical.canonical();
        let name = canonical.strip_prefix("mailto:")?.strip_suffix("@example.org")?;
        PEOPLE.contains(&name).then(|| id(name))
    }

    fn canonical(&self, address: &Address) -> Address {
        if address.canonical() == "mailto:boss@example.org" {
            return Address::parse("mailto:alice@example.org").expect("an address");
        }
        address.clone()
    }
}

/// The room is busy for everything that begins on a Tuesday.
struct Tuesdays;

impl Availability for Tuesdays {
    fn is_busy(&self, start: i64, _end: i64, _except_uid: &str) -> bool {
        start.div_euclid(86_400).rem_euclid(7) == 5
    }
}

impl Default for World {
    fn default() -> Self {
        Self {
            objects: BTreeMap::new(),
            names: BTreeMap::new(),
            acts: 0,
            now: NOON,
            limits: Limits::default(),
            happened: vec![],
        }
    }
}

impl World {
    /// An hour passes.
    pub fn later(&mut self) -> &mut Self {
        self.now += 3_600;
        self
    }

    /// `who` stores `ics` in the default calendar and everything that follows is delivered.
    pub fn put(&mut self, who: &str, ics: &str) -> Result<(), Refusal> {
        let place = self.place(who, ics);
        let put = Put {
            place,
            ics: ics.to_owned(),
            require: Require::default(),
            components: vec![],
            occupant: Occupant::Own,
            invitation: Invitation::Unknown,
        };
        self.act(who, &uid(ics), &Command::Put(&put))
    }

    /// `who` removes the copy of `of_uid`.
    pub fn remove(&mut self, who: &str, of_uid: &str, reply: ScheduleReply) -> Result<(), Refusal> {
        let place = self.object(who, of_uid).resources.first().expect("there is a copy to remove").place.clone();
        let remove = Remove { place, require: Require::default(), reply };
        self.act(who, of_uid, &Command::Remove(&remove))
    }

    /// The copy `who` has.
    pub fn copy(&self, who: &str, of_uid: &str) -> String {
        self.object(who, of_uid).resources.first().map(|copy| copy.content.ics.clone()).unwrap_or_default()
    }

    pub fn object(&self, who: &str, of_uid: &str) -> &Object {
        static NONE: std::sync::LazyLock<Object> = std::sync::LazyLock::new(Object::default);
        self.objects.get(&ObjectId::derive(id(who), of_uid)).unwrap_or(&NONE)
    }

    fn place(&self, who: &str, ics: &str) -> Place {
        match self.object(who, &uid(ics)).resources.first() {
            Some(copy) => copy.place.clone(),
            None => Place { collection: calendar(who), name: "1.ics".to_owned() },
        }
    }

    fn act(&mut self, who: &str, of_uid: &str, command: &Command<'_>) -> Result<(), Refusal> {
        self.happened.clear();
        let mut wave = self.run(who, of_uid, command)?;
        for _ in 0..MAX_WAVES {
            if wave.is_empty() {
                return Ok(());
            }
            wave = self.deliver(&wave);
        }
        panic!("the conversation does not end");
    }

    fn deliver(&mut self, wave: &[MessageIssued]) -> Vec<MessageIssued> {
        let mut by_name: BTreeMap<&str, Vec<Incoming>> = BTreeMap::new();
        for issued in wave {
            for recipient in &issued.recipients {
                let Some(name) = PEOPLE.into_iter().find(|name| recipient.principal == Some(id(name))) else {
                    continue;
                };
                by_name.entry(name).or_default().push(incoming(issued));
            }
        }
        let of_uid = wave.first().map(|issued| issued.uid.clone()).unwrap_or_default();
        let mut next = vec![];
        for (name, incoming) in by_name {
            let receive = Receive {
                incoming: &incoming,
                inbox: CollectionId::derive(id(name), "inbox", 0),
                arrivals: Arrivals { events: Some(calendar(name)), tasks: Some(calendar(name)) },
                answer: if name == "lake" { AutomaticAnswer::Automatic } else { AutomaticAnswer::None },
                availability: &Tuesdays,
            };
            next.extend(self.run(name, &of_uid, &Command::Receive(&receive)).expect("receiving refuses nothing"));
        }
        next
    }

    fn run(&mut self, who: &str, of_uid: &str, command: &Command<'_>) -> Result<Vec<MessageIssued>, Refusal> {
        self.acts += 1;
        let stream = ObjectId::derive(id(who), of_uid);
        self.names.insert(stream, who.to_owned());
        let mut object = self.objects.get(&stream).cloned().unwrap_or_default();
        let moment = Moment {
            now: Timestamp::from_seconds(self.now),
            act: Uuid::from_u128(self.acts),
            home: id(who),
            limits: &self.limits,
            book: &People,
        };
        let events = decide(&object, command, &moment)?;
        let mut issued = vec![];
        for event in events {
            object = evolve(object, &event);
            if let Event::MessageIssued(message) = &event {
                issued.push(message.clone());
            }
            self.happened.push((who.to_owned(), event));
        }
        self.objects.insert(stream, object);
        Ok(issued)
    }
}

fn incoming(issued: &MessageIssued) -> Incoming {
    Incoming {
        message: issued.message,
        method: issued.method,
        uid: issued.uid.clone(),
        sender: issued.sender.clone(),
        visibility: issued.visibility,
        ics: issued.ics.clone(),
    }
}

fn calendar(who: &str) -> CollectionId {
    CollectionId::derive(id(who), "calendar", 0)
}

fn uid(ics: &str) -> String {
    let uid = ics.lines().find_map(|line| line.strip_prefix("UID:"));
    uid.expect("the text has a UID").trim_end().to_owned()
}
